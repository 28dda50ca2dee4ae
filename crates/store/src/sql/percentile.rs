//! `percentile(value, p)` and its short forms: exact, nearest rank, as the store's other quantiles are.

use std::sync::Arc;

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};

use crate::sql::scan::{Shared, stopped};

/// The short forms.
pub(super) const SHORT: [(&str, f64); 5] = [("p50", 50.0), ("p75", 75.0), ("p90", 90.0), ("p95", 95.0), ("p99", 99.0)];

/// Makes the functions known.
pub(super) fn register(connection: &Connection, shared: &Arc<Shared>) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let percentile = |fixed| Percentile { shared: Arc::clone(shared), fixed };
    for (name, fixed) in SHORT {
        connection.create_aggregate_function(name, 1, flags, percentile(Some(fixed)))?;
    }
    connection.create_aggregate_function("percentile", 2, flags, percentile(None))
}

struct Percentile {
    shared: Arc<Shared>,
    /// Which one, 0 to 100; `None` if the question says.
    fixed: Option<f64>,
}

/// The values of one group.
struct Values {
    shared: Arc<Shared>,
    values: Vec<f64>,
    percent: Option<f64>,
}

impl Drop for Values {
    fn drop(&mut self) {
        self.shared.account.give_back(self.values.capacity() * 8);
    }
}

impl Values {
    fn push(&mut self, value: f64) -> Result<()> {
        if self.values.len() == self.values.capacity() {
            let more = self.values.len().max(64);
            self.values.reserve_exact(more);
            if !self.shared.account.take(more * 8) {
                return Err(stopped());
            }
        }
        self.values.push(value);
        Ok(())
    }

    fn find(&mut self) -> Option<f64> {
        let (percent, count) = (self.percent?, self.values.len());
        let rank = ((count as f64 * percent / 100.0).ceil() as usize).clamp(1, count.max(1));
        if count == 0 {
            return None;
        }
        Some(*self.values.select_nth_unstable_by(rank - 1, f64::total_cmp).1)
    }
}

impl Aggregate<Values, Option<f64>> for Percentile {
    fn init(&self, _: &mut Context<'_>) -> Result<Values> {
        Ok(Values { shared: Arc::clone(&self.shared), values: Vec::new(), percent: self.fixed })
    }

    fn step(&self, context: &mut Context<'_>, values: &mut Values) -> Result<()> {
        if values.percent.is_none() {
            let percent: f64 = number(context.get_raw(1)).unwrap_or(f64::NAN);
            if !(0.0..=100.0).contains(&percent) {
                return Err(mistake("percentile(value, p) takes a p from 0 to 100, for instance 95"));
            }
            values.percent = Some(percent);
        }
        match context.get_raw(0) {
            ValueRef::Null => Ok(()),
            value => match number(value) {
                Some(value) => values.push(value),
                None => Err(mistake("percentiles are of numbers; CAST(... AS REAL) makes a number of a text")),
            },
        }
    }

    fn finalize(&self, _: &mut Context<'_>, values: Option<Values>) -> Result<Option<f64>> {
        Ok(values.and_then(|mut values| values.find()))
    }
}

/// A number; texts that are one count too, as SQLite has it elsewhere.
pub(super) fn number(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Integer(whole) => Some(whole as f64),
        ValueRef::Real(real) => Some(real),
        ValueRef::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
        _ => None,
    }
}

/// An error of a function, in words.
pub(super) fn mistake(words: &str) -> Error {
    Error::UserFunctionError(words.into())
}
