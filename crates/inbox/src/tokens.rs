//! Counting tokens, with a real tokenizer: o200k, byte-pair encoding with 200,000 entries.
//!
//! Models differ in their tokenizers, and only OpenAI's newer ones have exactly this. For others it is close enough to
//! decide how much of a mail fits; what a call took is told by whoever answered, wherever they tell it.
//!
//! Time is linear in the text, whatever the text is: a mail comes from outside.

use bpe_openai::Tokenizer;

/// How many tokens `text` is.
pub(crate) fn count(text: &str) -> usize {
    tokenizer().count(text)
}

/// The longest beginning of `text` that is at most `most` tokens, cut between characters.
pub(crate) fn beginning(text: &str, most: usize) -> &str {
    let mut end = end_of(text, most);
    // What follows a piece of text has a say in how that piece is split, so the beginning alone may be a token or two
    // more than it was as part of the whole.
    loop {
        let kept = &text[..end];
        let over = count(kept).saturating_sub(most);
        if over == 0 {
            return kept;
        }
        end = end_of(kept, most.saturating_sub(over)).min(boundary(text, end.saturating_sub(1)));
    }
}

/// Where the first `most` tokens of `text` end; on the boundary of a character.
fn end_of(text: &str, most: usize) -> usize {
    let tokenizer = tokenizer();
    let (mut left, mut end) = (most, 0);
    for piece in tokenizer.split(text) {
        match tokenizer.bpe.count_till_limit(piece.as_bytes(), left) {
            Some(tokens) => {
                left -= tokens;
                end += piece.len();
            }
            None => {
                let tokens = tokenizer.bpe.encode_via_backtracking(piece.as_bytes());
                end += tokens.iter().take(left).map(|token| tokenizer.bpe.token_len(*token)).sum::<usize>();
                break;
            }
        }
    }
    boundary(text, end)
}

/// The last boundary of a character at or before `end`.
fn boundary(text: &str, end: usize) -> usize {
    (0..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Built at its first use, which takes a fraction of a second.
fn tokenizer() -> &'static Tokenizer {
    bpe_openai::o200k_base()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_published_encoding() {
        // From OpenAI's own tokenizer (o200k_base).
        for (text, tokens) in [("", 0), ("hello world", 2), ("Hello, world!", 4), ("antidisestablishmentarianism", 6)] {
            assert_eq!(count(text), tokens, "{text:?}");
        }
    }

    #[test]
    fn a_beginning_never_has_more_tokens_than_it_may_and_is_as_long_as_it_can_be() {
        let texts = [
            "Thank you for applying to Hooli. We would like to invite you to a first conversation next Tuesday."
                .repeat(9),
            "   \n\n \t  spaced    out \r\n\r\n   text  ".repeat(20),
            "数据工程师 面试邀请 🦀🦀🦀 données à caractère personnel ".repeat(20),
            "a".repeat(4000),
            "1234567890".repeat(100),
        ];
        for text in &texts {
            let all = count(text);
            for most in [0, 1, 2, 3, 17, 50, all.saturating_sub(1), all, all + 1] {
                let kept = beginning(text, most);
                assert!(text.starts_with(kept));
                assert!(count(kept) <= most, "{most}: {} of {text:.20?}", count(kept));
                if most >= all {
                    assert_eq!(kept, text);
                }
                // One that could take three more tokens' worth of characters would be too short.
                let longer: String = text.chars().take(kept.chars().count() + 16).collect();
                assert!(kept == text || count(&longer) > most, "{most}: {kept:?} is too short");
            }
        }
    }

    #[test]
    fn a_long_text_without_a_gap_takes_no_longer_than_its_length() {
        let text = "x".repeat(200_000);
        assert!(count(&text) > 1000);
        assert!(count(beginning(&text, 100)) <= 100);
    }
}
