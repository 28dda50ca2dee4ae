//! What a load test measured. Everything in it can be added to another worker's.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::LatencyHistogram;

/// Error kind of requests for which the generator's machine had no descriptor or port: a run with any is INVALID.
pub const GENERATOR_LIMIT: &str = "generator_limit";

/// What a load test measured: written by one worker or merged of several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadTestReport {
    /// Of this format: 1.
    pub format: u32,
    /// The test's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Seed of the schedule.
    pub seed: u64,
    /// SHA-256 in hex over the whole schedule, whatever the share: workers of one test agree on it.
    pub request_digest: String,
    /// How many workers share the schedule.
    pub workers: u64,
    /// Whose measurements are in here, each below `workers`.
    pub shares: Vec<u64>,
    /// `open`, or `closed` where visitors waited for each other.
    pub model: String,
    /// When the first second began, in Unix seconds; the earliest of all workers.
    pub started_unix: f64,
    /// What the schedule was to take, in seconds.
    pub planned_seconds: f64,
    /// Until the last answer came or was given up, in seconds; the longest of all workers.
    pub elapsed_seconds: f64,
    /// Every arrival of the schedule was answered, given up or dropped: nobody stopped it.
    pub finished: bool,
    /// `actual send - due`: the generator's own fault.
    pub schedule_lag: LatencyHistogram,
    /// Most visits under way at once; the sum over workers.
    pub most_in_flight: u64,
    /// Length of an entry of `seconds`, in seconds: 1 unless the test is long.
    pub second_seconds: u32,
    /// What it cost the generator.
    pub generator: GeneratorCost,
    /// By stream, in the order of the file.
    pub streams: Vec<StreamMeasured>,
}

/// What load cost the generator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct GeneratorCost {
    /// CPU seconds in user mode, of the whole process.
    pub user_cpu_seconds: f64,
    /// CPU seconds in the kernel.
    pub system_cpu_seconds: f64,
    /// Greatest resident memory, in bytes.
    pub peak_memory_bytes: u64,
}

/// One stream's visits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamMeasured {
    /// Its name.
    pub stream: String,
    /// Arrivals by the schedule, as far as it was played.
    pub due: u64,
    /// Answered or given up.
    pub completed: u64,
    /// Of those, failed.
    pub errors: u64,
    /// Due while too many others were under way; never sent.
    pub dropped: u64,
    /// Due before the engine joined; never sent.
    pub skipped: u64,
    /// From the intended start, think times included.
    pub latency: LatencyHistogram,
    /// From the actual start: what a tool says that forgets its own delay.
    pub uncorrected_latency: LatencyHistogram,
    /// By journey, in the order of the stream.
    pub journeys: Vec<JourneyMeasured>,
    /// By time at which arrivals were due, from `started_unix` on.
    pub seconds: Vec<Second>,
}

/// One journey's visits of one stream.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JourneyMeasured {
    /// Its name.
    pub journey: String,
    /// Answered or given up.
    pub completed: u64,
    /// Of those, failed.
    pub errors: u64,
    /// From the intended start.
    pub latency: LatencyHistogram,
    /// From the actual start.
    pub uncorrected_latency: LatencyHistogram,
    /// In their order.
    pub steps: Vec<StepMeasured>,
}

/// One step's requests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StepMeasured {
    /// Its label.
    pub step: String,
    /// Sent and answered or given up.
    pub requests: u64,
    /// Of those, failed.
    pub errors: u64,
    /// The first step's from the intended start of its visit, the others' from when the visitor wanted them.
    pub latency: LatencyHistogram,
    /// From when it was sent.
    pub uncorrected_latency: LatencyHistogram,
    /// By status (`200`) or error kind (`timeout`).
    pub outcomes: IndexMap<String, OutcomeMeasured>,
}

/// Requests that ended alike.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OutcomeMeasured {
    /// Whether this outcome counts as failed, by the step's rule of success.
    pub is_error: bool,
    /// From when the visitor wanted it.
    pub latency: LatencyHistogram,
}

/// One stretch of time of one stream.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Arrivals that were due in it.
    pub due: u64,
    /// Of those, answered or given up.
    pub completed: u64,
    /// Of those, failed.
    pub errors: u64,
    /// Of those that were due, dropped.
    pub dropped: u64,
    /// From the intended start.
    pub latency: LatencyHistogram,
}
