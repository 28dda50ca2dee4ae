//! The three tables of a store, in memory and on disk, so that what is done with one is written once.

use std::sync::Arc;

use crate::disk::part::Part;
use crate::disk::table::Stored;
use crate::disk::words::Words;
use crate::ingest::{Counts, Kept};
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::shelf::{Numbered, Shelf};
use crate::spans::SpanChunk;

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Spans,
    Logs,
    Points,
}

/// The files of a store, of each table the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) spans: Vec<Arc<Part<SpanChunk>>>,
    pub(crate) logs: Vec<Arc<Part<LogChunk>>>,
    pub(crate) points: Vec<Arc<Part<PointChunk>>>,
    /// Bytes in memory that knowing of them takes.
    pub(crate) bytes_known: usize,
}

impl Parts {
    /// How many files there are.
    pub(crate) fn count(&self) -> u64 {
        (self.spans.len() + self.logs.len() + self.points.len()) as u64
    }

    /// Bytes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        fn bytes<C: Stored>(parts: &[Arc<Part<C>>]) -> u64 {
            parts.iter().map(|part| part.bytes()).sum()
        }
        bytes(&self.spans) + bytes(&self.logs) + bytes(&self.points)
    }
}

/// Rows of a store's table.
pub(crate) trait Held: Stored {
    const KIND: Kind;
    fn shelf(kept: &Kept) -> &Shelf<Self>;
    fn shelf_mut(kept: &mut Kept) -> &mut Shelf<Self>;
    fn parts(parts: &Parts) -> &Vec<Arc<Part<Self>>>;
    fn parts_mut(parts: &mut Parts) -> &mut Vec<Arc<Part<Self>>>;
    /// How many rows had to go.
    fn evicted(counts: &mut Counts) -> &mut u64;
    /// Takes the oldest sealed chunk out of memory.
    fn pop(kept: &mut Kept) -> Option<Numbered<Self>> {
        Self::shelf_mut(kept).pop()
    }
}

impl Held for SpanChunk {
    const KIND: Kind = Kind::Spans;

    fn shelf(kept: &Kept) -> &Shelf<Self> {
        &kept.spans.shelf
    }

    fn shelf_mut(kept: &mut Kept) -> &mut Shelf<Self> {
        &mut kept.spans.shelf
    }

    fn parts(parts: &Parts) -> &Vec<Arc<Part<Self>>> {
        &parts.spans
    }

    fn parts_mut(parts: &mut Parts) -> &mut Vec<Arc<Part<Self>>> {
        &mut parts.spans
    }

    fn evicted(counts: &mut Counts) -> &mut u64 {
        &mut counts.spans_evicted
    }

    fn pop(kept: &mut Kept) -> Option<Numbered<Self>> {
        let first = kept.spans.shelf.first();
        kept.spans.pop().map(|chunk| (first, chunk))
    }
}

impl Held for LogChunk {
    const KIND: Kind = Kind::Logs;

    fn shelf(kept: &Kept) -> &Shelf<Self> {
        &kept.logs
    }

    fn shelf_mut(kept: &mut Kept) -> &mut Shelf<Self> {
        &mut kept.logs
    }

    fn parts(parts: &Parts) -> &Vec<Arc<Part<Self>>> {
        &parts.logs
    }

    fn parts_mut(parts: &mut Parts) -> &mut Vec<Arc<Part<Self>>> {
        &mut parts.logs
    }

    fn evicted(counts: &mut Counts) -> &mut u64 {
        &mut counts.logs_evicted
    }
}

impl Held for PointChunk {
    const KIND: Kind = Kind::Points;

    fn shelf(kept: &Kept) -> &Shelf<Self> {
        &kept.metrics.points
    }

    fn shelf_mut(kept: &mut Kept) -> &mut Shelf<Self> {
        &mut kept.metrics.points
    }

    fn parts(parts: &Parts) -> &Vec<Arc<Part<Self>>> {
        &parts.points
    }

    fn parts_mut(parts: &mut Parts) -> &mut Vec<Arc<Part<Self>>> {
        &mut parts.points
    }

    fn evicted(counts: &mut Counts) -> &mut u64 {
        &mut counts.points_evicted
    }
}

/// All rows of a table at one moment, each once: those of the chunks and those of the parts.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot<C> {
    /// In memory, the oldest first; their numbers mean what `words` says.
    pub(crate) chunks: Vec<Numbered<C>>,
    /// On disk only, the oldest first.
    pub(crate) parts: Vec<Arc<Part<C>>>,
    pub(crate) words: Words,
}

impl Kept {
    /// What rows in memory mean.
    pub(crate) fn words(&self) -> Words {
        Words {
            texts: self.tables.texts().clone(),
            senders: self.resources.senders().clone(),
            instruments: self.metrics.instruments.clone(),
        }
    }

    /// Everything of a table.
    pub(crate) fn snapshot<C: Held>(&self) -> Snapshot<C> {
        let parts = self.on_disk_only::<C>().cloned().collect();
        Snapshot { chunks: C::shelf(self).chunks(), parts, words: self.words() }
    }

    /// The files whose rows are not in memory, the oldest first.
    pub(crate) fn on_disk_only<C: Held>(&self) -> impl DoubleEndedIterator<Item = &Arc<Part<C>>> {
        let in_memory = C::shelf(self).first();
        let is_gone = move |part: &&Arc<Part<C>>| part.numbers.as_ref().is_none_or(|rows| rows.end <= in_memory);
        C::parts(&self.parts).iter().filter(is_gone)
    }

    /// Drops the oldest chunk of a table from memory, sealing what is open if there is none. Its rows are counted as
    /// evicted unless a file has them.
    pub(crate) fn leave<C: Held>(&mut self) {
        if C::shelf(self).oldest().is_none() {
            C::shelf_mut(self).seal();
        }
        let Some((first, chunk)) = C::pop(self) else { return };
        let has_it = |part: &Arc<Part<C>>| part.numbers.as_ref().is_some_and(|rows| rows.start == first);
        if !C::parts(&self.parts).iter().any(has_it) {
            *C::evicted(&mut self.counts) += chunk.rows() as u64;
        }
    }

    /// Takes a file in, as the newest.
    pub(crate) fn add<C: Held>(&mut self, part: Part<C>) {
        self.parts.bytes_known += part.bytes_known();
        C::parts_mut(&mut self.parts).push(Arc::new(part));
    }

    /// Forgets a file. Its rows are counted as evicted unless they are in memory as well.
    pub(crate) fn forget<C: Held>(&mut self, part: &Arc<Part<C>>) {
        let in_memory = C::shelf(self).first();
        let parts = C::parts_mut(&mut self.parts);
        let before = parts.len();
        parts.retain(|other| !Arc::ptr_eq(other, part));
        if parts.len() == before {
            return;
        }
        self.parts.bytes_known -= part.bytes_known();
        if part.numbers.as_ref().is_none_or(|rows| rows.end <= in_memory) {
            *C::evicted(&mut self.counts) += part.rows();
        }
    }
}
