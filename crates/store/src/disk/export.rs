//! Everything that is kept, as three files that any tool can read.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::disk::error::StoreError;
use crate::disk::kind::{Held, Snapshot};
use crate::disk::part::Part;
use crate::disk::reading::{Depth, Loaded};
use crate::disk::table::Stored;
use crate::disk::words::{Row, Words};
use crate::disk::write::{Writing, Written};
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::spans::SpanChunk;
use crate::store::Store;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Exported {
    /// Rows of `spans.parquet`.
    pub spans: u64,
    /// Rows of `logs.parquet`.
    pub logs: u64,
    /// Rows of `metrics.parquet`.
    pub metric_points: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Their names.
    pub files: Vec<String>,
}

/// The name of a table's file in a folder of a run.
pub(crate) fn file_name<C: Stored>() -> String {
    format!("{}.parquet", C::TABLE.name)
}

impl Store {
    /// Writes everything that is kept, in memory and on disk, to `folder`, which exists: `spans.parquet`,
    /// `logs.parquet`, `metrics.parquet`, sorted. What comes in meanwhile is not among it. A file that is there already
    /// is replaced once the new one is whole. Blocks for as long as that takes; nothing else waits for it.
    ///
    /// # Errors
    /// A file can't be written, as on a full disk, or one of those on disk can't be read.
    pub fn export(&self, folder: &Path) -> Result<Exported, StoreError> {
        let (spans, logs, points) = {
            let kept = self.kept();
            (kept.snapshot::<SpanChunk>(), kept.snapshot::<LogChunk>(), kept.snapshot::<PointChunk>())
        };
        let mut exported = Exported::default();
        exported.spans = export(spans, folder, &mut exported)?.rows;
        exported.logs = export(logs, folder, &mut exported)?.rows;
        exported.metric_points = export(points, folder, &mut exported)?.rows;
        Ok(exported)
    }
}

fn export<C: Held>(snapshot: Snapshot<C>, folder: &Path, exported: &mut Exported) -> Result<Written, StoreError> {
    let name = file_name::<C>();
    let mut writing = Writing::begin(&folder.join(&name))?;
    for range in ranges(&snapshot)? {
        // What is in memory is written from where it stands; what is on disk is read range by range.
        let mut loaded = Vec::new();
        for part in &snapshot.parts {
            loaded.extend(part.read_range(&range)?);
        }
        let mut rows = Vec::new();
        for (_, chunk) in &snapshot.chunks {
            add(&mut rows, &**chunk, &snapshot.words, &range);
        }
        for Loaded { chunk, words, .. } in &loaded {
            add(&mut rows, chunk, words, &range);
        }
        writing.group(&mut rows)?;
    }
    let written = writing.finish(true)?;
    exported.bytes += written.bytes;
    exported.files.push(name);
    Ok(written)
}

fn add<'a, C: Stored>(rows: &mut Vec<Row<'a, C>>, chunk: &'a C, words: &'a Words, range: &Range<u128>) {
    let places = (0..chunk.rows()).filter(|place| has(range, chunk.rank(*place).0));
    rows.extend(places.map(|place| Row { chunk, place, words }));
}

/// Whether a range has a rank. One that ends with zero goes on to the last there is.
pub(crate) fn has(range: &Range<u128>, rank: u128) -> bool {
    rank >= range.start && (range.end == 0 || rank < range.end)
}

/// Ranges that have about the same number of rows each, together everything there is. The last ends with zero.
fn ranges<C: Held>(snapshot: &Snapshot<C>) -> Result<Vec<Range<u128>>, StoreError> {
    /// One row in so many is asked where it stands.
    const SAMPLE: usize = 32;
    /// Rows of a range: a row group.
    const RANGE_ROWS: u64 = 100_000;
    /// Ranges at most: for each of them every file is opened once.
    const MOST_RANGES: u64 = 64;
    let on_disk: u64 = snapshot.parts.iter().map(|part| part.rows()).sum();
    let in_memory: u64 = snapshot.chunks.iter().map(|(_, chunk)| chunk.rows() as u64).sum();
    let count = (on_disk + in_memory).div_ceil(RANGE_ROWS).clamp(1, MOST_RANGES);
    let mut samples: Vec<u128> = Vec::new();
    if count > 1 {
        for (_, chunk) in &snapshot.chunks {
            samples.extend((0..chunk.rows()).step_by(SAMPLE).map(|place| chunk.rank(place).0));
        }
        for part in &snapshot.parts {
            samples.extend(part.ranks()?.into_iter().step_by(SAMPLE));
        }
    }
    samples.sort_unstable();
    let bound = |index: u64| samples.get(samples.len() * index as usize / count as usize).copied();
    let mut bounds: Vec<u128> = (1..count).filter_map(bound).filter(|bound| *bound > 0).collect();
    bounds.dedup();
    let starts = [0].into_iter().chain(bounds.iter().copied());
    Ok(starts.zip(bounds.iter().copied().chain([0])).map(|(start, end)| start..end).collect())
}

impl<C: Stored> Part<C> {
    /// The rows whose rank is in a range, and maybe some beside.
    fn read_range(self: &Arc<Self>, range: &Range<u128>) -> Result<Vec<Loaded<C>>, StoreError> {
        let mut loaded = Vec::new();
        for group in 0..self.groups() {
            loaded.extend(if self.is_by_id() {
                self.read_ids(group, range)?
            } else if self.overlaps(range) {
                Some(self.read(group, Depth::Whole)?)
            } else {
                None
            });
        }
        Ok(loaded)
    }

    fn overlaps(&self, range: &Range<u128>) -> bool {
        let (first, last) = self.bounds_ns;
        u128::from(last) >= range.start && (range.end == 0 || u128::from(first) < range.end)
    }
}
