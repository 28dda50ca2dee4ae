//! What names look like, shared by the rules that look for them after a word that announces one.

/// A word with a capital, and what stands within names: `O'Brien`, `Wi-Fi`, `C++`, `A&E`, `H.265`.
pub(super) const WORD: &str = r"\p{Lu}[\p{L}\p{N}+\#'’]*(?:[-&/.][\p{L}\p{N}+\#]+)*";

/// A name of one to five such words, with the little words between them.
pub(super) fn name() -> String {
    format!(r"{WORD}(?:\ (?:(?:&|of|and|the|for|de|la|von|van|del)\ ){{0,2}}{WORD}){{0,4}}")
}

/// Words that begin with a capital in any mail and are no one's name.
const COMMON: [&str; 44] = [
    "i",
    "a",
    "an",
    "the",
    "we",
    "you",
    "your",
    "our",
    "us",
    "it",
    "this",
    "that",
    "my",
    "me",
    "they",
    "their",
    "hr",
    "dear",
    "hi",
    "hello",
    "mr",
    "mrs",
    "ms",
    "dr",
    "please",
    "thank",
    "thanks",
    "if",
    "in",
    "on",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "april",
    "june",
    "july",
    "august",
    "september",
];

const COMMON_TOO: [&str; 12] =
    ["october", "november", "december", "march", "may", "christmas", "easter", "zoom", "teams", "google", "cv", "pdf"];

/// Whether `name` could be somebody's: it doesn't begin with a word that merely stands at the beginning of a sentence.
pub(super) fn could_be_one(name: &str) -> bool {
    let first = name.split([' ', '\'', '’']).next().unwrap_or_default().to_lowercase();
    !COMMON.contains(&first.as_str()) && !COMMON_TOO.contains(&first.as_str()) && name.chars().count() > 1
}
