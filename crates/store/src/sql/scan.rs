//! One look through a table: the rows that fit, as they stand or in order.

use std::sync::Arc;

use rusqlite::ffi;

use crate::shelf::Chunk;
use crate::sql::account::Account;
use crate::sql::order::Ordered;
use crate::sql::plan::Plan;
use crate::sql::snapshot::{Place, Snapshot};
use crate::sql::tables::Table;
use crate::sql::test::Tests;

/// What everything that answers one question shares.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) snapshot: Snapshot,
    pub(super) account: Account,
}

/// The error of a question that a bound ended; the account knows which.
pub(super) fn stopped() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None)
}

/// One look through a table.
pub(super) struct Scan<T: Table> {
    shared: Arc<Shared>,
    tests: Tests<T>,
    rows: Rows,
    row: Option<Place>,
    /// What this look has taken of the question's memory.
    taken: usize,
}

/// Where rows come from.
enum Rows {
    /// Chunk after chunk; this place is the next.
    AsTheyStand(Place),
    Listed(std::vec::IntoIter<Place>),
    Ordered(Ordered),
    None,
}

impl<T: Table> Scan<T> {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, tests: Tests::none(), rows: Rows::None, row: None, taken: 0 }
    }

    /// Begins anew; `tests` is nothing if no row can fit.
    pub(super) fn begin(&mut self, plan: &Plan, tests: Option<Tests<T>>) -> rusqlite::Result<()> {
        self.end();
        let Some(tests) = tests else { return Ok(()) };
        self.tests = tests;
        self.rows = match (self.tests.trace, T::INDEX) {
            (Some(trace), Some((_, lead))) => Rows::Listed(lead(&self.shared.snapshot, trace).into_iter()),
            _ => Rows::AsTheyStand(Place { chunk: 0, place: 0 }),
        };
        if !plan.order.is_empty() {
            self.order(plan)?;
        }
        self.advance()
    }

    fn order(&mut self, plan: &Plan) -> rusqlite::Result<()> {
        let mut rows: Vec<Place> = Vec::new();
        while let Some(row) = self.next()? {
            if rows.len() == rows.capacity() {
                let more = rows.len().max(1024);
                self.take(more * size_of::<Place>())?;
                rows.reserve_exact(more);
            }
            rows.push(row);
        }
        self.take(rows.len() * Ordered::row_bytes::<T>(&plan.order))?;
        self.rows = Rows::Ordered(Ordered::new::<T>(&self.shared.snapshot, &rows, &plan.order, plan.is_short));
        let listed = rows.capacity() * size_of::<Place>();
        self.taken -= listed;
        self.shared.account.give_back(listed);
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> rusqlite::Result<()> {
        self.taken += bytes;
        if self.shared.account.take(bytes) { Ok(()) } else { Err(stopped()) }
    }

    fn end(&mut self) {
        self.rows = Rows::None;
        self.row = None;
        self.shared.account.give_back(std::mem::take(&mut self.taken));
    }

    /// Goes to the next row.
    pub(super) fn advance(&mut self) -> rusqlite::Result<()> {
        self.row = self.next()?;
        Ok(())
    }

    /// The next row that fits.
    fn next(&mut self) -> rusqlite::Result<Option<Place>> {
        let snapshot = &self.shared.snapshot;
        let chunks = T::chunks(snapshot);
        match &mut self.rows {
            Rows::None => Ok(None),
            Rows::Ordered(rows) => Ok(rows.next()),
            Rows::Listed(rows) => {
                Ok(rows.find(|row| self.tests.fits(&snapshot.words, &chunks[row.chunk as usize].1, row.place as usize)))
            }
            Rows::AsTheyStand(at) => {
                while let Some((_, chunk)) = chunks.get(at.chunk as usize) {
                    if at.place == 0 && !self.tests.may_be_in(chunk) {
                        at.chunk += 1;
                        continue;
                    }
                    let (from, rows) = (at.place as usize, chunk.rows());
                    if let Some(place) = (from..rows).find(|place| self.tests.fits(&snapshot.words, chunk, *place)) {
                        at.place = place as u32 + 1;
                        return Ok(Some(Place { chunk: at.chunk, place: place as u32 }));
                    }
                    *at = Place { chunk: at.chunk + 1, place: 0 };
                    // SQLite does not look at the clock while we look for rows.
                    if !self.shared.account.may_go_on() {
                        return Err(stopped());
                    }
                }
                Ok(None)
            }
        }
    }

    /// The row that it stands at.
    pub(super) fn row(&self) -> Option<(Place, u64, &T::Chunk)> {
        let row = self.row?;
        let (first, chunk) = &T::chunks(&self.shared.snapshot)[row.chunk as usize];
        Some((row, *first, chunk))
    }
}

impl<T: Table> Drop for Scan<T> {
    fn drop(&mut self) {
        self.end();
    }
}
