//! Spans in the order they came, with an index by trace; the oldest traces leave first, whole.

use std::collections::{HashMap, VecDeque};

use crate::span::Span;

/// Spans within a budget.
#[derive(Debug)]
pub(crate) struct TraceRing {
    /// `None` where a span left with its trace before its turn.
    slots: VecDeque<Option<Span>>,
    /// Number of the first slot.
    first: u64,
    /// The slots of each trace, in the order its spans came.
    traces: HashMap<u128, Vec<u64>>,
    kept: usize,
    bytes: usize,
    budget_bytes: usize,
    pub(crate) evicted_spans: u64,
    pub(crate) evicted_traces: u64,
}

impl TraceRing {
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self {
            slots: VecDeque::new(),
            first: 0,
            traces: HashMap::new(),
            kept: 0,
            bytes: 0,
            budget_bytes,
            evicted_spans: 0,
            evicted_traces: 0,
        }
    }

    /// Keeps a span, at the cost of the oldest.
    pub(crate) fn push(&mut self, span: Span) {
        self.bytes += span.bytes();
        self.kept += 1;
        let slot = self.first + self.slots.len() as u64;
        self.traces.entry(span.trace_id).or_default().push(slot);
        self.slots.push_back(Some(span));
        while self.bytes > self.budget_bytes && self.kept > 0 {
            self.evict_oldest();
        }
    }

    fn evict_oldest(&mut self) {
        while let Some(slot) = self.slots.pop_front() {
            self.first += 1;
            let Some(span) = slot else { continue };
            self.forget(&span);
            let rest = self.traces.remove(&span.trace_id).unwrap_or_default();
            for number in rest {
                let found = number.checked_sub(self.first).and_then(|at| self.slots.get_mut(at as usize)?.take());
                if let Some(span) = found {
                    self.forget(&span);
                }
            }
            self.evicted_traces += 1;
            return;
        }
    }

    fn forget(&mut self, span: &Span) {
        self.bytes -= span.bytes();
        self.kept -= 1;
        self.evicted_spans += 1;
    }

    /// The spans of a trace in the order they came; none if it never came or has left.
    pub(crate) fn trace(&self, trace_id: u128) -> Vec<&Span> {
        let slots = self.traces.get(&trace_id).map_or(&[][..], Vec::as_slice);
        slots.iter().filter_map(|number| self.slots.get((number - self.first) as usize)?.as_ref()).collect()
    }

    /// All spans, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Span> {
        self.slots.iter().rev().flatten()
    }

    pub(crate) fn oldest(&self) -> Option<&Span> {
        self.slots.iter().flatten().next()
    }

    pub(crate) fn spans(&self) -> usize {
        self.kept
    }

    pub(crate) fn traces(&self) -> usize {
        self.traces.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}
