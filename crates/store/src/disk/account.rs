//! How far a session has come, on disk at all times: after a crash it tells what was lost.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::disk::error::StoreError;
use crate::disk::kind::Held;
use crate::disk::write::UNFINISHED;
use crate::ingest::Kept;
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::spans::SpanChunk;

const FILE: &str = "account.json";

/// How far a session has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Account {
    pub(crate) session: u64,
    /// Whether it ended in order, with everything on disk.
    pub(crate) is_clean: bool,
    pub(crate) spans: Rows,
    pub(crate) logs: Rows,
    pub(crate) points: Rows,
}

/// Rows of one table, by their numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Rows {
    /// So many were received.
    pub(crate) received: u64,
    /// The first so many have left memory: they are on disk, or were counted as evicted.
    pub(crate) left: u64,
}

impl Rows {
    fn of<C: Held>(kept: &Kept) -> Self {
        Self { received: C::shelf(kept).next(), left: C::shelf(kept).first() }
    }

    /// How many are gone if the first `on_disk` are on disk.
    pub(crate) fn lost(self, on_disk: u64) -> u64 {
        self.received.saturating_sub(self.left.max(on_disk))
    }
}

impl Account {
    pub(crate) fn new(kept: &Kept, session: u64) -> Self {
        Self {
            session,
            is_clean: false,
            spans: Rows::of::<SpanChunk>(kept),
            logs: Rows::of::<LogChunk>(kept),
            points: Rows::of::<PointChunk>(kept),
        }
    }

    /// The account of the last session; `None` without one, or if it cannot be read.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()
    }

    /// Takes the place of the one before.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let path = folder.join(FILE);
        let temporary = folder.join(format!("{FILE}.{UNFINISHED}"));
        let text = serde_json::json!(self).to_string();
        std::fs::write(&temporary, text).map_err(StoreError::file(&temporary))?;
        std::fs::rename(&temporary, &path).map_err(StoreError::file(&path))
    }
}
