//! How long everything takes.

use std::time::Duration;

use crate::arguments::RunOptions;

/// Lengths and repetitions of the measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// Of closed and open runs; memory and stall are run once.
    pub(super) repetitions: u32,
    /// A closed, open or demo run, in seconds.
    pub(super) run: u32,
    /// The calibrator between two of them, in seconds.
    pub(super) calibrator: u32,
    /// How long the server holds answers in the memory run.
    pub(super) hold: Duration,
    /// The stall run, in seconds: whole cycles.
    pub(super) stall: u32,
}

/// The stall run repeats itself after this.
const CYCLE: u32 = 5;

impl Pace {
    pub(super) fn new(options: &RunOptions) -> Self {
        let seconds = |length: Duration| u32::try_from(length.as_secs()).unwrap_or(u32::MAX);
        let quick = options.quick;
        let stall = options.stall_length.map_or(if quick { CYCLE } else { 4 * CYCLE }, seconds);
        Self {
            repetitions: options.repetitions.unwrap_or(if quick { 1 } else { 3 }),
            run: options.length.map_or(if quick { 2 } else { 6 }, seconds),
            calibrator: if quick { 1 } else { 3 },
            hold: Duration::from_secs(if quick { 2 } else { 4 }),
            stall: stall.div_ceil(CYCLE) * CYCLE,
        }
    }
}
