//! Stores with a disk behind them: one that goes with the process, one that outlasts it.

use std::path::Path;

use detect::{Counted, UnixMs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::disk::account::{Account, Rows};
use crate::disk::error::StoreError;
use crate::disk::folder::{self, Folder};
use crate::disk::keeper::Disk;
use crate::disk::kind::Held;
use crate::disk::part::Part;
use crate::ingest::Kept;
use crate::limits::{DiskLimits, StoreLimits};
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::spans::SpanChunk;
use crate::store::Store;

/// What an earlier process left in a data folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Recovered {
    /// Files that were found.
    pub parts: u64,
    /// Spans in them.
    pub spans: u64,
    /// Log records in them.
    pub logs: u64,
    /// Points of metrics in them.
    pub metric_points: u64,
    /// Spans that the process had received and not yet written when it was killed; those of its last moments, up to
    /// the time between two maintenances, are not known of.
    pub lost_spans: u64,
    /// Log records, likewise.
    pub lost_logs: u64,
    /// Points of metrics, likewise.
    pub lost_points: u64,
    /// Files that could not be read; they were set aside as `*.damaged`.
    pub damaged: u64,
    /// Whether the process ended in order, or there was none.
    pub clean: bool,
}

impl Store {
    /// A store that moves rows to files in `parent` when memory gets short: see [`Store::maintain`]. The files go with
    /// the store.
    ///
    /// # Errors
    /// No folder can be made there.
    pub fn spilling(
        limits: StoreLimits,
        counted: Counted,
        parent: &Path,
        disk: DiskLimits,
    ) -> Result<Self, StoreError> {
        let disk = Disk::new(Folder::temporary(parent)?, disk);
        Ok(Self::holding(Kept::new(limits, counted), limits).with_disk(disk))
    }

    /// A store whose files stay in `folder`, which is made if it is not there; those of earlier processes are part of
    /// it. Everything is on disk a minute after it came, or when [`Store::close`] was called. Also returns what was found.
    ///
    /// # Errors
    /// Another process uses the folder; it can't be written to; a file in it is of another version.
    pub fn open_data(
        limits: StoreLimits,
        counted: Counted,
        folder: &Path,
        disk: DiskLimits,
        now: UnixMs,
    ) -> Result<(Self, Recovered), StoreError> {
        let folder = Folder::kept(folder, now)?;
        let account = Account::read(folder.path());
        let mut kept = Kept::new(limits, counted);
        let mut recovered =
            Recovered { clean: account.as_ref().is_none_or(|account| account.is_clean), ..Recovered::default() };
        let session = account.as_ref().map_or(0, |account| account.session);
        let lost = |rows: fn(&Account) -> Rows, found: &Found| {
            account.as_ref().map_or(0, |account| rows(account).lost(found.reached))
        };
        let spans = find::<SpanChunk>(folder.path(), session, &mut kept)?;
        let logs = find::<LogChunk>(folder.path(), session, &mut kept)?;
        let points = find::<PointChunk>(folder.path(), session, &mut kept)?;
        (recovered.spans, recovered.lost_spans) = (spans.rows, lost(|account| account.spans, &spans));
        (recovered.logs, recovered.lost_logs) = (logs.rows, lost(|account| account.logs, &logs));
        (recovered.metric_points, recovered.lost_points) = (points.rows, lost(|account| account.points, &points));
        recovered.parts = kept.parts.count();
        recovered.damaged = spans.damaged + logs.damaged + points.damaged;
        kept.counts.parts_damaged = recovered.damaged;
        kept.counts.recovered = (recovered.spans, recovered.logs, recovered.metric_points);
        // From here on a crash is a crash of this session.
        Account::new(&kept, folder.session).write(folder.path())?;
        Ok((Self::holding(kept, limits).with_disk(Disk::new(folder, disk)), recovered))
    }
}

/// The files of a table that were found.
#[derive(Debug, Default)]
struct Found {
    rows: u64,
    /// How far the last session's files go.
    reached: u64,
    damaged: u64,
}

fn find<C: Held>(folder: &Path, session: u64, kept: &mut Kept) -> Result<Found, StoreError> {
    let mut found = Found::default();
    for (named, path) in folder::named(folder)?.into_iter().filter(|(named, _)| named.table == C::TABLE.name) {
        match Part::<C>::open(&path) {
            Ok(part) => {
                found.rows += part.rows();
                if named.session == session {
                    found.reached = found.reached.max(named.first + part.rows());
                }
                kept.add(part);
            }
            Err(error @ StoreError::Parquet { .. }) => {
                folder::set_aside(&path);
                found.damaged += 1;
                kept.troubles.push(error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}
