//! What a question looks at: the chunks as they were when it came, and the tables that they refer to.

use std::sync::{Arc, Mutex, PoisonError};

use crate::disk;
use crate::ingest::Kept;
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::shelf::Chunk;
use crate::spans::SpanChunk;
use crate::sql::keys::{Known, in_double_quotes, keys};
use crate::symbols::Symbol;

/// Where a row is: a chunk of the snapshot and a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) chunk: u32,
    pub(super) place: u32,
}

/// What a question looks at.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(super) spans: disk::Snapshot<SpanChunk>,
    pub(super) logs: disk::Snapshot<LogChunk>,
    pub(super) points: disk::Snapshot<PointChunk>,
    /// Attributes that are columns, by name; without a symbol if only files may have them.
    pub(super) keys: Vec<(String, Option<Symbol>)>,
    /// For the index of traces, which grows on.
    kept: Arc<Mutex<Kept>>,
}

impl Snapshot {
    /// Everything as it is now, for a question.
    pub(crate) fn new(shared: &Arc<Mutex<Kept>>, question: &str) -> Self {
        let asked = in_double_quotes(question);
        let kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
        // What an earlier process wrote has keys that nobody here has seen.
        let has_unknown = kept.on_disk_only::<SpanChunk>().any(|part| part.numbers.is_none())
            || kept.on_disk_only::<LogChunk>().any(|part| part.numbers.is_none())
            || kept.on_disk_only::<PointChunk>().any(|part| part.numbers.is_none());
        let known = Known::new(&kept.tables, asked);
        let (spans, logs, points) = (kept.snapshot(), kept.snapshot(), kept.snapshot());
        drop(kept);
        let keys = keys(known, &spans.words.texts, has_unknown);
        Self { spans, logs, points, keys, kept: Arc::clone(shared) }
    }

    /// The rows of a trace that are in the snapshot, the newest first.
    pub(super) fn trace(&self, trace_id: u128) -> Vec<Place> {
        let (Some(first), Some((last_first, last))) =
            (self.spans.chunks.first().map(|(first, _)| *first), self.spans.chunks.last())
        else {
            return Vec::new();
        };
        let end = last_first + last.rows() as u64;
        let mut next = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let mut row = kept.spans.index.newest(trace_id);
            if row.is_none() && kept.spans.shelf.first() > first {
                // Its rows have left since, and with them what the index knew.
                return self.trace_by_looking(trace_id);
            }
            // Rows that came after the snapshot are passed over while they can't leave.
            while let Some(later) = row.filter(|row| *row >= end) {
                row = kept.spans.shelf.at(later).and_then(|(chunk, place)| before(later, chunk, place));
            }
            row
        };
        let mut places = Vec::new();
        while let Some(row) = next {
            let Some(place) = self.span_at(row) else { break };
            places.push(place);
            next = before(row, &self.spans.chunks[place.chunk as usize].1, place.place as usize);
        }
        places
    }

    /// The symbol of a text. One that never came has none.
    pub(super) fn find(&self, text: &str) -> Option<Symbol> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).tables.symbols.find(text)
    }

    fn trace_by_looking(&self, trace_id: u128) -> Vec<Place> {
        let mut places = Vec::new();
        for (index, (_, chunk)) in self.spans.chunks.iter().enumerate().rev() {
            let of_trace = (0..chunk.rows()).rev().filter(|place| chunk.trace_id[*place] == trace_id);
            places.extend(of_trace.map(|place| Place { chunk: index as u32, place: place as u32 }));
        }
        places
    }

    fn span_at(&self, row: u64) -> Option<Place> {
        let index = self.spans.chunks.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
        let (first, chunk) = &self.spans.chunks[index];
        let place = (row - first) as usize;
        (place < chunk.rows()).then_some(Place { chunk: index as u32, place: place as u32 })
    }
}

/// The row before this one in the same trace.
fn before(row: u64, chunk: &SpanChunk, place: usize) -> Option<u64> {
    let older = u64::from(chunk.older[place]);
    if older == 0 { None } else { row.checked_sub(older) }
}
