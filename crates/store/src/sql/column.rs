//! Columns of tables: their names for people, and how a row's value is read.

use std::borrow::Cow;

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::disk::Words;
use crate::symbols::Symbol;

/// A column of a table whose chunks are `C`.
pub(super) struct Column<C: 'static> {
    pub(super) name: &'static str,
    /// What it holds, in a few words.
    pub(super) about: &'static str,
    pub(super) read: Read<C>,
    /// Whether `SELECT *` leaves it out.
    pub(super) is_hidden: bool,
    /// Whether a file's rows must be read whole for it.
    pub(super) is_heavy: bool,
}

/// How a row's value is read. What is a number inside can be tested and ordered before SQLite sees it.
pub(super) enum Read<C> {
    /// A text of the table of symbols; the empty one is NULL.
    Symbol(fn(&Words, &C, usize) -> Symbol),
    /// One of a few words; the empty one is NULL.
    Word(fn(&Words, &C, usize) -> &'static str),
    /// An identifier as 32 hex digits; zero is NULL.
    Long(fn(&C, usize) -> u128),
    /// An identifier as 16 hex digits; zero is NULL.
    Short(fn(&C, usize) -> u64),
    /// Nanoseconds as milliseconds.
    Millis(fn(&C, usize) -> u64),
    /// Nanoseconds since 1970 as a moment in words.
    Moment(fn(&C, usize) -> u64),
    /// Nanoseconds since 1970, rounded down to whole stretches of so many seconds, as Unix seconds.
    Stretch(fn(&C, usize) -> u64, u64),
    /// Anything else.
    Made(Made, for<'a> fn(&'a Words, &'a C, usize) -> Cell<'a>),
}

/// The type of a value that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Text,
    Whole,
    Any,
}

/// A value on its way to SQLite.
pub(super) enum Cell<'a> {
    Null,
    Text(Cow<'a, str>),
    Whole(i64),
    Real(f64),
}

impl Cell<'_> {
    /// A text, NULL if it is empty.
    pub(super) fn some(text: &str) -> Cell<'_> {
        if text.is_empty() { Cell::Null } else { Cell::Text(text.into()) }
    }

    /// A JSON text.
    pub(super) fn json(value: impl Into<serde_json::Value>) -> Cell<'static> {
        Cell::Text(value.into().to_string().into())
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Whole(whole) => ValueRef::Integer(*whole),
            Self::Real(real) => ValueRef::Real(*real),
        }))
    }
}

impl<C> Column<C> {
    pub(super) const fn new(name: &'static str, read: Read<C>, about: &'static str) -> Self {
        Self { name, about, read, is_hidden: false, is_heavy: false }
    }

    pub(super) const fn hidden(name: &'static str, read: Read<C>, about: &'static str) -> Self {
        Self { name, about, read, is_hidden: true, is_heavy: false }
    }

    /// A column that is not among those which a search in files reads.
    pub(super) const fn heavy(name: &'static str, read: Read<C>, about: &'static str) -> Self {
        Self { name, about, read, is_hidden: false, is_heavy: true }
    }

    /// SQLite's name for the type.
    pub(super) fn sql_type(&self) -> &'static str {
        match self.read {
            Read::Symbol(_) | Read::Word(_) | Read::Long(_) | Read::Short(_) | Read::Moment(_) => "TEXT",
            Read::Millis(_) => "REAL",
            Read::Stretch(..) => "INTEGER",
            Read::Made(Made::Text, _) => "TEXT",
            Read::Made(Made::Whole, _) => "INTEGER",
            Read::Made(Made::Any, _) => "",
        }
    }

    /// The value of a row.
    pub(super) fn value<'a>(&self, words: &'a Words, chunk: &'a C, place: usize) -> Cell<'a> {
        match self.read {
            Read::Symbol(read) => Cell::some(words.texts.text(read(words, chunk, place))),
            Read::Word(read) => Cell::some(read(words, chunk, place)),
            Read::Long(read) => match read(chunk, place) {
                0 => Cell::Null,
                id => Cell::Text(hex::<32>(id).into()),
            },
            Read::Short(read) => match read(chunk, place) {
                0 => Cell::Null,
                id => Cell::Text(hex::<16>(id.into()).into()),
            },
            Read::Millis(read) => Cell::Real(read(chunk, place) as f64 / 1e6),
            Read::Moment(read) => Cell::Text(moment(read(chunk, place)).into()),
            Read::Stretch(read, seconds) => {
                let at = read(chunk, place) / 1_000_000_000;
                Cell::Whole((at - at % seconds).cast_signed())
            }
            Read::Made(_, make) => make(words, chunk, place),
        }
    }
}

/// So many hex digits of a number.
fn hex<const DIGITS: usize>(mut id: u128) -> String {
    let mut text = [b'0'; DIGITS];
    for digit in text.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(id & 15) as usize];
        id >>= 4;
    }
    text.iter().map(|digit| char::from(*digit)).collect()
}

/// `2027-01-15T08:00:00.123Z`, UTC; empty for moments that no calendar has.
pub(super) fn moment(nanos: u64) -> String {
    let millis = i64::try_from(nanos / 1_000_000).ok();
    let at = millis.and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    at.map(|at| format!("{at:.3}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_calendars_have_them() {
        let table = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_800_000_000, "2027-01-15T08:00:00.000Z"),
            (4_102_444_799, "2099-12-31T23:59:59.000Z"),
        ];
        for (seconds, expected) in table {
            assert_eq!(moment(seconds * 1_000_000_000), expected);
        }
        assert_eq!(moment(1_800_000_000_123_999_999), "2027-01-15T08:00:00.123Z");
    }

    #[test]
    fn identifiers_have_all_their_digits() {
        assert_eq!(hex::<32>(0xabc), "00000000000000000000000000000abc");
        assert_eq!(hex::<16>(u64::MAX.into()), "ffffffffffffffff");
    }
}
