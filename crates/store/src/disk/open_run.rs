//! A finished run's files as a store that answers as it did at the end of the run.
//!
//! Files are sorted by trace id, memory by time. So the moments are read first, cut into stretches of a chunk each; then
//! the rows, each into the chunk of its stretch. What does not fit the budget stays in the file: the oldest.

use std::path::Path;

use detect::{Counted, UnixMs};

use crate::disk::error::{StoreError, Unfit};
use crate::disk::export::file_name;
use crate::disk::kind::Held;
use crate::disk::part::Part;
use crate::disk::words::Intake;
use crate::ingest::{Kept, Measured, Tally, count_log};
use crate::limits::StoreLimits;
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::shelf::Chunk;
use crate::spans::SpanChunk;
use crate::store::Store;

impl Store {
    /// A store that answers from the files that [`Store::export`] wrote to `folder`: aggregates, index and latest points
    /// are made anew, as of the run's end. What the limits leave no room for stays on disk, the oldest first. Blocks
    /// while it reads.
    ///
    /// # Errors
    /// A file is missing, damaged, or not what [`Store::export`] writes.
    pub fn open_run(folder: &Path, limits: StoreLimits, counted: Counted) -> Result<Self, StoreError> {
        let mut kept = Kept::new(limits, counted);
        let budget = limits.budget_bytes;
        let points = Part::<PointChunk>::open(&folder.join(file_name::<PointChunk>()))?;
        let logs = Part::<LogChunk>::open(&folder.join(file_name::<LogChunk>()))?;
        let spans = Part::<SpanChunk>::open(&folder.join(file_name::<SpanChunk>()))?;
        let end_ns = [points.bounds_ns.1, logs.bounds_ns.1, spans.bounds_ns.1].into_iter().max().unwrap_or(0);
        let now_s = end_ns / 1_000_000_000;

        // Few beside the spans, as a rule: a sixth of the budget each is plenty.
        kept.counts.points_received = points.rows();
        load(points, &mut kept, budget, budget / 6, |kept, chunk| kept.metrics.push(chunk), |_, _, _| Ok(()))?;
        kept.counts.logs_received = logs.rows();
        let count = |kept: &mut Aggregated<'_>, chunk: &LogChunk, place| {
            count_log(kept.tally.seconds, chunk, place, now_s);
            Ok(())
        };
        load(logs, &mut kept, budget, budget / 6, |kept, chunk| kept.logs.push(chunk), count)?;
        kept.counts.spans_received = spans.rows();
        let count = |kept: &mut Aggregated<'_>, chunk: &SpanChunk, place| {
            let measured = Measured::of(chunk.attributes(place), kept.tally.counted, kept.intake.tables)
                .map_err(|error| Unfit(error.to_string()))?;
            kept.tally.span(chunk, place, measured, now_s);
            Ok(())
        };
        load(spans, &mut kept, budget, budget, |kept, chunk| kept.spans.push(chunk), count)?;
        Ok(Self::holding(kept, limits))
    }

    /// The newest moment of anything that is kept; zero without any. A console that shows a finished run stands there.
    pub fn latest_unix_ms(&self) -> UnixMs {
        fn latest<C: Held>(kept: &Kept) -> u64 {
            let rows = |chunk: &C| (0..chunk.rows()).map(|place| chunk.at_ns(place)).max();
            let chunks = C::shelf(kept).chunks();
            let in_memory = chunks.iter().filter_map(|(_, chunk)| rows(chunk)).max();
            let on_disk = C::parts(&kept.parts).iter().map(|part| part.bounds_ns.1).max();
            in_memory.max(on_disk).unwrap_or(0)
        }
        let kept = self.kept();
        let tables = [latest::<SpanChunk>(&kept), latest::<LogChunk>(&kept), latest::<PointChunk>(&kept)];
        UnixMs(tables.into_iter().max().unwrap_or(0) / 1_000_000)
    }
}

/// What a row is counted in while it is read.
pub(crate) struct Aggregated<'a> {
    pub(crate) intake: Intake<'a>,
    pub(crate) tally: Tally<'a>,
}

/// Reads all rows of a file, counts each, and keeps the newest of them in memory: `most_bytes` of them, less if the
/// budget has no room for that. A sixth of it is left for the index, and for what is still to come.
fn load<C: Held>(
    mut part: Part<C>,
    kept: &mut Kept,
    budget_bytes: usize,
    most_bytes: usize,
    push: impl Fn(&mut Kept, C),
    mut count: impl FnMut(&mut Aggregated<'_>, &C, usize) -> Result<(), Unfit>,
) -> Result<(), StoreError> {
    let bounds = stretches(part.moments()?, C::shelf(kept).chunk_rows());
    let mut stretches: Vec<C> = (0..=bounds.len()).map(|_| C::default()).collect();
    // The first stretch that is in memory.
    let mut first = 0;
    let besides = kept.bytes() - kept.tables.bytes() - kept.seconds.bytes() - kept.llm.bytes();
    let texts = kept.tables.texts().clone();
    let mut aggregated = Aggregated {
        intake: Intake { tables: &mut kept.tables, resources: &mut kept.resources, metrics: &mut kept.metrics },
        tally: Tally {
            series: &mut kept.series,
            seconds: &mut kept.seconds,
            counts: &mut kept.counts,
            counted: &kept.counted,
            llm: &mut kept.llm,
            texts,
        },
    };
    part.decode_all(|batch| {
        let mut chunk = C::default();
        chunk.decode(batch, &mut aggregated.intake)?;
        for place in 0..chunk.rows() {
            count(&mut aggregated, &chunk, place)?;
            let at_ns = chunk.at_ns(place);
            let stretch = bounds.partition_point(|bound| *bound <= at_ns);
            if stretch >= first {
                stretches[stretch].copy(&chunk, place);
            }
        }
        let others = besides + aggregated.intake.tables.bytes() + aggregated.tally.bytes();
        let allowed = most_bytes.min((budget_bytes / 6 * 5).saturating_sub(others));
        while first < bounds.len() && stretches.iter().map(Chunk::bytes).sum::<usize>() > allowed {
            stretches[first] = C::default();
            first += 1;
        }
        Ok(())
    })?;
    let mut in_memory = 0;
    for stretch in &mut stretches[first..] {
        let unsorted = std::mem::take(stretch);
        let mut places: Vec<usize> = (0..unsorted.rows()).collect();
        places.sort_by_key(|place| unsorted.at_ns(*place));
        let mut sorted = C::with_room(places.len());
        places.iter().for_each(|place| sorted.copy(&unsorted, *place));
        in_memory += sorted.rows() as u64;
        push(kept, sorted);
    }
    if let Some(bound) = first.checked_sub(1).map(|last| bounds[last]) {
        part.hide_from(bound, in_memory);
        kept.add(part);
    }
    Ok(())
}

/// Moments that cut all of them into stretches of about so many.
fn stretches(mut moments: Vec<u64>, rows: usize) -> Vec<u64> {
    moments.sort_unstable();
    let mut bounds: Vec<u64> = moments.iter().copied().step_by(rows.max(1)).skip(1).collect();
    bounds.dedup();
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_have_about_as_many_moments_each() {
        assert_eq!(stretches((0..10).rev().collect(), 4), [4, 8]);
        assert_eq!(stretches(vec![5; 10], 4), [5]);
        assert!(stretches(Vec::new(), 4).is_empty());
    }
}
