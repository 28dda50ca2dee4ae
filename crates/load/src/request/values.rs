//! What a visit fills its requests' slots with.

/// How a value may be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Made of `[A-Za-z0-9_.:-]`: the same in a URL, a header and a JSON text.
    #[default]
    Plain,
    /// A number, boolean or null: a JSON value as it stands.
    Bare,
    /// Anything.
    Text,
}

impl Kind {
    /// Of a text, also one of digits only.
    pub(crate) fn of_text(text: &str) -> Self {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-');
        if text.bytes().all(plain) { Self::Plain } else { Self::Text }
    }
}

/// The values of one visit, by number. One buffer for all of them, used again by the next visit.
#[derive(Debug, Default)]
pub(crate) struct Values {
    text: String,
    entries: Vec<Entry>,
    /// Headers that are the same for all requests of the visit, each with its line's end.
    pub(super) context: Vec<u8>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    from: usize,
    to: usize,
    kind: Kind,
}

impl Values {
    /// Forgets everything; there are `count` values from now on, all empty.
    pub(crate) fn clear(&mut self, count: usize) {
        self.text.clear();
        self.entries.clear();
        self.entries.resize(count, Entry::default());
    }

    /// Sets value `number` to what `write` adds to the text.
    pub(crate) fn set(&mut self, number: usize, kind: Kind, write: impl FnOnce(&mut String)) {
        let from = self.text.len();
        write(&mut self.text);
        self.entries[number] = Entry { from, to: self.text.len(), kind };
    }

    /// Sets value `number` to the text that `write` adds, which may be anything.
    pub(crate) fn set_text(&mut self, number: usize, write: impl FnOnce(&mut String)) {
        self.set(number, Kind::Text, write);
        self.entries[number].kind = Kind::of_text(self.get(number).0);
    }

    /// Bytes that it takes.
    pub(crate) fn room(&self) -> usize {
        self.text.capacity() + self.context.capacity()
    }

    pub(crate) fn get(&self, number: usize) -> (&str, Kind) {
        let Entry { from, to, kind } = self.entries[number];
        (&self.text[from..to], kind)
    }
}
