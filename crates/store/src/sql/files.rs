//! Rows of a table that are in files: one part of a file after the other, decoded once for each look.

use std::collections::VecDeque;

use crate::disk::Depth;
use crate::shelf::Chunk;
use crate::sql::scan::{Shared, stopped};
use crate::sql::source::File;
use crate::sql::tables::Table;

/// What a look wants of files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// How much of each row.
    pub(super) depth: Depth,
    /// First and last moment, Unix nanoseconds.
    pub(super) times: (u64, u64),
    /// One trace only.
    pub(super) trace: Option<u128>,
}

/// Parts of files on their way through a look.
pub(super) struct Files<T: Table> {
    part: usize,
    group: usize,
    /// What was read and not yet looked at.
    ready: VecDeque<File<T::Chunk>>,
    /// What is being looked at.
    pub(super) open: Option<File<T::Chunk>>,
    /// Bytes of what was read.
    taken: usize,
}

impl<T: Table> Files<T> {
    pub(super) fn new() -> Self {
        Self { part: 0, group: 0, ready: VecDeque::new(), open: None, taken: 0 }
    }

    /// Begins anew.
    pub(super) fn end(&mut self, shared: &Shared) {
        shared.account.give_back(self.taken);
        *self = Self::new();
    }

    /// Opens the next part that may have what is wanted; `false` if there is none.
    pub(super) fn advance(&mut self, shared: &Shared, wanted: Wanted) -> rusqlite::Result<bool> {
        self.open = None;
        let parts = &T::held(&shared.snapshot).parts;
        while self.ready.is_empty() {
            shared.account.give_back(std::mem::take(&mut self.taken));
            let Some(part) = parts.get(self.part) else { return Ok(false) };
            let (from, to) = (wanted.times.0 / 1_000_000, wanted.times.1.div_ceil(1_000_000));
            let may_have = part.is_within(from, to) && wanted.trace.is_none_or(|trace| part.may_have(trace));
            if self.group >= part.groups() || !may_have {
                (self.part, self.group) = (self.part + 1, 0);
                continue;
            }
            let read = match wanted.trace {
                Some(trace) => {
                    self.group = part.groups();
                    part.read_traces(&[trace], wanted.depth)
                }
                None => {
                    self.group += 1;
                    part.read(self.group - 1, wanted.depth).map(|loaded| vec![loaded])
                }
            };
            let read = read.map_err(|error| rusqlite::Error::ModuleError(error.to_string()))?;
            for (index, loaded) in read.into_iter().enumerate() {
                self.taken += loaded.chunk.bytes();
                /// Rows of a part, at most.
                const ROWS: u32 = 32;
                let number = ((self.part << 12 | (self.group - 1 + index) & 0xfff) as i64) << ROWS;
                self.ready.push_back(File::new(loaded, number, &shared.snapshot));
            }
            if !shared.account.take(self.taken) {
                return Err(stopped());
            }
        }
        self.open = self.ready.pop_front();
        Ok(self.open.is_some())
    }
}
