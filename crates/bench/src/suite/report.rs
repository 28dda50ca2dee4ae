//! All figures of a suite, as they are written to `--json`.

use serde::Serialize;

use crate::spread::Spread;
use crate::stall_truth::Percentiles;

/// What was measured. Shares are of one core or of the whole, 0 to 1; spreads are over the repetitions.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) machine: String,
    pub(super) here: Vec<Here>,
    pub(super) missing: Vec<String>,
    pub(super) closed: Vec<ClosedRow>,
    pub(super) open: Vec<OpenRow>,
    pub(super) memory: Vec<MemoryRow>,
    pub(super) stall: Vec<StallRow>,
    pub(super) demo: Vec<OpenRow>,
    pub(super) problems: Vec<String>,
}

/// A generator that took part.
#[derive(Debug, Serialize)]
pub(super) struct Here {
    pub(super) generator: &'static str,
    pub(super) version: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ClosedRow {
    pub(super) generator: &'static str,
    pub(super) requests_per_cpu_second: Spread,
    /// With the program's start and end, which the window of the others leaves out.
    pub(super) whole_run_requests_per_cpu_second: Spread,
    pub(super) of_calibrator: Spread,
    pub(super) user_us: Spread,
    pub(super) system_us: Spread,
    pub(super) cpu_share: Spread,
    pub(super) server_share: Spread,
}

#[derive(Debug, Serialize)]
pub(super) struct OpenRow {
    pub(super) generator: &'static str,
    pub(super) wanted_per_second: u32,
    /// All requests of a run by its planned length.
    pub(super) delivered_per_second: Spread,
    pub(super) cpu_share: Spread,
    /// By request. Not apart: what little there is of each falls between the kernel's ticks.
    pub(super) cpu_us: Spread,
    pub(super) error_p50_ms: Spread,
    pub(super) error_p99_ms: Spread,
    pub(super) error_greatest_ms: Spread,
}

#[derive(Debug, Serialize)]
pub(super) struct MemoryRow {
    pub(super) generator: &'static str,
    pub(super) in_flight: u64,
    pub(super) idle_mib: f64,
    pub(super) peak_mib: f64,
    pub(super) mib_per_1000: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct StallRow {
    pub(super) generator: &'static str,
    pub(super) keeps_rate: bool,
    pub(super) delivered_per_second: f64,
    pub(super) truth: Percentiles,
    pub(super) reported: Option<Percentiles>,
    pub(super) off: Option<f64>,
}
