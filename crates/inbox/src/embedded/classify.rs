//! What a mail wants, how sure that is, and which words said so.

use super::terms::terms;
use super::weights::{PerIntent, Voice, Weights};
use crate::intent::Intent;
use crate::mail::Mail;

/// As many words as a sentence takes.
const MOST_REASONS: usize = 3;

/// Fewer letters make a number, an initial, a word that stands in every mail.
const LEAST_LETTERS: usize = 3;

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Classified {
    pub(super) intent: Intent,
    pub(super) probabilities: PerIntent,
    /// In the mail's own spelling, what spoke most for the intent; none if nothing did.
    pub(super) reasons: Vec<String>,
}

impl Classified {
    /// The intent's probability.
    pub(super) fn confidence(&self) -> f64 {
        self.probabilities.iter().copied().fold(0.0, f64::max)
    }

    /// The reasons as a sentence.
    pub(super) fn reasoning(&self) -> String {
        let quoted: Vec<String> = self.reasons.iter().map(|reason| format!("`{reason}`")).collect();
        match quoted.as_slice() {
            [] => format!("no word that I know speaks for {}", self.intent),
            [one] => format!("{one} speaks for {}", self.intent),
            all => format!("{} speak for {}", all.join(", "), self.intent),
        }
    }
}

/// Sorts `mail`. One of which no word is known is `other` at the confidence of a guess: nothing was learned about such mails.
pub(super) fn classify(weights: &Weights, mail: &Mail) -> Classified {
    let terms = terms(mail);
    let voices = weights.voices(&terms);
    if voices.is_empty() {
        let guess = 1.0 / Intent::ALL.len() as f64;
        return Classified { intent: Intent::Other, probabilities: [guess; Intent::ALL.len()], reasons: Vec::new() };
    }
    let probabilities = weights.probabilities(&voices);
    let (place, intent) = Intent::ALL
        .into_iter()
        .enumerate()
        .max_by(|(a, _), (b, _)| probabilities[*a].total_cmp(&probabilities[*b]))
        .expect("there are intents");
    Classified { intent, probabilities, reasons: reasons(voices, place) }
}

/// What spoke most for the intent at `place`, compared with what it said for the others on average. Left out are words that
/// explain nothing to a reader, and those of a pair, or the pair of a word, that spoke louder.
fn reasons(voices: Vec<Voice<'_>>, place: usize) -> Vec<String> {
    let mut loud: Vec<(f64, String)> = voices
        .into_iter()
        .map(|voice| {
            let average = voice.adds.iter().sum::<f64>() / voice.adds.len() as f64;
            let spelled = voice.text.split_whitespace().collect::<Vec<_>>().join(" ");
            (voice.adds[place] - average, spelled)
        })
        .filter(|(spoke, text)| *spoke > 0.0 && explains(text))
        .collect();
    loud.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut reasons: Vec<String> = Vec::new();
    for (_, text) in loud {
        if reasons.len() == MOST_REASONS {
            break;
        }
        let said = reasons.iter().any(|reason| contains_words(reason, &text) || contains_words(&text, reason));
        if !said {
            reasons.push(text);
        }
    }
    reasons
}

/// Whether a reader can make something of `text` alone: not of "I", "a", "12".
fn explains(text: &str) -> bool {
    text.chars().filter(|character| character.is_alphabetic()).count() >= LEAST_LETTERS
}

/// Whether `words` are among those of `text`, whatever their case.
fn contains_words(text: &str, words: &str) -> bool {
    let padded = |text: &str| format!(" {} ", text.to_lowercase());
    padded(text).contains(&padded(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::adversaries;
    use crate::embedded::data::training;

    #[test]
    fn reasons_are_words_of_the_mail_and_never_the_same_twice() {
        for mail in training().iter().map(|labelled| &labelled.mail) {
            let blanks_made_single = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text = [&mail.subject, &mail.snippet].map(|text| blanks_made_single(text));
            let answer = classify(Weights::built_in(), mail);
            assert!(answer.reasons.len() <= MOST_REASONS, "{}", mail.subject);
            for (place, reason) in answer.reasons.iter().enumerate() {
                assert!(text.iter().any(|text| text.contains(reason.as_str())), "{reason}: {text:?}");
                assert!(
                    !answer.reasons[..place].iter().any(|other| contains_words(other, reason)),
                    "{:?}",
                    answer.reasons
                );
            }
        }
    }

    #[test]
    fn reasoning_is_a_sentence_about_them() {
        let with = |reasons: &[&str]| {
            let reasons = reasons.iter().map(|reason| (*reason).to_owned()).collect();
            Classified { intent: Intent::Offer, probabilities: [0.125; 8], reasons }.reasoning()
        };
        assert_eq!(with(&["pleased to offer", "start date"]), "`pleased to offer`, `start date` speak for offer");
        assert_eq!(with(&["start date"]), "`start date` speaks for offer");
        assert_eq!(with(&[]), "no word that I know speaks for offer");
    }

    #[test]
    fn a_mail_that_says_nothing_is_sorted_without_confidence() {
        for snippet in ["", " \n\t ", "\0", "🎉🎉", "数据工程师", "xqzt vbnk"] {
            let answer = classify(Weights::built_in(), &Mail { snippet: snippet.to_owned(), ..Mail::default() });
            assert_eq!((answer.intent, answer.confidence()), (Intent::Other, 0.125), "{snippet:?}");
            assert_eq!(answer.reasons, Vec::<String>::new(), "{snippet:?}");
        }
    }

    #[test]
    fn probabilities_are_probabilities_whatever_the_mail() {
        for text in adversaries() {
            let answer = classify(Weights::built_in(), &Mail { subject: text.clone(), snippet: text, sender: None });
            assert!((answer.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(answer.probabilities.iter().all(|one| (0.0..=1.0).contains(one)));
        }
    }
}
