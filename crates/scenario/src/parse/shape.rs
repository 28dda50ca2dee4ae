//! The vocabulary in which a file's shape is declared.

use super::keys::Keys;

/// What a value must look like.
#[derive(Debug)]
pub(super) enum Shape {
    /// A map with these keys and no others.
    Map(&'static [Field]),
    /// A map in one of several forms, told apart by its keys.
    Forms(&'static [&'static [Field]]),
    /// A map with free keys, at least `least` and at most `most` of them.
    Table { keys: &'static Keys, least: usize, most: usize, of: &'static Shape },
    /// A map whose `kind` says which further keys it has.
    Kinds(&'static [(&'static str, &'static [Field])]),
    /// A list of at least `least` and at most `most`.
    List { least: usize, most: usize, of: &'static Shape },
    /// One of these, told apart by what stands there: a number, a text, a list or a map.
    Either(&'static [Shape]),
    /// A number.
    Number(Bounds),
    /// Two numbers, the first not above the second.
    Range(Bounds),
    /// Two numbers, the first not above the second, or `predicted +- x`.
    Band(Bounds),
    /// A value over minutes: one number, points `[minute, value]` whose minutes do not decrease, or one of [`curve_forms`].
    Curve(Bounds),
    /// `[minute, value]` with minutes that rise.
    Steps(Bounds),
    /// Maps of `to` and `minutes`, one after another.
    Ramps(Bounds),
    /// `true` or `false`.
    Boolean,
    /// Lowercase letters, digits, dashes and underscores, at most [`LONGEST_WORD`] of them.
    Word,
    /// Anything that is text, at most [`LONGEST_TEXT`] bytes and not empty.
    Text,
    /// Text of one line, at most [`LONGEST_LINE`] bytes and not empty.
    Line,
    /// Text of any number of lines, at most [`LONGEST_DOCUMENT`] bytes.
    Document,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A text, number, boolean or null.
    Scalar,
    /// Whatever JSON can hold.
    Json,
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
    pub(super) need: Need,
    /// For the reader of the schema.
    pub(super) about: &'static str,
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It must.
    Required,
    /// It may.
    Optional,
    /// It or one of the other keys of its map that need the same, and no two of them.
    OneOf,
    /// It or one of the other keys of its map that need the same, or none.
    AtMostOneOf,
    /// It must not, and this is what to do instead: a key of the other kind of file.
    Refused(&'static str),
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
    Field { key, shape, need: Need::Required, about }
}

/// A key that may be there.
pub(super) const fn optional(key: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { key, shape, need: Need::Optional, about }
}

/// A key that must be there unless another of the same map that is declared so is.
pub(super) const fn one_of(key: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { key, shape, need: Need::OneOf, about }
}

/// A key that may be there unless another of the same map that is declared so is.
pub(super) const fn at_most_one_of(key: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { key, shape, need: Need::AtMostOneOf, about }
}

/// A key that the other kind of file has.
pub(super) const fn refused(key: &'static str, remedy: &'static str) -> Field {
    Field { key, shape: Shape::Json, need: Need::Refused(remedy), about: "" }
}

/// The maps that a [`Shape::Curve`] may be, for whoever checks or prints it.
pub(super) fn curve_forms(values: Bounds) -> ([Field; 1], [Field; 2]) {
    (
        [required("steps", Shape::Steps(values), "[[minute, value], ...]: each value holds until the next.")],
        [
            required("start", Shape::Number(values), "Value at minute 0."),
            required("ramps", Shape::Ramps(values), "Straight lines, one after another; the last value stays."),
        ],
    )
}

/// The keys of one of [`Shape::Ramps`].
pub(super) fn ramp(values: Bounds) -> [Field; 2] {
    [
        required("to", Shape::Number(values), "Value at its end."),
        required("minutes", Shape::Number(MINUTE), "How long it takes; 0 is a step."),
    ]
}

/// A day: the longest that anything lasts.
pub(super) const MINUTE: Bounds = bounds(0.0, 1440.0);

/// Greatest length of a [`Shape::Word`].
pub(super) const LONGEST_WORD: usize = 64;
/// Greatest length of a [`Shape::Line`], in bytes: what a table has room for.
pub(super) const LONGEST_LINE: usize = 200;
/// Greatest length of a [`Shape::Text`], in bytes; the longest are SQL statements and URLs.
pub(super) const LONGEST_TEXT: usize = 4096;
/// Greatest length of a [`Shape::Document`], in bytes: a body that is sent.
pub(super) const LONGEST_DOCUMENT: usize = 64 * 1024;
/// Greatest length of a list unless its shape says less, and most keys of a table.
pub(super) const LONGEST_LIST: usize = 1000;
