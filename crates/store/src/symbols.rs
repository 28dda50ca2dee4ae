//! Strings that come again and again, kept once and named by a number.

use std::collections::HashMap;
use std::sync::Arc;

use crate::limits::LONGEST_NAME;

/// A string of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Symbol(pub(crate) u32);

/// A bounded table of strings.
#[derive(Debug)]
pub(crate) struct Symbols {
    texts: Vec<Arc<str>>,
    by_text: HashMap<Arc<str>, Symbol>,
    bytes: usize,
    most_bytes: usize,
}

impl Symbols {
    /// The empty string: "not there".
    pub(crate) const NONE: Symbol = Symbol(0);
    /// What stands for everything that came after the table was full.
    pub(crate) const OTHER: Symbol = Symbol(1);

    /// A table whose strings take at most about `most_bytes`.
    pub(crate) fn new(most_bytes: usize) -> Self {
        let mut symbols = Self { texts: Vec::new(), by_text: HashMap::new(), bytes: 0, most_bytes: usize::MAX };
        symbols.name("");
        symbols.name("other");
        symbols.most_bytes = most_bytes;
        symbols
    }

    /// The symbol of a name, cut to the longest allowed; [`Symbols::OTHER`] if it is new and the table is full.
    pub(crate) fn name(&mut self, text: &str) -> Symbol {
        self.try_value(cut(text, LONGEST_NAME)).unwrap_or(Self::OTHER)
    }

    /// The symbol of `text` as it is; `None` if it is new and the table is full.
    pub(crate) fn try_value(&mut self, text: &str) -> Option<Symbol> {
        if let Some(symbol) = self.by_text.get(text) {
            return Some(*symbol);
        }
        /// What an entry costs besides its text: two pointers with lengths, counts, the map's slot.
        const OVERHEAD: usize = 96;
        if self.bytes + text.len() + OVERHEAD > self.most_bytes {
            return None;
        }
        let symbol = Symbol(u32::try_from(self.texts.len()).ok()?);
        let text: Arc<str> = text.into();
        self.bytes += text.len() + OVERHEAD;
        self.texts.push(Arc::clone(&text));
        self.by_text.insert(text, symbol);
        Some(symbol)
    }

    /// The symbol of `text`, if it ever came.
    pub(crate) fn find(&self, text: &str) -> Option<Symbol> {
        self.by_text.get(cut(text, LONGEST_NAME)).copied()
    }

    /// The text of a symbol.
    pub(crate) fn text(&self, symbol: Symbol) -> &str {
        self.texts.get(symbol.0 as usize).map_or("", AsRef::as_ref)
    }

    /// The text, or `None` for the empty one.
    pub(crate) fn some(&self, symbol: Symbol) -> Option<String> {
        (symbol != Self::NONE).then(|| self.text(symbol).to_owned())
    }
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
        let mut symbols = Symbols::new(400);
        let first = symbols.name("first");
        assert_eq!(symbols.name("first"), first);
        assert_eq!(symbols.text(first), "first");
        for n in 0..10 {
            symbols.name(&format!("name-{n}"));
        }
        assert_eq!(symbols.name("one too many"), Symbols::OTHER);
        assert_eq!(symbols.name("first"), first, "known ones stay known");
    }

    #[test]
    fn cutting_never_splits_a_letter() {
        assert_eq!(cut("näh", 2), "n");
        assert_eq!(cut("näh", 3), "nä");
    }
}
