//! Tests of rows, made from what SQLite asks for. They let every row through that fits, and perhaps some that do not:
//! SQLite looks again.

use rusqlite::types::Value;

use crate::disk::Words;
use crate::pack::Packed;
use crate::sql::column::Read;
use crate::sql::plan::How;
use crate::sql::source::{Source, attribute};
use crate::sql::tables::Table;
use crate::symbols::Symbol;

/// One test of a row.
enum Test<C> {
    Symbol(fn(&Words, &C, usize) -> Symbol, Vec<Symbol>),
    SymbolIsNull(fn(&Words, &C, usize) -> Symbol, bool),
    Word(fn(&Words, &C, usize) -> &'static str, Vec<String>),
    WordIsNull(fn(&Words, &C, usize) -> &'static str, bool),
    Long(fn(&C, usize) -> u128, Vec<u128>),
    Short(fn(&C, usize) -> u64, Vec<u64>),
    Between(fn(&C, usize) -> u64, u64, u64),
    /// The key's symbol, if it has one here.
    Attribute(Option<Symbol>, Wanted),
}

/// What an attribute must be.
enum Wanted {
    /// This text, and its symbol if it has one.
    Text(String, Option<Symbol>),
    /// A number from one to another; a text too if it need only be greater, as SQLite has it.
    Number(f64, f64),
    Null(bool),
}

/// What SQLite asks for: comparisons of columns with values: one, or those of a list, or none.
#[derive(Debug, Default)]
pub(super) struct Asked(pub(super) Vec<((usize, How), Vec<Value>)>);

impl Asked {
    /// Bounds of the column of time, Unix nanoseconds, and the one trace that is asked for; `None` if nothing can fit
    /// whatever rows there are.
    pub(super) fn bounds<T: Table>(&self) -> Option<((u64, u64), Option<u128>)> {
        let (mut times, mut trace) = ((0, u64::MAX), None);
        for ((column, how), values) in &self.0 {
            if how.has_value() && values.iter().all(|value| *value == Value::Null) {
                return None;
            }
            let Some(declared) = T::COLUMNS.get(*column) else { continue };
            let between = match declared.read {
                Read::Millis(_) if *column == T::TIME => bounds(*how, values, 1e6, 0.0),
                Read::Stretch(_, seconds) => bounds(*how, values, 1e9, seconds as f64 * 1e9),
                _ => None,
            };
            if let Some((least, most)) = between {
                times = (times.0.max(least), times.1.min(most));
            }
            if T::INDEX.is_some_and(|(index, _)| index == *column) {
                let Some(words) = texts(values) else { continue };
                trace = Some(words.first().and_then(|hex| u128::from_str_radix(hex, 16).ok())?);
            }
        }
        Some((times, trace))
    }
}

/// All tests of rows of a table, for rows that are read together.
pub(super) struct Tests<T: Table> {
    tests: Vec<Test<T::Chunk>>,
    /// Bounds of the column of time, in nanoseconds.
    times: (u64, u64),
}

/// Nothing fits.
struct Never;

/// Numbers of SQLite have fewer digits than nanoseconds: so much may be lost on the way.
const SLACK_NS: f64 = 2000.0;

impl<T: Table> Tests<T> {
    /// `None` if no row can fit.
    pub(super) fn new(source: &Source<'_, T::Chunk>, asked: &Asked) -> Option<Self> {
        let mut tests = Self { tests: Vec::new(), times: asked.bounds::<T>()?.0 };
        for (ask, values) in &asked.0 {
            tests.add(source, *ask, values).ok()?;
        }
        Some(tests)
    }

    fn add(
        &mut self,
        source: &Source<'_, T::Chunk>,
        (column, how): (usize, How),
        values: &[Value],
    ) -> Result<(), Never> {
        let Some(declared) = T::COLUMNS.get(column) else {
            let key = source.key(column - T::COLUMNS.len());
            let wanted = wanted(source, how, values.first());
            self.tests.extend(wanted.map(|wanted| Test::Attribute(key, wanted)));
            return Ok(());
        };
        match declared.read {
            Read::Symbol(read) if how.has_value() => {
                let Some(words) = texts(values) else { return Ok(()) };
                let symbols: Vec<Symbol> = words.iter().filter_map(|word| source.find(word)).collect();
                if symbols.is_empty() {
                    return Err(Never);
                }
                self.tests.push(Test::Symbol(read, symbols));
            }
            Read::Symbol(read) => self.tests.push(Test::SymbolIsNull(read, how == How::Null)),
            Read::Word(read) if how.has_value() => {
                self.tests.extend(texts(values).map(|words| Test::Word(read, words)));
            }
            Read::Word(read) => self.tests.push(Test::WordIsNull(read, how == How::Null)),
            Read::Long(read) => {
                let Some(words) = texts(values) else { return Ok(()) };
                let ids: Vec<u128> = words.iter().filter_map(|hex| u128::from_str_radix(hex, 16).ok()).collect();
                if ids.is_empty() {
                    return Err(Never);
                }
                self.tests.push(Test::Long(read, ids));
            }
            Read::Short(read) => {
                let Some(words) = texts(values) else { return Ok(()) };
                let ids: Vec<u64> = words.iter().filter_map(|hex| u64::from_str_radix(hex, 16).ok()).collect();
                if ids.is_empty() {
                    return Err(Never);
                }
                self.tests.push(Test::Short(read, ids));
            }
            Read::Millis(read) => {
                if let Some((least, most)) = bounds(how, values, 1e6, 0.0) {
                    self.tests.push(Test::Between(read, least, most));
                }
            }
            Read::Stretch(read, seconds) => {
                if let Some((least, most)) = bounds(how, values, 1e9, seconds as f64 * 1e9) {
                    self.tests.push(Test::Between(read, least, most));
                }
            }
            Read::Moment(_) | Read::Made(..) => {}
        }
        Ok(())
    }

    /// Whether any row of a chunk can fit.
    pub(super) fn may_be_in(&self, chunk: &T::Chunk) -> bool {
        T::bounds(chunk).is_none_or(|(first, last)| first <= self.times.1 && last >= self.times.0)
    }

    /// Whether a row fits.
    #[inline]
    pub(super) fn fits(&self, words: &Words, chunk: &T::Chunk, place: usize) -> bool {
        self.tests.iter().all(|test| match test {
            Test::Symbol(read, symbols) => symbols.contains(&read(words, chunk, place)),
            Test::SymbolIsNull(read, is_null) => (read(words, chunk, place) == Symbol::NONE) == *is_null,
            Test::Word(read, wanted) => {
                let word = read(words, chunk, place);
                wanted.iter().any(|other| other == word)
            }
            Test::WordIsNull(read, is_null) => read(words, chunk, place).is_empty() == *is_null,
            Test::Long(read, ids) => ids.contains(&read(chunk, place)),
            Test::Short(read, ids) => ids.contains(&read(chunk, place)),
            Test::Between(read, least, most) => (*least..=*most).contains(&read(chunk, place)),
            Test::Attribute(key, wanted) => wanted.is(attribute::<T>(words, chunk, place, *key)),
        })
    }
}

impl Wanted {
    fn is(&self, value: Option<Packed<'_>>) -> bool {
        let value = value.unwrap_or(Packed::Null);
        match (self, value) {
            (Self::Null(is_null), value) => (value == Packed::Null) == *is_null,
            (Self::Text(_, symbol), Packed::Shared(other)) => *symbol == Some(other),
            (Self::Text(text, _), Packed::Text(other) | Packed::Json(other)) => text == other,
            (Self::Number(least, most), Packed::Whole(whole)) => within(whole as f64, *least, *most),
            (Self::Number(least, most), Packed::Number(number)) => within(number, *least, *most),
            (Self::Number(least, most), Packed::Bool(is)) => within(f64::from(u8::from(is)), *least, *most),
            (Self::Number(_, most), Packed::Shared(_) | Packed::Text(_) | Packed::Json(_)) => *most == f64::INFINITY,
            _ => false,
        }
    }
}

fn within(number: f64, least: f64, most: f64) -> bool {
    number >= least && number <= most
}

fn wanted<C>(source: &Source<'_, C>, how: How, value: Option<&Value>) -> Option<Wanted> {
    let number = match value {
        Some(Value::Integer(whole)) => Some(*whole as f64),
        Some(Value::Real(real)) => Some(*real),
        _ => None,
    };
    Some(match (how, value, number) {
        (How::Null | How::NotNull, ..) => Wanted::Null(how == How::Null),
        (How::Is, Some(Value::Text(text)), _) => Wanted::Text(text.clone(), source.find(text)),
        (How::Is, _, Some(number)) => Wanted::Number(number, number),
        (How::Least, _, Some(number)) => Wanted::Number(number, f64::INFINITY),
        (How::Most, _, Some(number)) => Wanted::Number(f64::NEG_INFINITY, number),
        _ => return None,
    })
}

/// The texts of a list; `None` if one is none: then SQLite alone knows how to compare it.
fn texts(values: &[Value]) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(Some(text.clone())),
        Value::Null => Some(None),
        _ => None,
    };
    let texts: Vec<Option<String>> = values.iter().map(text).collect::<Option<_>>()?;
    Some(texts.into_iter().flatten().collect())
}

/// Least and most nanoseconds for a comparison with a number of a unit; values stand for themselves and `wide` more.
fn bounds(how: How, values: &[Value], unit_ns: f64, wide: f64) -> Option<(u64, u64)> {
    let value = match values.first()? {
        Value::Integer(whole) => *whole as f64,
        Value::Real(real) => *real,
        _ => return None,
    };
    let least = (value * unit_ns - SLACK_NS) as u64;
    let most = (value * unit_ns + wide + SLACK_NS) as u64;
    Some(match how {
        How::Least => (least, u64::MAX),
        How::Most => (0, most),
        _ => (least, most),
    })
}
