//! What a question looks at: the chunks as they were when it came, and the tables that they refer to.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ingest::Kept;
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::shelf::{Chunk, Numbered};
use crate::spans::SpanChunk;
use crate::sql::words::Words;
use crate::symbols::{Symbol, Texts};

/// Keys of attributes that are columns; SQLite takes 2,000 columns at most.
const MOST_KEYS: usize = 1500;

/// Where a row is: a chunk of the snapshot and a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) chunk: u32,
    pub(super) place: u32,
}

/// What a question looks at.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(super) spans: Vec<Numbered<SpanChunk>>,
    pub(super) logs: Vec<Numbered<LogChunk>>,
    pub(super) points: Vec<Numbered<PointChunk>>,
    pub(super) words: Words,
    /// Attributes that are columns, by name.
    pub(super) keys: Vec<(String, Symbol)>,
    /// For the index of traces, which grows on.
    kept: Arc<Mutex<Kept>>,
}

impl Snapshot {
    /// Everything as it is now.
    pub(crate) fn new(shared: &Arc<Mutex<Kept>>) -> Self {
        let kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = kept.tables.texts().clone();
        Self {
            spans: kept.spans.shelf.chunks(),
            logs: kept.logs.chunks(),
            points: kept.metrics.points.chunks(),
            keys: keys(kept.tables.keys(), &texts),
            words: Words {
                texts,
                senders: kept.resources.senders().clone(),
                instruments: kept.metrics.instruments.clone(),
            },
            kept: Arc::clone(shared),
        }
    }

    /// The rows of a trace that are in the snapshot, the newest first.
    pub(super) fn trace(&self, trace_id: u128) -> Vec<Place> {
        let (Some(first), Some((last_first, last))) = (self.spans.first().map(|(first, _)| *first), self.spans.last())
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
            next = before(row, &self.spans[place.chunk as usize].1, place.place as usize);
        }
        places
    }

    /// The symbol of a text. One that never came has none.
    pub(super) fn find(&self, text: &str) -> Option<Symbol> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).tables.symbols.find(text)
    }

    fn trace_by_looking(&self, trace_id: u128) -> Vec<Place> {
        let mut places = Vec::new();
        for (index, (_, chunk)) in self.spans.iter().enumerate().rev() {
            let of_trace = (0..chunk.rows()).rev().filter(|place| chunk.trace_id[*place] == trace_id);
            places.extend(of_trace.map(|place| Place { chunk: index as u32, place: place as u32 }));
        }
        places
    }

    fn span_at(&self, row: u64) -> Option<Place> {
        let index = self.spans.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
        let (first, chunk) = &self.spans[index];
        let place = (row - first) as usize;
        (place < chunk.rows()).then_some(Place { chunk: index as u32, place: place as u32 })
    }
}

/// The row before this one in the same trace.
fn before(row: u64, chunk: &SpanChunk, place: usize) -> Option<u64> {
    let older = u64::from(chunk.older[place]);
    if older == 0 { None } else { row.checked_sub(older) }
}

/// Keys that SQLite can take as names of columns, each once: it does not tell upper case from lower.
fn keys<'a>(symbols: impl IntoIterator<Item = &'a Symbol>, texts: &Texts) -> Vec<(String, Symbol)> {
    let mut seen = HashSet::new();
    let mut keys: Vec<(String, Symbol)> = symbols
        .into_iter()
        .map(|symbol| (texts.text(*symbol).to_owned(), *symbol))
        .filter(|(key, _)| !key.is_empty() && !key.chars().any(char::is_control))
        .filter(|(key, _)| seen.insert(key.to_ascii_lowercase()))
        .take(MOST_KEYS)
        .collect();
    keys.sort();
    keys
}
