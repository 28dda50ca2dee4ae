//! The kinds of values in a monitor file: words, durations, numbers, choices.

use std::time::Duration;

use crate::file::mistake::nearest;
use crate::file::reader::{Node, Object, Reader, number, text};

/// Units of a duration, in milliseconds.
const UNITS: [(&str, f64); 4] = [("ms", 1.0), ("s", 1000.0), ("m", 60_000.0), ("h", 3_600_000.0)];

/// The longest duration a monitor may name.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// A duration such as `30s`, `10m`, `250ms`; `None` if the text is not one.
fn duration_of(text: &str) -> Option<Duration> {
    let split = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (amount, unit) = text.split_at(split);
    let amount: f64 = amount.trim().parse().ok()?;
    let (_, unit_ms) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let milliseconds = amount * unit_ms;
    (milliseconds >= 0.0 && milliseconds <= LONGEST.as_millis() as f64)
        .then(|| Duration::from_secs_f64(milliseconds / 1000.0))
}

impl Reader {
    /// A string with something in it.
    pub(crate) fn text<'n>(&mut self, node: &'n Node<'_>, what: &str) -> Option<&'n str> {
        let found = text(node).filter(|text| !text.trim().is_empty());
        if found.is_none() {
            self.mistake(node, format!("{what} must be text"), "write a word, in quotes if it looks like a number");
        }
        found
    }

    /// An optional string field.
    pub(crate) fn optional_text(&mut self, object: &Object<'_, '_>, key: &str, what: &str) -> Option<String> {
        let node = object.get(key)?;
        self.text(node, &format!("`{key}` of {what}")).map(str::to_owned)
    }

    /// An identifier: lowercase letters, digits and dashes.
    pub(crate) fn key(&mut self, node: &Node<'_>, what: &str) -> Option<String> {
        let found = self.text(node, what)?;
        let fits = found.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && found.starts_with(|first: char| first.is_ascii_lowercase())
            && found.len() <= 64;
        if !fits {
            let remedy = "use up to 64 lowercase letters, digits and dashes, a letter first";
            self.mistake(node, format!("{what} `{found}` is not an identifier"), remedy);
            return None;
        }
        Some(found.to_owned())
    }

    /// A duration with a unit.
    pub(crate) fn duration(&mut self, node: &Node<'_>, what: &str) -> Option<Duration> {
        let found = text(node).and_then(duration_of);
        if found.is_none() {
            let remedy = "write a number and a unit, such as 250ms, 30s or 10m, up to 24h";
            self.mistake(node, format!("{what} is not a duration"), remedy);
        }
        found
    }

    /// An optional duration field.
    pub(crate) fn optional_duration(&mut self, object: &Object<'_, '_>, key: &str, what: &str) -> Option<Duration> {
        let node = object.get(key)?;
        self.duration(node, &format!("`{key}` of {what}"))
    }

    /// A finite number, not below zero.
    pub(crate) fn number(&mut self, node: &Node<'_>, what: &str) -> Option<f64> {
        let found = number(node).filter(|number| *number >= 0.0);
        if found.is_none() {
            self.mistake(node, format!("{what} must be a number, not below zero"), "write it without quotes or unit");
        }
        found
    }

    /// A whole number, not below zero.
    pub(crate) fn whole(&mut self, node: &Node<'_>, what: &str) -> Option<u64> {
        let found = number(node).filter(|number| *number >= 0.0 && number.fract() == 0.0 && *number <= 1e9);
        if found.is_none() {
            self.mistake(node, format!("{what} must be a whole number"), "write it without quotes, such as 20");
        }
        found.map(|number| number as u64)
    }

    /// One of the words of `choices`.
    pub(crate) fn choice<T: Clone>(&mut self, node: &Node<'_>, what: &str, choices: &[(&str, T)]) -> Option<T> {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let found = text(node).unwrap_or_default();
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == found) {
            return Some(choice.clone());
        }
        let remedy = match nearest(found, &words) {
            Some(meant) if !found.is_empty() => format!("did you mean `{meant}`?"),
            _ => format!("use one of {}", words.join(", ")),
        };
        self.mistake(node, format!("{what} cannot be `{found}`"), remedy);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_a_unit() {
        let cases = [
            ("30s", Some(30_000)),
            ("250ms", Some(250)),
            ("1.5m", Some(90_000)),
            ("24h", Some(86_400_000)),
            ("25h", None),
            ("30", None),
            ("s", None),
            ("-3s", None),
            ("3 days", None),
        ];
        for (text, expected) in cases {
            assert_eq!(duration_of(text).map(|found| found.as_millis()), expected, "{text}");
        }
    }
}
