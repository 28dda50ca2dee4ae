//! What stands around a finding, for rules that look at a word's surroundings.

use std::ops::Range;

use super::boundary;

/// How far a sentence is followed to either side of a finding, in bytes: longer ones change the subject before they end.
const AROUND_BYTES: usize = 160;

/// The sentence that `place` of `text` is in: ended by a full stop or the like before a blank, or by the end of a line.
pub(super) fn sentence_around(text: &str, place: &Range<usize>) -> Range<usize> {
    let (from, to) = around(text, place);
    let before = &text[from..place.start];
    let after = &text[place.end..to];
    let start = ends(before).last().map_or(from, |end| from + end);
    let end = ends(after).next().map_or(to, |end| place.end + end);
    start..end
}

/// As much of `text` around `place` as is looked at.
fn around(text: &str, place: &Range<usize>) -> (usize, usize) {
    let from = boundary(text, place.start.saturating_sub(AROUND_BYTES));
    let to = boundary(text, (place.end + AROUND_BYTES).min(text.len()));
    (from, to.max(place.end))
}

/// Where sentences of `text` end.
fn ends(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().filter_map(|(at, character)| {
        let end = at + character.len_utf8();
        let closes = character == '\n'
            || (matches!(character, '.' | '!' | '?' | ';') && text[end..].starts_with(char::is_whitespace));
        closes.then_some(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_stop_within_a_number_or_a_name_ends_nothing() {
        let text = "Hi. Pay is 14.50 an hour, says a.b@shop.example! Yes?\nBye";
        for (finding, sentence) in
            [("14.50", "Pay is 14.50 an hour, says a.b@shop.example!"), ("Yes", "Yes?"), ("Bye", "Bye"), ("Hi", "Hi.")]
        {
            let start = text.find(finding).unwrap();
            let around = sentence_around(text, &(start..start + finding.len()));
            assert_eq!(text[around].trim(), sentence, "{finding}");
        }
    }

    #[test]
    fn a_sentence_without_an_end_is_followed_as_far_as_the_bound() {
        let text = "é".repeat(1_000);
        let around = sentence_around(&text, &(1_000..1_002));
        assert!(around.len() <= 2 * AROUND_BYTES + 2 && around.len() > AROUND_BYTES, "{around:?}");
    }
}
