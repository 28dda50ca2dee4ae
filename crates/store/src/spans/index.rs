//! From a trace to its rows: the newest row of each trace here, from row to row in the chunks' column `older`.

use hashbrown::HashMap;

use crate::shelf::Chunk;
use crate::spans::chunk::SpanChunk;

/// The newest row of each trace.
#[derive(Debug, Default)]
pub(crate) struct TraceIndex {
    newest: HashMap<u128, u64>,
}

impl TraceIndex {
    /// Takes the rows of a chunk from `from` on; `first` is the number of the chunk's first row.
    pub(crate) fn admit(&mut self, chunk: &mut SpanChunk, first: u64, from: usize) {
        let rows = chunk.rows();
        let mut place = from;
        while place < rows {
            // Spans of one trace often come together: one look-up for all of them.
            let trace_id = chunk.trace_id[place];
            let begin = place;
            while place + 1 < rows && chunk.trace_id[place + 1] == trace_id {
                place += 1;
                chunk.older[place] = 1;
            }
            let last = first + place as u64;
            if let Some(before) = self.newest.insert(trace_id, last) {
                let back = first + begin as u64 - before;
                chunk.older[begin] = u32::try_from(back).unwrap_or(0);
            }
            place += 1;
        }
    }

    /// The newest row of a trace.
    pub(crate) fn newest(&self, trace_id: u128) -> Option<u64> {
        self.newest.get(&trace_id).copied()
    }

    /// Drops the traces of a chunk that left, unless they have a row from `first` on.
    pub(crate) fn forget(&mut self, chunk: &SpanChunk, first: u64) {
        for trace_id in &chunk.trace_id {
            if self.newest.get(trace_id).is_some_and(|newest| *newest < first) {
                self.newest.remove(trace_id);
            }
        }
    }

    pub(crate) fn traces(&self) -> usize {
        self.newest.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.newest.allocation_size()
    }
}
