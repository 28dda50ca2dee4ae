//! Text with slots: `${name}`.

use std::fmt;

/// Text with slots, such as `/users/${user_id}`.
///
/// A `$` before `${` takes its meaning from it: `$${x}` is the text `${x}`, `$$${x}` is a `$` and then the slot `x`.
/// Elsewhere `$` is a character like any other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template(pub Vec<Piece>);

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it is; not empty, and never beside another text.
    Text(String),
    /// Filled for each visit.
    Slot(Slot),
}

/// A place that is filled for each visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Of a built-in value, of the test's `data`, or of an earlier step's `extract`.
    pub name: String,
    /// How its value is written there.
    pub form: SlotForm,
}

/// How a slot's value is written where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotForm {
    /// As it is: bodies that are no JSON.
    Plain,
    /// In a header: bytes that end a line or are no visible ASCII are left out.
    Header,
    /// Percent-encoded but for unreserved characters (RFC 3986).
    Url,
    /// Inside a JSON string, escaped.
    JsonText,
    /// In the place of a whole JSON string: a number, boolean or null stays one, text gets its quotes and is escaped.
    JsonValue,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}: {remedy}")]
pub struct TemplateMistake {
    /// What is wrong, lowercase, without a full stop.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

impl Template {
    /// The template that `text` is, with all its slots in `form`.
    ///
    /// # Errors
    /// The first `${` that does not begin a slot.
    pub fn parse(text: &str, form: SlotForm) -> Result<Self, TemplateMistake> {
        let mut template = Self::default();
        let mut rest = text;
        while let Some(brace) = rest.find("${").map(|dollar| dollar + 1) {
            let before = rest[..brace].trim_end_matches('$');
            let dollars = brace - before.len();
            template.push_text(before);
            // Each pair is one dollar; the one that is left over opens the slot.
            template.push_text(&"$".repeat(dollars / 2));
            if dollars.is_multiple_of(2) {
                template.push_text("{");
                rest = &rest[brace + 1..];
                continue;
            }
            let (name, after) = rest[brace + 1..].split_once('}').ok_or_else(|| unclosed(&rest[brace - 1..]))?;
            if !is_slot_name(name) {
                return Err(no_name(name));
            }
            template.0.push(Piece::Slot(Slot { name: name.to_owned(), form }));
            rest = after;
        }
        template.push_text(rest);
        Ok(template)
    }

    /// Its slots, in their order; one that stands twice comes twice.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.0.iter().filter_map(|piece| if let Piece::Slot(slot) = piece { Some(slot) } else { None })
    }

    /// Adds `text` as it is, slots or not.
    pub(super) fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.0.push(Piece::Text(text.to_owned())),
        }
    }

    /// Adds all of `other`, texts as `write` has them.
    pub(super) fn extend(&mut self, other: Self, write: impl Fn(&str) -> String) {
        for piece in other.0 {
            match piece {
                Piece::Text(text) => self.push_text(&write(&text)),
                Piece::Slot(slot) => self.0.push(Piece::Slot(slot)),
            }
        }
    }
}

/// As it is written in a file: what [`Template::parse`] reads back.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, piece) in self.0.iter().enumerate() {
            match piece {
                Piece::Slot(slot) => write!(f, "${{{}}}", slot.name)?,
                Piece::Text(text) => {
                    let before_slot = matches!(self.0.get(position + 1), Some(Piece::Slot(_)));
                    f.write_str(&escaped(text, before_slot))?;
                }
            }
        }
        Ok(())
    }
}

/// `text` with twice the dollars before each `{`, and at its end too where a slot follows.
fn escaped(text: &str, before_slot: bool) -> String {
    let mut written = String::with_capacity(text.len());
    let mut dollars = 0;
    for character in text.chars() {
        if character == '{' {
            written.push_str(&"$".repeat(dollars));
        }
        dollars = if character == '$' { dollars + 1 } else { 0 };
        written.push(character);
    }
    if before_slot {
        written.push_str(&"$".repeat(dollars));
    }
    written
}

/// Whether a slot may be called `name`: lowercase letters, digits and underscores, a letter first.
pub(crate) fn is_slot_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.len() <= LONGEST_NAME
        && name.bytes().all(allowed)
        && name.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
}

/// Greatest length of a slot's name.
const LONGEST_NAME: usize = 64;

const LITERAL: &str = "`$${` stands for `${` itself";

fn unclosed(text: &str) -> TemplateMistake {
    TemplateMistake {
        message: format!("the slot that begins with {:?} has no end", beginning(text)),
        remedy: format!("close it with a brace; {LITERAL}"),
    }
}

fn no_name(name: &str) -> TemplateMistake {
    TemplateMistake {
        message: format!("{:?} can't be the name of a slot", beginning(name)),
        remedy: format!("write `${{name}}`: lowercase letters, digits and underscores, a letter first; {LITERAL}"),
    }
}

/// As much of `text` as a message shows.
fn beginning(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Template {
        Template::parse(text, SlotForm::Plain).expect("a template")
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn slot(name: &str) -> Piece {
        Piece::Slot(Slot { name: name.to_owned(), form: SlotForm::Plain })
    }

    #[test]
    fn a_pair_of_dollars_before_a_brace_is_one_dollar() {
        let table = [
            ("", vec![]),
            ("no slots, {braces} and $5", vec![text("no slots, {braces} and $5")]),
            ("${user_id}", vec![slot("user_id")]),
            ("/u/${a}/${b2}?x", vec![text("/u/"), slot("a"), text("/"), slot("b2"), text("?x")]),
            ("$${a}", vec![text("${a}")]),
            ("$$${a}", vec![text("$"), slot("a")]),
            ("$$$${a}", vec![text("$${a}")]),
            ("${a}${a}", vec![slot("a"), slot("a")]),
            ("5$$ ${a}$", vec![text("5$$ "), slot("a"), text("$")]),
        ];
        for (written, pieces) in table {
            assert_eq!(read(written).0, pieces, "{written}");
            assert_eq!(read(written).to_string(), written);
        }
    }

    #[test]
    fn what_begins_like_a_slot_and_is_none_is_a_mistake() {
        for wrong in ["${", "a ${b", "${a b}", "${}", "${A}", "${1a}", "${a-b}", "${é}", "$$${"] {
            assert!(Template::parse(wrong, SlotForm::Url).is_err(), "{wrong}");
        }
        let mistake = Template::parse("x ${a b} y", SlotForm::Url).expect_err("a blank");
        assert_eq!(mistake.message, "\"a b\" can't be the name of a slot");
    }
}
