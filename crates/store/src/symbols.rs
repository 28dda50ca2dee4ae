//! Strings that come again and again, kept once and named by a number.
//!
//! [`Symbols`] is the side that takes strings in, behind the store's lock. [`Texts`] is the side that reads them: it
//! only grows, so readers need no lock.

use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use crate::limits::LONGEST_NAME;
use crate::wire::Malformed;

/// A string of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Symbol(pub(crate) u32);

impl Symbol {
    /// The empty string: "not there".
    pub(crate) const NONE: Self = Self(0);
    /// What stands for everything that came after the table was full.
    pub(crate) const OTHER: Self = Self(1);
}

/// The texts of all symbols.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts(Arc<boxcar::Vec<Box<str>>>);

impl Texts {
    /// The text of a symbol.
    #[inline]
    pub(crate) fn text(&self, symbol: Symbol) -> &str {
        self.0.get(symbol.0 as usize).map_or("", AsRef::as_ref)
    }

    /// The text, or `None` for the empty one.
    pub(crate) fn some(&self, symbol: Symbol) -> Option<String> {
        (symbol != Symbol::NONE).then(|| self.text(symbol).to_owned())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.count()
    }
}

/// A bounded table of strings.
#[derive(Debug)]
pub(crate) struct Symbols {
    texts: Texts,
    by_text: HashTable<Symbol>,
    hasher: DefaultHashBuilder,
    bytes: usize,
    most_bytes: usize,
}

impl Symbols {
    /// A table whose strings take at most about `most_bytes`; `known` get the first numbers after the two constants.
    pub(crate) fn new(most_bytes: usize, known: &[&str]) -> Self {
        let mut symbols = Self {
            texts: Texts::default(),
            by_text: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            bytes: 0,
            most_bytes: usize::MAX,
        };
        for text in ["", "other"].iter().chain(known) {
            symbols.admit(text.as_bytes(), usize::MAX).ok();
        }
        symbols.most_bytes = most_bytes;
        symbols
    }

    /// The side that reads.
    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The symbol of a name, cut to the longest allowed; [`Symbol::OTHER`] if it is new and the table is full.
    pub(crate) fn name(&mut self, text: &[u8]) -> Result<Symbol, Malformed> {
        let text = if text.len() <= LONGEST_NAME { text } else { cut(utf8(text)?, LONGEST_NAME).as_bytes() };
        Ok(self.admit(text, self.most_bytes)?.unwrap_or(Symbol::OTHER))
    }

    /// The symbol of `text` as it is; `None` if it is new and the table has no more room for values. The last fifth is
    /// kept for names.
    pub(crate) fn value(&mut self, text: &[u8]) -> Result<Option<Symbol>, Malformed> {
        self.admit(text, self.most_bytes / 5 * 4)
    }

    fn admit(&mut self, text: &[u8], most_bytes: usize) -> Result<Option<Symbol>, Malformed> {
        let hash = self.hasher.hash_one(text);
        let is_it = |symbol: &Symbol| self.texts.text(*symbol).as_bytes() == text;
        if let Some(symbol) = self.by_text.find(hash, is_it) {
            return Ok(Some(*symbol));
        }
        let text = utf8(text)?;
        /// What an entry costs besides its text: pointer, length, flag, the table's slot.
        const OVERHEAD: usize = 48;
        if self.bytes + text.len() + OVERHEAD > most_bytes {
            return Ok(None);
        }
        let Ok(number) = u32::try_from(self.texts.count()) else { return Ok(None) };
        self.bytes += text.len() + OVERHEAD;
        self.texts.0.push(text.into());
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.by_text.insert_unique(hash, Symbol(number), |symbol| hasher.hash_one(texts.text(*symbol).as_bytes()));
        Ok(Some(Symbol(number)))
    }

    /// The symbol of `text`, if it ever came.
    pub(crate) fn find(&self, text: &str) -> Option<Symbol> {
        let text = cut(text, crate::limits::LONGEST_SHARED);
        self.by_text.find(self.hasher.hash_one(text.as_bytes()), |symbol| self.texts.text(*symbol) == text).copied()
    }

    /// Bytes that are kept.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

fn utf8(text: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(text).map_err(|_| Malformed::Utf8)
}

/// The longest prefix of at most `most` bytes that ends between letters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_has_one_symbol_and_a_full_table_says_other() {
        let mut symbols = Symbols::new(400, &[]);
        let first = symbols.name(b"first");
        assert_eq!(symbols.name(b"first"), first);
        assert_eq!(symbols.texts().text(first.expect("UTF-8")), "first");
        for n in 0..10 {
            symbols.name(format!("name-{n}").as_bytes()).expect("UTF-8");
        }
        assert_eq!(symbols.name(b"one too many"), Ok(Symbol::OTHER));
        assert_eq!(symbols.name(b"first"), first, "known ones stay known");
        assert_eq!(symbols.name(b"\xff"), Err(Malformed::Utf8));
    }

    #[test]
    fn values_leave_room_for_names() {
        let mut symbols = Symbols::new(1000, &[]);
        let values =
            (0..100).filter(|n| symbols.value(format!("{n:010}").as_bytes()).expect("UTF-8").is_some()).count();
        assert!(values < 15, "{values}");
        assert_ne!(symbols.name(b"a name"), Ok(Symbol::OTHER));
    }

    #[test]
    fn cutting_never_splits_a_letter() {
        assert_eq!(cut("näh", 2), "n");
        assert_eq!(cut("näh", 3), "nä");
    }
}
