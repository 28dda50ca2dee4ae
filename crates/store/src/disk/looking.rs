//! Questions that memory alone does not answer go on to what is on disk, the newest first, for a bounded time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::disk::error::StoreError;
use crate::disk::kind::{Held, Snapshot};
use crate::disk::part::Part;
use crate::disk::reading::{Depth, Loaded};
use crate::limits::MOST_SPANS_OF_A_TRACE;
use crate::logs::{self, LogChunk, LogSearch, LogView};
use crate::shelf::Chunk;
use crate::spans::{self, Found, SpanChunk, SpanSearch, SpanView, Summary, TraceSummary, TraceView};
use crate::store::Store;

/// How long a search looks through files.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched<T> {
    /// The newest first.
    pub found: Vec<T>,
    /// Whether older files were not looked at, because it took too long: there may be more in them.
    pub is_cut: bool,
}

impl Store {
    /// A trace by its 32 hex digits; `None` if it never came, has left, or that is no trace id. Of a trace with very
    /// many spans the newest are given.
    pub fn trace(&self, trace_id: &str) -> Option<TraceView> {
        let id = (trace_id.len() == 32).then(|| u128::from_str_radix(trace_id, 16).ok()).flatten()?;
        let (mut spans, mut left_out, parts) = {
            let kept = self.kept();
            let (texts, senders) = (kept.tables.texts(), kept.resources.senders());
            let mut rows = kept.spans.trace(id);
            let view = |(chunk, place)| SpanView::new(chunk, place, texts, senders);
            let spans: Vec<SpanView> = rows.by_ref().take(MOST_SPANS_OF_A_TRACE).map(view).collect();
            let left_out = rows.count() as u64;
            (spans, left_out, kept.on_disk_only::<SpanChunk>().cloned().collect::<Vec<_>>())
        };
        for part in parts.iter().rev().filter(|part| part.may_have(id)) {
            for Loaded { chunk, words, .. } in self.read(part, |part| part.read_traces(&[id], Depth::Whole)) {
                for place in (0..chunk.rows()).rev() {
                    if spans.len() < MOST_SPANS_OF_A_TRACE {
                        spans.push(SpanView::new(&chunk, place, &words.texts, &words.senders));
                    } else {
                        left_out += 1;
                    }
                }
            }
        }
        (!spans.is_empty()).then(|| TraceView::new(id, spans, left_out))
    }

    /// Traces with a span that fits, by the moment their last such span came, the newest first. Looks at files for two
    /// seconds at most; how often that was not enough is counted.
    pub fn search(&self, search: &SpanSearch) -> Vec<TraceSummary> {
        self.search_for(search, PATIENCE).found
    }

    /// As [`Store::search`], with the patience to look through files that is given.
    pub fn search_for(&self, search: &SpanSearch, patience: Duration) -> Searched<TraceSummary> {
        let until = Instant::now() + patience;
        let (wanted, Snapshot { chunks, parts, words }) = {
            let kept = self.kept();
            (spans::Wanted::new(search, &kept.tables.symbols), kept.snapshot::<SpanChunk>())
        };
        let mut found = Found::new(search.most());
        if let Some(wanted) = wanted {
            for (_, chunk) in chunks.iter().rev() {
                found.look(chunk, (0..chunk.rows()).rev(), &wanted, &words.senders, &words.texts);
            }
        }
        drop(chunks);
        let depth = if search.attributes.is_empty() { Depth::Light } else { Depth::Whole };
        let (from, to) = (search.from_unix_ms.unwrap_or(0), search.to_unix_ms.unwrap_or(u64::MAX));
        let mut is_cut = false;
        for (part, group) in groups(&parts).filter(|(part, _)| part.is_within(from, to)) {
            if found.is_enough() {
                break;
            }
            if Instant::now() >= until {
                is_cut = true;
                break;
            }
            for loaded in self.read(part, |part| part.read(group, depth).map(|loaded| vec![loaded])) {
                let Loaded { chunk, words, .. } = &loaded;
                if let Some(wanted) = spans::Wanted::new(search, loaded.symbols()) {
                    found.look(chunk, newest_first(chunk), &wanted, &words.senders, &words.texts);
                }
            }
        }
        let (summaries, is_whole) = self.summaries(&found.traces, until);
        is_cut |= !is_whole;
        if is_cut {
            self.kept().counts.searches_cut += 1;
        }
        Searched { found: summaries, is_cut }
    }

    /// Traces in one line each, and whether all files were looked at for it.
    fn summaries(&self, ids: &[u128], until: Instant) -> (Vec<TraceSummary>, bool) {
        let mut summaries: Vec<Summary> = ids.iter().map(|_| Summary::default()).collect();
        let parts: Vec<_> = {
            let kept = self.kept();
            for (id, summary) in ids.iter().zip(&mut summaries) {
                kept.spans.trace(*id).for_each(|(chunk, place)| summary.add(chunk, place, kept.tables.texts()));
            }
            kept.on_disk_only::<SpanChunk>().cloned().collect()
        };
        let mut is_whole = true;
        for part in parts.iter().rev() {
            let here: Vec<u128> = ids.iter().copied().filter(|id| part.may_have(*id)).collect();
            if here.is_empty() {
                continue;
            }
            if Instant::now() >= until {
                is_whole = false;
                break;
            }
            for Loaded { chunk, words, .. } in self.read(part, |part| part.read_traces(&here, Depth::Light)) {
                for place in 0..chunk.rows() {
                    if let Some(index) = ids.iter().position(|id| *id == chunk.trace_id[place]) {
                        summaries[index].add(&chunk, place, &words.texts);
                    }
                }
            }
        }
        let finished = ids.iter().zip(summaries).map(|(id, summary)| summary.finish(*id));
        (finished.filter(|summary| summary.spans > 0).collect(), is_whole)
    }

    /// Log records that fit, the newest first. Looks at files for two seconds at most; how often that was not enough is
    /// counted.
    pub fn logs(&self, search: &LogSearch) -> Vec<LogView> {
        self.logs_for(search, PATIENCE).found
    }

    /// As [`Store::logs`], with the patience to look through files that is given.
    pub fn logs_for(&self, search: &LogSearch, patience: Duration) -> Searched<LogView> {
        let until = Instant::now() + patience;
        let (wanted, Snapshot { chunks, parts, words }) = {
            let kept = self.kept();
            (logs::Wanted::new(search, &kept.tables.symbols), kept.snapshot::<LogChunk>())
        };
        let mut found = Vec::new();
        if let Some(wanted) = wanted {
            for (_, chunk) in chunks.iter().rev() {
                let places = (0..chunk.rows()).rev();
                logs::look(chunk, places, &wanted, search.most(), &words.senders, &words.texts, &mut found);
            }
        }
        drop(chunks);
        let trace_id = search.trace_id.as_deref().filter(|hex| !hex.is_empty());
        let trace_id = trace_id.map(|hex| u128::from_str_radix(hex, 16).unwrap_or(0));
        let (from, to) = (search.from_unix_ms.unwrap_or(0), search.to_unix_ms.unwrap_or(u64::MAX));
        let mut is_cut = false;
        let within = |(part, _): &(&Arc<Part<LogChunk>>, usize)| {
            part.is_within(from, to) && trace_id.is_none_or(|id| part.may_have(id))
        };
        for (part, group) in groups(&parts).filter(within) {
            if found.len() >= search.most() {
                break;
            }
            if Instant::now() >= until {
                is_cut = true;
                break;
            }
            for loaded in self.read(part, |part| part.read(group, Depth::Whole).map(|loaded| vec![loaded])) {
                let Loaded { chunk, words, .. } = &loaded;
                if let Some(wanted) = logs::Wanted::new(search, loaded.symbols()) {
                    let (senders, texts) = (&words.senders, &words.texts);
                    logs::look(chunk, newest_first(chunk), &wanted, search.most(), senders, texts, &mut found);
                }
            }
        }
        if is_cut {
            self.kept().counts.searches_cut += 1;
        }
        // They came about in the order of their times, no more: senders collect, and services are not sent for together.
        found.sort_by(|one, other| other.at_unix_ms.total_cmp(&one.at_unix_ms));
        Searched { found, is_cut }
    }

    /// Reads a file; one that cannot be read is set aside, and the answer goes on without it.
    fn read<C: Held, T>(
        &self,
        part: &Arc<Part<C>>,
        read: impl FnOnce(&Part<C>) -> Result<Vec<T>, StoreError>,
    ) -> Vec<T> {
        read(part).unwrap_or_else(|error| {
            self.set_aside(part, error);
            Vec::new()
        })
    }
}

/// All row groups of all files, the newest first.
fn groups<C: Held>(parts: &[Arc<Part<C>>]) -> impl Iterator<Item = (&Arc<Part<C>>, usize)> {
    parts.iter().rev().flat_map(|part| (0..part.groups()).rev().map(move |group| (part, group)))
}

/// The places of a chunk that was sorted by something else.
fn newest_first<C: Held>(chunk: &C) -> std::vec::IntoIter<usize> {
    let mut places: Vec<usize> = (0..chunk.rows()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(chunk.at_ns(*place)));
    places.into_iter()
}
