//! Files leave: the oldest when there are too many or they are too old, and those that cannot be read.

use std::sync::Arc;
use std::time::Duration;

use detect::UnixMs;

use crate::disk::error::StoreError;
use crate::disk::folder;
use crate::disk::keeper::{Disk, Maintained};
use crate::disk::kind::{Held, Kind};
use crate::disk::part::Part;
use crate::ingest::Kept;
use crate::limits::DiskLimits;
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::spans::SpanChunk;
use crate::store::Store;

impl Store {
    /// Removes the oldest files until the bounds hold.
    pub(super) fn remove_old(&self, disk: &Disk, now: UnixMs, done: &mut Maintained) {
        let oldest_ns = u64::try_from(disk.limits.age.as_nanos())
            .ok()
            .and_then(|age_ns| now.0.saturating_mul(1_000_000).checked_sub(age_ns))
            .unwrap_or(0);
        let mut kept = self.kept();
        loop {
            let is_too_much = kept.parts.bytes() > disk.limits.bytes;
            let age = |bounds_ns: Option<(u64, u64)>| bounds_ns.map(|(_, last)| last);
            let tables = [
                (Kind::Spans, age(kept.parts.spans.first().map(|part| part.bounds_ns))),
                (Kind::Logs, age(kept.parts.logs.first().map(|part| part.bounds_ns))),
                (Kind::Points, age(kept.parts.points.first().map(|part| part.bounds_ns))),
            ];
            let with_files = tables.into_iter().filter_map(|(kind, last_ns)| Some((kind, last_ns?)));
            let Some((kind, last_ns)) = with_files.min_by_key(|(_, last_ns)| *last_ns) else { return };
            if !is_too_much && last_ns >= oldest_ns {
                return;
            }
            match kind {
                Kind::Spans => remove_oldest::<SpanChunk>(&mut kept),
                Kind::Logs => remove_oldest::<LogChunk>(&mut kept),
                Kind::Points => remove_oldest::<PointChunk>(&mut kept),
            }
            done.removed += 1;
        }
    }

    /// A file could not be read: it is set aside, counted, and told with the next maintenance.
    pub(crate) fn set_aside<C: Held>(&self, part: &Arc<Part<C>>, error: StoreError) {
        let mut kept = self.kept();
        if !C::parts(&kept.parts).iter().any(|other| Arc::ptr_eq(other, part)) {
            // Somebody else noticed, or it was removed because it was old.
            return;
        }
        kept.forget(part);
        kept.counts.parts_damaged += 1;
        kept.troubles.push(error);
        drop(kept);
        if self.disk().is_some() {
            folder::set_aside(part.path());
        }
    }
}

fn remove_oldest<C: Held>(kept: &mut Kept) {
    if let Some(part) = C::parts(&kept.parts).first().cloned() {
        part.doom();
        kept.forget(&part);
    }
}

impl Default for DiskLimits {
    /// 4 GiB, a day.
    fn default() -> Self {
        Self { bytes: 4 << 30, age: Duration::from_secs(24 * 3600) }
    }
}
