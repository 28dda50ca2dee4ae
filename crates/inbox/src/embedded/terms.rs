//! A mail as terms: its words and pairs of words, those of the subject once more apart.
//!
//! Words are those of Unicode's text segmentation, in lower case, with every number as `0`. Addresses and parts of links
//! are no words: they would be learned by heart. Linear in the mail, and nothing beyond [`MOST_WORDS`] is read.

use unicode_segmentation::UnicodeSegmentation;

use crate::mail::Mail;

/// As many words as 8,192 tokens of English are, roughly: what no model of this size would read, isn't read here.
const MOST_WORDS: usize = 6_000;

/// Longer words (encoded data, a key held down) are in no dictionary.
const LONGEST_WORD_BYTES: usize = 40;

/// A term and where it stands in the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term<'m> {
    /// What it is known by.
    pub(super) name: String,
    /// How the mail has it.
    pub(super) text: &'m str,
}

/// All terms of `mail`, with their repetitions.
pub(super) fn terms(mail: &Mail) -> Vec<Term<'_>> {
    let mut found = Vec::new();
    let left = read(&mail.subject, MOST_WORDS, |name, text| {
        found.push(Term { name: format!("subject: {name}"), text });
        found.push(Term { name, text });
    });
    read(&mail.snippet, left, |name, text| found.push(Term { name, text }));
    found
}

/// Tells `term` every word and pair of words among the first `most` words of `text`; how many words more might have been read.
fn read<'m>(text: &'m str, most: usize, mut term: impl FnMut(String, &'m str)) -> usize {
    let mut left = most;
    let mut before: Option<(usize, usize, String)> = None;
    for (start, word) in text.unicode_word_indices() {
        if left == 0 {
            break;
        }
        left -= 1;
        let end = start + word.len();
        let Some(name) = name(word) else {
            before = None;
            continue;
        };
        if let Some((first, last, earlier)) = before.take()
            && text[last..start].chars().all(|between| between.is_whitespace() || between == '-')
        {
            term(format!("{earlier} {name}"), &text[first..end]);
        }
        term(name.clone(), word);
        before = Some((start, end, name));
    }
    left
}

/// What a word is known by, if it is one that can be known.
fn name(word: &str) -> Option<String> {
    let part_of_an_address = word.contains('_') || matches!(word, "http" | "https" | "www");
    if word.len() > LONGEST_WORD_BYTES || part_of_an_address {
        return None;
    }
    let mut name = String::with_capacity(word.len());
    for character in word.chars().flat_map(char::to_lowercase) {
        match character {
            '’' => name.push('\''),
            '.' | ',' | ':' if name.ends_with('0') => {}
            // Between letters: a name of the network, an abbreviation.
            '.' | ':' => return None,
            _ if character.is_numeric() => {
                if !name.ends_with('0') {
                    name.push('0');
                }
            }
            _ => name.push(character),
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(subject: &str, snippet: &str) -> Vec<String> {
        let mail = Mail { subject: subject.to_owned(), snippet: snippet.to_owned(), sender: None };
        terms(&mail).into_iter().map(|term| term.name).collect()
    }

    #[test]
    fn words_and_pairs_are_terms_and_a_full_stop_parts_a_pair() {
        assert_eq!(
            names("", "Pleased to\n offer. Welcome"),
            ["pleased", "pleased to", "to", "to offer", "offer", "welcome"]
        );
    }

    #[test]
    fn the_subjects_terms_count_twice_over_as_themselves_and_as_the_subjects() {
        assert_eq!(
            names("Your offer", ""),
            ["subject: your", "your", "subject: your offer", "your offer", "subject: offer", "offer"]
        );
    }

    #[test]
    fn numbers_are_alike_and_addresses_are_no_words() {
        for (text, expected) in [
            ("$120,000", vec!["0"]),
            ("10:30", vec!["0", "0"]),
            ("4pm", vec!["0pm"]),
            ("We’re", vec!["we're"]),
            ("ÜBER", vec!["über"]),
            ("https://jobs.example.com", vec![]),
            ("🎉 ✨", vec![]),
            (" \t\r\n", vec![]),
            ("\0", vec![]),
        ] {
            assert_eq!(names("", text), expected, "{text:?}");
        }
    }

    #[test]
    fn no_more_than_the_bounds_is_read() {
        assert_eq!(names("", &"a ".repeat(MOST_WORDS + 100)).len(), 2 * MOST_WORDS - 1);
        assert_eq!(names("", &"a".repeat(LONGEST_WORD_BYTES + 1)), Vec::<String>::new());
    }

    #[test]
    fn a_term_is_found_in_the_mail_as_it_is_spelled_there() {
        let mail = Mail { subject: "An OFFER".into(), snippet: "Start Date: 3 May".into(), sender: None };
        for term in terms(&mail) {
            assert!(mail.subject.contains(term.text) || mail.snippet.contains(term.text), "{term:?}");
        }
    }
}
