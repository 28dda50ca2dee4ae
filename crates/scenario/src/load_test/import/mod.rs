//! Load tests made of other tools' files: k6 options ([`import_k6`]) and recordings of browsers ([`import_har`]).
//!
//! What comes out is text, not a [`LoadTest`](crate::LoadTest): a file that its owner reads, mends and keeps, with what
//! could not be taken over said at its head. It passes [`parse_load_test`](crate::parse_load_test) as it is.
mod har;
mod k6;
mod names;
mod yaml;

use serde_json::Value;

pub use har::{HarOptions, import_har};
pub use k6::import_k6;

use crate::{Mistake, parse_load_test};

/// A load test made of another tool's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file, with `left_out` as a comment at its head.
    pub yaml: String,
    /// What was not taken over or has to be mended, a sentence each, lowercase.
    pub left_out: Vec<String>,
}

impl Imported {
    /// The file of `document`, if it is a load test that can be read.
    fn new(made_of: &str, document: &Value, left_out: Vec<String>) -> Result<Self, Vec<Mistake>> {
        let mut yaml = format!("# Made of {made_of}.\n");
        if !left_out.is_empty() {
            yaml.push_str("#\n# What was left out, or has to be mended:\n");
        }
        for sentence in &left_out {
            yaml.push_str(&yaml::comment(sentence));
        }
        yaml.push('\n');
        yaml.push_str(&yaml::document(document));
        let made = |found: Mistake| {
            mistake("", 0, format!("what is made of it is no load test: {}", found.message), found.remedy)
        };
        match parse_load_test(&yaml) {
            Ok(_) => Ok(Self { yaml, left_out }),
            Err(mistakes) => Err(mistakes.into_iter().map(made).collect()),
        }
    }
}

/// A mistake at the byte `at` of `text`.
fn mistake(text: &str, at: usize, message: impl Into<String>, remedy: impl Into<String>) -> Mistake {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Mistake {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        message: message.into(),
        remedy: remedy.into(),
    }
}

/// Refuses what is too large to be read with care.
fn within(text: &str, greatest: usize, what: &str) -> Result<(), Vec<Mistake>> {
    if text.len() <= greatest {
        return Ok(());
    }
    let message = format!("the file has {} MB", text.len() / 1_000_000);
    Err(vec![mistake(text, 0, message, format!("give {what} of at most {} MB", greatest / 1_000_000))])
}
