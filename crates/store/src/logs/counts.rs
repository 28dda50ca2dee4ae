//! How many records came when, by severity.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::logs::chunk::LogChunk;
use crate::logs::search::Wanted;
use crate::resources::Senders;
use crate::shelf::{Chunk, Numbered};
use crate::symbols::Texts;

/// Records of one stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogCounts {
    /// Start of the stretch, Unix milliseconds.
    pub at_unix_ms: u64,
    /// Below info: trace, debug, and records without a severity.
    pub debug: u64,
    /// Severity numbers 9 to 12.
    pub info: u64,
    /// 13 to 16.
    pub warn: u64,
    /// 17 and above: error, fatal.
    pub error: u64,
}

impl LogCounts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.debug + self.info + self.warn + self.error
    }

    fn count(&mut self, severity: u8) {
        *match severity {
            0..=8 => &mut self.debug,
            9..=12 => &mut self.info,
            13..=16 => &mut self.warn,
            _ => &mut self.error,
        } += 1;
    }
}

/// Counts the records that fit in `steps` equal stretches of `between` (Unix milliseconds).
pub(crate) fn counts(
    chunks: &[Numbered<LogChunk>],
    wanted: &Wanted,
    (from_ms, to_ms): (u64, u64),
    steps: usize,
    senders: &Senders,
    texts: &Texts,
) -> Vec<LogCounts> {
    let step_ms = (to_ms.saturating_sub(from_ms) / steps.max(1) as u64).max(1);
    let start = |step: usize| from_ms + step_ms * step as u64;
    let mut counts: Vec<LogCounts> =
        (0..steps).map(|step| LogCounts { at_unix_ms: start(step), ..LogCounts::default() }).collect();
    for (_, chunk) in chunks.iter().filter(|(_, chunk)| wanted.may_be_in(chunk, senders, texts)) {
        for place in (0..chunk.rows()).filter(|place| wanted.fits(chunk, *place, senders, texts)) {
            let Some(after_ms) = (chunk.time_ns[place] / 1_000_000).checked_sub(from_ms) else { continue };
            // The last stretch takes what is left over by the division.
            let step = usize::try_from(after_ms / step_ms).unwrap_or(usize::MAX).min(steps.saturating_sub(1));
            if let Some(count) = counts.get_mut(step) {
                count.count(chunk.severity[place]);
            }
        }
    }
    counts
}
