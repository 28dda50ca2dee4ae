//! Spans in columns: chunks of rows, and an index from trace to rows.

mod chunk;
mod index;
mod search;
mod view;

pub(crate) use chunk::{NewSpan, Rare, SpanChunk};
pub(crate) use index::TraceIndex;
pub(crate) use search::{Found, Summary, Wanted};
pub use search::{SpanSearch, TraceSummary};
pub use view::{EventView, SpanView, TraceView};

use std::sync::Arc;

use crate::shelf::Shelf;

/// All spans in memory.
#[derive(Debug)]
pub(crate) struct Spans {
    pub(crate) shelf: Shelf<SpanChunk>,
    pub(crate) index: TraceIndex,
}

impl Spans {
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self { shelf: Shelf::new(budget_bytes), index: TraceIndex::default() }
    }

    /// The rows of a trace that are here, the newest first.
    pub(crate) fn trace(&self, trace_id: u128) -> Rows<'_> {
        Rows { shelf: &self.shelf, next: self.index.newest(trace_id) }
    }

    /// Takes a whole chunk, whose spans are newer than all others.
    pub(crate) fn push(&mut self, mut chunk: SpanChunk) {
        self.index.admit(&mut chunk, self.shelf.next(), 0);
        self.shelf.push(chunk);
    }

    /// Takes the oldest sealed chunk out, and what the index knows of it.
    pub(crate) fn pop(&mut self) -> Option<Arc<SpanChunk>> {
        let (_, chunk) = self.shelf.pop()?;
        self.index.forget(&chunk, self.shelf.first());
        Some(chunk)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.shelf.bytes() + self.index.bytes()
    }
}

/// Rows of one trace, the newest first.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    shelf: &'a Shelf<SpanChunk>,
    next: Option<u64>,
}

impl<'a> Iterator for Rows<'a> {
    type Item = (&'a SpanChunk, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.next?;
        let (chunk, place) = self.shelf.at(row)?;
        let older = u64::from(chunk.older[place]);
        self.next = if older == 0 { None } else { row.checked_sub(older) };
        Some((chunk, place))
    }
}
