//! Requests and calls by second and kind, within bounds.

use std::collections::BTreeMap;

use hashbrown::{DefaultHashBuilder, HashMap};
use indexmap::IndexSet;

use crate::aggregates::{NumberSum, SparseHistogram};
use crate::limits::{MOST_SECONDS, MOST_SKEW_S};
use crate::llm::sample::{LlmKey, LlmSample};
use crate::symbols::Symbol;

/// Combinations that are told apart: a system has some models, kinds of traffic and errors, not a thousand of each.
const MOST_KEYS: usize = 1024;
/// Bytes of all seconds together. A second with twenty combinations takes about four KiB, so this is two hours of those.
const MOST_BYTES: usize = 32 << 20;

/// What ended in one second, of one combination.
#[derive(Debug, Clone, Default)]
pub(crate) struct LlmCell {
    pub(crate) count: u32,
    pub(crate) truncated: u32,
    pub(crate) fallbacks: u32,
    pub(crate) tokens_in: NumberSum,
    pub(crate) tokens_out: NumberSum,
    pub(crate) tokens: NumberSum,
    pub(crate) cost_usd: NumberSum,
    pub(crate) durations: SparseHistogram,
}

type Second = HashMap<u32, LlmCell>;

/// All seconds.
#[derive(Debug, Default)]
pub(crate) struct LlmCells {
    keys: IndexSet<LlmKey, DefaultHashBuilder>,
    seconds: BTreeMap<u64, Second>,
    bytes: usize,
}

impl LlmCells {
    /// Counts a span that ended at `end_ns`, unless that is too long ago or in the future.
    pub(crate) fn record(&mut self, sample: &LlmSample, end_ns: u64, now_s: u64) {
        let at = end_ns / 1_000_000_000;
        if at > now_s + MOST_SKEW_S || at + MOST_SECONDS as u64 <= now_s {
            return;
        }
        let key = self.admit(sample.key);
        let second = self.seconds.entry(at).or_default();
        let known = second.len();
        let cell = second.entry(key).or_default();
        let before = cell.durations.heap_bytes();
        cell.count += 1;
        cell.truncated += u32::from(sample.is_truncated);
        cell.fallbacks += u32::from(sample.is_fallback);
        cell.tokens_in.add(sample.tokens_in.into());
        cell.tokens_out.add(sample.tokens_out.into());
        cell.tokens.add(sample.tokens.into());
        cell.cost_usd.add(sample.cost_usd.into());
        cell.durations.record(sample.duration_ns);
        self.bytes += cell.durations.heap_bytes() - before;
        if second.len() > known {
            self.bytes += slot();
            self.keep_bounds(now_s);
        }
    }

    fn admit(&mut self, key: LlmKey) -> u32 {
        if let Some(index) = self.keys.get_index_of(&key) {
            return index as u32;
        }
        if self.keys.len() < MOST_KEYS {
            return self.keys.insert_full(key).0 as u32;
        }
        // What is left apart then: requests and calls, of which some failed.
        let other = Symbol::OTHER;
        let error = if key.error == Symbol::NONE { Symbol::NONE } else { other };
        let key = LlmKey {
            service: other,
            operation: other,
            model: other,
            traffic_type: Symbol::NONE,
            error,
            status: 0,
            ..key
        };
        self.keys.insert_full(key).0 as u32
    }

    /// The oldest seconds leave first.
    fn keep_bounds(&mut self, now_s: u64) {
        let first = (now_s + 1).saturating_sub(MOST_SECONDS as u64);
        while let Some(oldest) = self.seconds.first_entry() {
            if *oldest.key() >= first && self.bytes <= MOST_BYTES {
                return;
            }
            let gone = oldest.remove();
            self.bytes -= gone.values().map(|cell| slot() + cell.durations.heap_bytes()).sum::<usize>();
        }
    }

    /// The first second of which something is known.
    pub(crate) fn first_second(&self) -> Option<u64> {
        self.seconds.first_key_value().map(|(second, _)| *second)
    }

    /// Every cell from second `from` up to and including `to`, with its second and its combination.
    pub(crate) fn range(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, &LlmKey, &LlmCell)> {
        let seconds = (from <= to).then(|| self.seconds.range(from..=to)).into_iter().flatten();
        seconds.flat_map(|(at, second)| {
            second.iter().filter_map(|(key, cell)| Some((*at, self.keys.get_index(*key as usize)?, cell)))
        })
    }

    /// Bytes that are kept.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.keys.len() * (size_of::<LlmKey>() + 16)
    }
}

/// Of a map: its slots are at least seven eighths full before it doubles; a half of that is fair.
fn slot() -> usize {
    (size_of::<LlmCell>() + 8) * 3 / 2
}
