//! Texts, and how anything is quoted in a message.

use super::super::keys::{WORDS, is_word};
use super::super::shape::{LONGEST_DOCUMENT, LONGEST_LINE, LONGEST_TEXT};
use super::super::suggest;
use super::super::tree::{Content, Node};
use super::Checker;

impl Checker<'_> {
    pub(super) fn text<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
        let Some(text) = node.text() else {
            self.wrong_type(node, name, "text");
            return None;
        };
        if text.trim().is_empty() {
            self.mistakes.add(node.at, format!("{name} is empty"), "write something");
        } else if text.len() > LONGEST_TEXT {
            self.mistakes.add(node.at, format!("{name} has {} bytes", text.len()), format!("keep to {LONGEST_TEXT}"));
        }
        Some(text)
    }

    pub(super) fn line(&mut self, node: &Node, name: &str) {
        let Some(text) = self.text(node, name) else { return };
        if text.chars().any(char::is_control) {
            self.mistakes.add(node.at, format!("{name} has more than one line"), "write one line of plain text");
        } else if (LONGEST_LINE + 1..=LONGEST_TEXT).contains(&text.len()) {
            self.mistakes.add(node.at, format!("{name} has {} bytes", text.len()), format!("keep to {LONGEST_LINE}"));
        }
    }

    pub(super) fn document(&mut self, node: &Node, name: &str) {
        match node.text().map(str::len) {
            None => self.wrong_type(node, name, "text"),
            Some(length) if length > LONGEST_DOCUMENT => {
                self.mistakes.add(node.at, format!("{name} has {length} bytes"), format!("keep to {LONGEST_DOCUMENT}"));
            }
            Some(_) => {}
        }
    }

    pub(super) fn word(&mut self, node: &Node, name: &str) {
        if let Some(text) = self.text(node, name).filter(|t| !t.trim().is_empty() && !is_word(t)) {
            self.mistakes.add(node.at, format!("{name} is {:?}", shortened(text)), WORDS.remedy);
        }
    }

    pub(super) fn one_of(&mut self, node: &Node, words: &[&str], name: &str) {
        let Some(text) = node.text() else {
            return self.wrong_type(node, name, &format!("one of: {}", words.join(", ")));
        };
        if !words.contains(&text) {
            let remedy = suggest::one_of(text, words.iter().copied(), "known here");
            self.mistakes.add(node.at, format!("{name} is {:?}", shortened(text)), remedy);
        }
    }
}

/// `about` for the middle of a sentence.
pub(super) fn lowercase(about: &str) -> String {
    let mut chars = about.trim_end_matches('.').chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// The beginning of `text`, for a message.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    if text.chars().count() <= SHOWN {
        text.to_owned()
    } else {
        text.chars().take(SHOWN).chain("...".chars()).collect()
    }
}

/// What stands there, for a message.
pub(super) fn found(content: &Content) -> String {
    match content {
        Content::Null => "empty".to_owned(),
        Content::Boolean(b) => format!("the boolean {b}"),
        Content::Integer(i) => format!("the number {i}"),
        Content::Unsigned(u) => format!("the number {u}"),
        Content::Number(n) | Content::Beyond(n) => format!("the number {n}"),
        Content::Text(text) => format!("the text {:?}", shortened(text)),
        Content::List(items) => format!("a list of {}", items.len()),
        Content::Map(_) => "a map".to_owned(),
    }
}
