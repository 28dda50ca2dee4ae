//! The vocabulary in which the file's shape is declared.

/// What a value must look like.
#[derive(Debug)]
pub(super) enum Shape {
    /// A map with these keys and no others.
    Map(&'static [Field]),
    /// A map with free keys that are words, at least `least` of them.
    Table { least: usize, of: &'static Shape },
    /// A map whose `kind` says which further keys it has.
    Kinds(&'static [(&'static str, &'static [Field])]),
    /// A list of at least `least` and at most `most`.
    List { least: usize, most: usize, of: &'static Shape },
    /// A number.
    Number(Bounds),
    /// Two numbers, the first not above the second.
    Range(Bounds),
    /// Two numbers, the first not above the second, or `predicted +- x`.
    Band(Bounds),
    /// One number, or points `[minute, value]` whose minutes do not decrease.
    Curve(Bounds),
    /// Lowercase letters, digits, dashes and underscores, at most [`LONGEST_WORD`] of them.
    Word,
    /// Anything that is text, at most [`LONGEST_TEXT`] bytes and not empty.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// The name of a fault kind.
    FaultKind,
    /// A fault's arguments: a map that its kind judges.
    FaultArgs,
}

/// One key of a map.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
    /// For the reader of the schema.
    pub(super) about: &'static str,
}

/// Least and greatest value, both included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) whole: bool,
}

/// A number from `low` to `high`.
pub(super) const fn bounds(low: f64, high: f64) -> Bounds {
    Bounds { low, high, whole: false }
}

/// A whole number from `low` to `high`.
pub(super) const fn whole(low: f64, high: f64) -> Bounds {
    Bounds { low, high, whole: true }
}

/// A key that must be there.
pub(super) const fn required(key: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { key, shape, required: true, about }
}

/// A key that may be there.
pub(super) const fn optional(key: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { key, shape, required: false, about }
}

/// Greatest length of a [`Shape::Word`].
pub(super) const LONGEST_WORD: usize = 64;
/// Greatest length of a [`Shape::Text`], in bytes; the longest are SQL statements.
pub(super) const LONGEST_TEXT: usize = 4096;
/// Greatest length of a list unless its shape says less, and most keys of a table.
pub(super) const LONGEST_LIST: usize = 1000;
/// What a [`Shape::Word`] is, as a regular expression.
pub(super) const WORD_PATTERN: &str = "^[a-z0-9][a-z0-9_-]{0,63}$";
