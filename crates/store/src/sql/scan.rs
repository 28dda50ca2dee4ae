//! One look through a table: the rows that fit, as they stand or in order. Files come first: their rows are the oldest.

use std::sync::Arc;

use rusqlite::ffi;

use crate::shelf::Chunk;
use crate::sql::account::Account;
use crate::sql::files::{Files, Wanted};
use crate::sql::order::Ordered;
use crate::sql::plan::Plan;
use crate::sql::snapshot::{Place, Snapshot};
use crate::sql::source::Source;
use crate::sql::tables::Table;
use crate::sql::test::{Asked, Tests};

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

/// What a row's numbers mean, its columns, and its place in them.
pub(super) type Row<'a, C> = (Source<'a, C>, &'a C, usize);

/// One look through a table.
pub(super) struct Scan<T: Table> {
    shared: Arc<Shared>,
    plan: Plan,
    asked: Asked,
    /// Of the rows that are being looked at; nothing if none of them can fit.
    tests: Option<Tests<T>>,
    files: Files<T>,
    rows: Rows,
    row: Option<Place>,
    /// What this look has taken of the question's memory.
    taken: usize,
}

/// Where rows come from.
enum Rows {
    /// The open file; this place is the next.
    File(usize),
    /// Chunk after chunk in memory; this place is the next.
    Memory(Place),
    Listed(std::vec::IntoIter<Place>),
    Ordered(Ordered),
    None,
}

impl<T: Table> Scan<T> {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let (plan, asked) = (Plan::default(), Asked::default());
        Self { shared, plan, asked, tests: None, files: Files::new(), rows: Rows::None, row: None, taken: 0 }
    }

    /// Begins anew.
    pub(super) fn begin(&mut self, plan: Plan, asked: Asked) -> rusqlite::Result<()> {
        self.end();
        (self.plan, self.asked) = (plan, asked);
        if !self.next_file()? {
            self.go_to_memory();
            if !self.plan.order.is_empty() {
                self.order()?;
            }
        }
        self.advance()
    }

    fn next_file(&mut self) -> rusqlite::Result<bool> {
        let Some((times, trace)) = self.asked.bounds::<T>() else { return Ok(false) };
        let wanted = Wanted { depth: self.plan.depth(), times, trace };
        while self.files.advance(&self.shared, wanted)? {
            let Some(file) = &self.files.open else { break };
            self.tests = Tests::new(&Source::File(file), &self.asked);
            if self.tests.is_some() {
                self.rows = Rows::File(0);
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn go_to_memory(&mut self) {
        let snapshot = &self.shared.snapshot;
        self.tests = Tests::new(&Source::Memory(snapshot), &self.asked);
        self.rows = match (&self.tests, self.asked.bounds::<T>(), T::INDEX) {
            (None, ..) | (_, None, _) => Rows::None,
            (_, Some((_, Some(trace))), Some((_, lead))) => Rows::Listed(lead(snapshot, trace).into_iter()),
            _ => Rows::Memory(Place { chunk: 0, place: 0 }),
        };
    }

    fn order(&mut self) -> rusqlite::Result<()> {
        let mut rows: Vec<Place> = Vec::new();
        while let Some(row) = self.next()? {
            if rows.len() == rows.capacity() {
                let more = rows.len().max(1024);
                self.take(more * size_of::<Place>())?;
                rows.reserve_exact(more);
            }
            rows.push(row);
        }
        let order = &self.plan.order;
        let bytes = rows.len() * Ordered::row_bytes::<T>(order);
        self.taken += bytes;
        if !self.shared.account.take(bytes) {
            return Err(stopped());
        }
        self.rows = Rows::Ordered(Ordered::new::<T>(&self.shared.snapshot, &rows, order, self.plan.is_short));
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
        self.files.end(&self.shared);
        self.shared.account.give_back(std::mem::take(&mut self.taken));
    }

    /// Goes to the next row.
    pub(super) fn advance(&mut self) -> rusqlite::Result<()> {
        self.row = self.next()?;
        Ok(())
    }

    /// The next row that fits.
    fn next(&mut self) -> rusqlite::Result<Option<Place>> {
        while let Rows::File(from) = self.rows {
            let fitting = self.files.open.as_ref().zip(self.tests.as_ref()).and_then(|(file, tests)| {
                let chunk = &file.loaded.chunk;
                (from..chunk.rows()).find(|place| tests.fits(&file.loaded.words, chunk, *place))
            });
            if let Some(place) = fitting {
                self.rows = Rows::File(place + 1);
                return Ok(Some(Place { chunk: u32::MAX, place: place as u32 }));
            }
            if !self.next_file()? {
                self.go_to_memory();
            }
        }
        let held = T::held(&self.shared.snapshot);
        let Some(tests) = &self.tests else { return Ok(None) };
        let fits = |row: &Place| tests.fits(&held.words, &held.chunks[row.chunk as usize].1, row.place as usize);
        match &mut self.rows {
            Rows::None | Rows::File(_) => Ok(None),
            Rows::Ordered(rows) => Ok(rows.next()),
            Rows::Listed(rows) => Ok(rows.find(fits)),
            Rows::Memory(at) => {
                while let Some((_, chunk)) = held.chunks.get(at.chunk as usize) {
                    if at.place == 0 && !tests.may_be_in(chunk) {
                        at.chunk += 1;
                        continue;
                    }
                    let (from, rows) = (at.place as usize, chunk.rows());
                    if let Some(place) = (from..rows).find(|place| tests.fits(&held.words, chunk, *place)) {
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

    /// Whether there are no more rows.
    pub(super) fn is_over(&self) -> bool {
        self.row.is_none()
    }

    /// The row that it stands at, with what its numbers mean.
    pub(super) fn row(&self) -> Option<Row<'_, T::Chunk>> {
        let Place { chunk, place } = self.row?;
        match &self.files.open {
            Some(file) if chunk == u32::MAX => Some((Source::File(file), &file.loaded.chunk, place as usize)),
            _ => {
                let snapshot = &self.shared.snapshot;
                let (_, chunk) = T::held(snapshot).chunks.get(chunk as usize)?;
                Some((Source::Memory(snapshot), chunk, place as usize))
            }
        }
    }

    /// A number for the row that no other has.
    pub(super) fn number(&self) -> i64 {
        let Some(Place { chunk, place }) = self.row else { return 0 };
        match &self.files.open {
            // Those of files are below zero.
            Some(file) if chunk == u32::MAX => {
                let known = T::identity(&file.loaded.chunk, place as usize);
                known.unwrap_or(file.number | i64::from(place)) | i64::MIN
            }
            _ => {
                let first = T::held(&self.shared.snapshot).chunks.get(chunk as usize).map_or(0, |(first, _)| *first);
                (first + u64::from(place)).cast_signed()
            }
        }
    }
}

impl<T: Table> Drop for Scan<T> {
    fn drop(&mut self) {
        self.end();
    }
}
