//! What a mail says, by rules: who hires, for what, where, for how much, when, and whom to turn to.
//!
//! A rule that isn't sure says nothing: absent is better than wrong. One file a field, each with the table of what it finds and
//! what it leaves alone. Expressions have no backtracking (crate regex), and nothing beyond [`READ_BYTES`] is read.

mod company;
mod contact;
mod dates;
mod links;
mod names;
mod place;
mod role;
mod salary;
mod sentences;

use serde::Serialize;

use crate::intent::Intent;
use crate::mail::Mail;

/// Some 8,192 tokens of English: what no model of this size would read, isn't read here.
const READ_BYTES: usize = 32 << 10;

/// Most dates and links: a digest has dozens, and nobody acts on them one by one.
const MOST_ITEMS: usize = 10;

/// The longest text of a field but a link, in characters: names are shorter.
const LONGEST_CHARS: usize = 120;

/// What was found. Its fields are those that `prompt.rs` asks models for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Extracted {
    pub(super) company: Option<String>,
    pub(super) role: Option<String>,
    pub(super) location: Option<String>,
    /// Currency, amount or range, period: `EUR 55000-60000 per year`.
    pub(super) salary: Option<String>,
    pub(super) contact: Option<String>,
    /// `2026-12-01`, `2026-12-01 10:00`; as the mail has them where year, or order of day and month, is left to the reader.
    pub(super) dates: Vec<String>,
    pub(super) links: Vec<String>,
}

/// Reads `mail`, of which `intent` is known: who sends alerts and outreach is not who hires.
pub(super) fn extract(mail: &Mail, intent: Intent) -> Extracted {
    let subject = beginning(&mail.subject);
    let snippet = beginning(&mail.snippet);
    let text = format!("{subject}\n{snippet}");
    let sender = mail.sender.as_deref().map(beginning);
    let sender_hires = !matches!(intent, Intent::JobAlert | Intent::RecruiterOutreach | Intent::Other);
    // In these there are many jobs or none, and whichever came first would be the wrong one.
    let has_one_job = !matches!(intent, Intent::JobAlert | Intent::Other);
    let company = company::find(&text, sender.filter(|_| sender_hires)).filter(|_| has_one_job);
    Extracted {
        role: role::find(subject, snippet).filter(|_| has_one_job),
        location: place::find(&text).filter(|_| has_one_job),
        salary: salary::find(&text).filter(|_| has_one_job),
        contact: contact::find(snippet, sender),
        dates: dates::find(&text),
        links: links::find(&text),
        company,
    }
}

/// As much of `text` as is read.
fn beginning(text: &str) -> &str {
    &text[..boundary(text, READ_BYTES)]
}

/// `at`, or where the character begins that it is within.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Blanks made single and the ends trimmed; none if nothing is left or it is too long to be a name.
fn tidy(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text =
        text.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '"' | '“' | '”' | '–' | '-' | ' '));
    (!text.is_empty() && text.chars().count() <= LONGEST_CHARS).then(|| text.to_owned())
}

/// `pattern`, which is written in this folder. Its word boundaries are made those of ASCII: with Unicode's, text beyond ASCII
/// costs ten times as much, and the rules' own words are all within.
fn compiled(pattern: &str) -> regex::Regex {
    regex::Regex::new(&pattern.replace(r"\b", r"(?-u:\b)"))
        .expect("patterns of this folder are all compiled by its tests")
}

#[cfg(test)]
mod tests;
