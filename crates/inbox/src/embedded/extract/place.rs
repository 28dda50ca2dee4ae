//! Where the job is: a place that the mail announces, or that it is done from anywhere.

use std::sync::LazyLock;

use regex::Regex;

use super::names::{WORD, could_be_one};
use super::{boundary, compiled, tidy};

/// How far back a word can turn "remote" into its opposite, in bytes: more than the words that may stand in between.
const BEFORE_BYTES: usize = 48;

/// Ways to say it, the surest first. The place is in the group `place`.
static WAYS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let place = format!(r"{WORD}(?:\ (?:(?:am|an|der|de|la|on|upon|sur)\ )?{WORD}){{0,2}}(?:,\ {WORD}(?:\ {WORD})?)?");
    let single = format!(r"{WORD}(?:\ {WORD}){{0,2}}");
    [
        format!(r"\b(?:Location|Place\ of\ work|Based\ in):\ (?P<place>{place})"),
        format!(r"\b(?i:based|located|situated)\ (?:in|at|near)\ (?P<place>{place})"),
        format!(r"\b(?i:our|the|your)\ (?P<place>{single})\ (?i:office|studio|site|plant|headquarters|branch|campus|clinic|factory|warehouse)\b"),
        format!(r"\b(?i:office|offices|studio|site|plant|headquarters|branch|campus|store|hotel|restaurant|hospital|team)\ in\ (?P<place>{place})"),
        format!(r"\b(?i:hybrid|onsite|on-site|on\ site|role|position|job|vacancy)\ in\ (?P<place>{place})"),
    ]
    .iter()
    .map(|way| compiled(&format!("(?x){way}")))
    .collect()
});

static REMOTE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)\b(?:(?:fully|100\s?%|completely) remote|remote(?:[ -]first)?,? (?:role|position|job|contract|within|in|across|anywhere)|work from (?:home|anywhere)|working remotely)\b",
    )
});

/// Words that make "not remote" of it.
static NOT_REMOTE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?i)\b(?:not|no|isn'?t|can'?t|cannot|never|without)\b[^.!?\n]{0,24}$"));

/// The place that `text` announces.
pub(super) fn find(text: &str) -> Option<String> {
    let named = WAYS.iter().find_map(|way| {
        way.captures_iter(text)
            .filter_map(|found| found.name("place"))
            .find_map(|place| tidy(place.as_str()).filter(|place| could_be_one(place)))
    });
    named.or_else(|| is_remote(text).then(|| "Remote".to_owned()))
}

fn is_remote(text: &str) -> bool {
    REMOTE.find_iter(text).any(|found| {
        let before = &text[boundary(text, found.start().saturating_sub(BEFORE_BYTES))..found.start()];
        !NOT_REMOTE.is_match(before)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_where_the_mail_announces_it() {
        for (text, expected) in [
            ("a training contract in our Leeds office commencing in September", "Leeds"),
            ("Location: Frankfurt am Main, Germany", "Frankfurt am Main, Germany"),
            ("The team is based in Austin, TX.", "Austin, TX"),
            ("Hybrid in São Paulo, three days", "São Paulo"),
            ("our new office in Den Haag!", "Den Haag"),
            ("remote within the EU", "Remote"),
            ("it is a fully remote job", "Remote"),
        ] {
            assert_eq!(find(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn no_place_is_made_up() {
        for text in [
            "We are located in The",
            "it can't be a fully remote job",
            "use the remote control",
            "our Monday office hours",
            "in March we move",
            "",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
