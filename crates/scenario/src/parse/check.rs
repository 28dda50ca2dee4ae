//! A tree against a [`Shape`]: wrong types, missing and unknown keys, bounds.

use std::ops::RangeInclusive;

use super::shape::{Bounds, Field, LONGEST_LIST, LONGEST_TEXT, LONGEST_WORD, Shape};
use super::tree::{Content, Node};
use super::{Mistakes, suggest};
use crate::FaultKinds;
use crate::model::within_prediction;

/// Reports where `root` is not of `shape`.
pub(super) fn check(root: &Node, shape: &Shape, kinds: &dyn FaultKinds, mistakes: &mut Mistakes) {
    Checker { kinds, mistakes }.value(root, shape, "the file");
}

struct Checker<'a> {
    kinds: &'a dyn FaultKinds,
    mistakes: &'a mut Mistakes,
}

impl Checker<'_> {
    fn value(&mut self, node: &Node, shape: &Shape, name: &str) {
        match shape {
            Shape::Map(fields) => self.map(node, fields, name),
            Shape::Table { least, of } => self.table(node, *least, of, name),
            Shape::Kinds(kinds) => self.tagged(node, kinds, name),
            Shape::List { least, most, of } => self.list(node, *least..=*most, of, name),
            Shape::Number(bounds) => self.number(node, *bounds, name),
            Shape::Range(bounds) => self.range(node, *bounds, name),
            Shape::Band(bounds) => self.band(node, *bounds, name),
            Shape::Curve(bounds) => self.curve(node, *bounds, name),
            Shape::Word => self.word(node, name),
            Shape::Text => drop(self.text(node, name)),
            Shape::OneOf(words) => self.one_of(node, words, name),
            Shape::FaultKind => {
                let names = self.kinds.names();
                self.one_of(node, &names, name);
            }
            Shape::FaultArgs => self.args(node, name),
        }
    }

    fn map(&mut self, node: &Node, fields: &[Field], name: &str) {
        let Content::Map(entries) = &node.content else {
            return self.wrong_type(node, name, "a map of keys");
        };
        for entry in entries {
            match fields.iter().find(|f| f.key == entry.key) {
                Some(field) if matches!(entry.node.content, Content::Null) => {
                    let remedy =
                        if field.required { "give it a value" } else { "give it a value, or leave the key out" };
                    self.mistakes.add(entry.key_at, format!("`{}` has no value", field.key), remedy);
                }
                Some(field) => self.value(&entry.node, &field.shape, &format!("`{}`", field.key)),
                None => {
                    let remedy = suggest::one_of(&entry.key, fields.iter().map(|f| f.key), "known here");
                    self.mistakes.add(entry.key_at, format!("unknown key `{}` in {name}", entry.key), remedy);
                }
            }
        }
        for field in fields.iter().filter(|f| f.required && node.get(f.key).is_none()) {
            self.mistakes.add(
                node.at,
                format!("`{}` is missing in {name}", field.key),
                format!("add it: {}", lowercase(field.about)),
            );
        }
    }

    fn table(&mut self, node: &Node, least: usize, of: &Shape, name: &str) {
        let Content::Map(entries) = &node.content else {
            return self.wrong_type(node, name, "a map of names");
        };
        self.length(node, entries.len(), least..=LONGEST_LIST, name);
        for entry in entries {
            if !is_word(&entry.key) {
                self.mistakes.add(entry.key_at, format!("`{}` can't be a name in {name}", entry.key), WORD_REMEDY);
            }
            self.value(&entry.node, of, &format!("`{}`", entry.key));
        }
    }

    fn tagged(&mut self, node: &Node, kinds: &[(&str, &'static [Field])], name: &str) {
        let Content::Map(entries) = &node.content else {
            return self.wrong_type(node, name, "a map with a `kind`");
        };
        let words: Vec<&str> = kinds.iter().map(|k| k.0).collect();
        let Some(kind) = node.get("kind") else {
            return self.mistakes.add(
                node.at,
                format!("`kind` is missing in {name}"),
                format!("add it, one of: {}", words.join(", ")),
            );
        };
        self.one_of(kind, &words, "`kind`");
        if let Some((_, fields)) = kinds.iter().find(|k| Some(k.0) == kind.text()) {
            let others = entries.iter().filter(|e| e.key != "kind").cloned().collect();
            self.map(&Node { at: node.at, content: Content::Map(others) }, fields, name);
        }
    }

    fn list(&mut self, node: &Node, lengths: RangeInclusive<usize>, of: &Shape, name: &str) {
        let Content::List(items) = &node.content else {
            return self.wrong_type(node, name, "a list");
        };
        self.length(node, items.len(), lengths, name);
        for (position, item) in items.iter().enumerate() {
            self.value(item, of, &format!("item {} of {name}", position + 1));
        }
    }

    fn length(&mut self, node: &Node, length: usize, lengths: RangeInclusive<usize>, name: &str) {
        let (least, most) = lengths.into_inner();
        if length < least {
            self.mistakes.add(node.at, format!("{name} is empty"), format!("give it at least {least}"));
        }
        if length > most {
            self.mistakes.add(node.at, format!("{name} has {length} entries"), format!("keep to {most}"));
        }
    }

    fn number(&mut self, node: &Node, bounds: Bounds, name: &str) {
        let what = if bounds.whole { "a whole number" } else { "a number" };
        let whole = !bounds.whole || matches!(node.content, Content::Integer(_));
        match node.number().filter(|_| whole) {
            None => self.wrong_type(node, name, what),
            Some(value) if value < bounds.low || value > bounds.high => {
                let remedy = format!("give {what} from {} to {}", bounds.low, bounds.high);
                self.mistakes.add(node.at, format!("{name} is {value}"), remedy);
            }
            Some(_) => {}
        }
    }

    fn range(&mut self, node: &Node, bounds: Bounds, name: &str) {
        let Content::List(items) = &node.content else {
            return self.wrong_type(node, name, "[low, high]");
        };
        let [low, high] = items.as_slice() else {
            return self.wrong_type(node, name, "[low, high]");
        };
        self.number(low, bounds, &format!("the low end of {name}"));
        self.number(high, bounds, &format!("the high end of {name}"));
        if let Some((low, high)) = node.pair().filter(|(low, high)| low > high) {
            self.mistakes.add(
                node.at,
                format!("{name} runs from {low} down to {high}"),
                format!("write [{high}, {low}]"),
            );
        }
    }

    fn band(&mut self, node: &Node, bounds: Bounds, name: &str) {
        match node.text() {
            None => self.range(node, bounds, name),
            Some(words) => {
                if within_prediction(words).is_none_or(|within| within > bounds.high) {
                    let within = if bounds.high > 1.0 { "300" } else { "0.04" };
                    self.mistakes.add(
                        node.at,
                        format!("{name} is {words:?}"),
                        format!("give [low, high], or `predicted +- {within}`"),
                    );
                }
            }
        }
    }

    fn curve(&mut self, node: &Node, bounds: Bounds, name: &str) {
        let Content::List(points) = &node.content else {
            if node.number().is_some() {
                return self.number(node, bounds, name);
            }
            return self.wrong_type(node, name, "a number or points [[minute, value], ...]");
        };
        self.length(node, points.len(), 1..=LONGEST_LIST, name);
        let mut latest = 0.0;
        for (position, point) in points.iter().enumerate() {
            let [minute, value] = point.items() else {
                self.wrong_type(point, &format!("point {} of {name}", position + 1), "[minute, value]");
                continue;
            };
            let point_name = format!("point {} of {name}", position + 1);
            self.number(minute, super::shape::bounds(0.0, 1440.0), &format!("the minute of {point_name}"));
            self.number(value, bounds, &format!("the value of {point_name}"));
            let Some(at) = minute.number() else { continue };
            if at < latest {
                let message = format!("{point_name} goes back to minute {at} after minute {latest}");
                self.mistakes.add(minute.at, message, "order points by minute; two at one minute are a step");
            }
            latest = f64::max(latest, at);
        }
    }

    fn text<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
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

    fn word(&mut self, node: &Node, name: &str) {
        if let Some(text) = self.text(node, name).filter(|t| !t.trim().is_empty() && !is_word(t)) {
            self.mistakes.add(node.at, format!("{name} is {:?}", shortened(text)), WORD_REMEDY);
        }
    }

    fn one_of(&mut self, node: &Node, words: &[&str], name: &str) {
        let Some(text) = node.text() else {
            return self.wrong_type(node, name, &format!("one of: {}", words.join(", ")));
        };
        if !words.contains(&text) {
            let remedy = suggest::one_of(text, words.iter().copied(), "known here");
            self.mistakes.add(node.at, format!("{name} is {:?}", shortened(text)), remedy);
        }
    }

    /// Only what JSON can't hold: the rest is the kind's to judge.
    fn args(&mut self, node: &Node, name: &str) {
        match &node.content {
            Content::Map(entries) => {
                for entry in entries {
                    self.finite(&entry.node, &entry.key);
                }
            }
            _ => self.wrong_type(node, name, "a map of the kind's arguments"),
        }
    }

    fn finite(&mut self, node: &Node, name: &str) {
        match &node.content {
            Content::Number(n) if !n.is_finite() => self.wrong_type(node, &format!("`{name}`"), "a finite number"),
            Content::List(items) => items.iter().for_each(|item| self.finite(item, name)),
            Content::Map(entries) => entries.iter().for_each(|e| self.finite(&e.node, &e.key)),
            _ => {}
        }
    }

    fn wrong_type(&mut self, node: &Node, name: &str, expected: &str) {
        self.mistakes.add(node.at, format!("{name} is {}", found(&node.content)), format!("give {expected}"));
    }
}

const WORD_REMEDY: &str =
    "use lowercase letters, digits, dashes and underscores, at most 64, starting with a letter or digit";

fn is_word(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    text.len() <= LONGEST_WORD
        && text.bytes().all(allowed)
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

/// `about` for the middle of a sentence.
fn lowercase(about: &str) -> String {
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
fn found(content: &Content) -> String {
    match content {
        Content::Null => "empty".to_owned(),
        Content::Boolean(b) => format!("the boolean {b}"),
        Content::Integer(i) => format!("the number {i}"),
        Content::Number(n) => format!("the number {n}"),
        Content::Text(text) => format!("the text {:?}", shortened(text)),
        Content::List(items) => format!("a list of {}", items.len()),
        Content::Map(_) => "a map".to_owned(),
    }
}
