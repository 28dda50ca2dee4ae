//! The numbers of a report as every form of it shows them: one row for each stream, journey and step.

use scenario::{JourneyMeasured, LatencyHistogram, LoadTestReport, StepMeasured, StreamMeasured};
use serde::Serialize;

/// Latencies in milliseconds; none where nothing was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Percentiles {
    pub(crate) p50: Option<f64>,
    pub(crate) p90: Option<f64>,
    pub(crate) p95: Option<f64>,
    pub(crate) p99: Option<f64>,
    pub(crate) max: Option<f64>,
}

impl Percentiles {
    pub(crate) fn of(histogram: &LatencyHistogram) -> Self {
        let at = |q| histogram.quantile_ms(q);
        Self { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), max: at(1.0) }
    }

    /// In the order of a table's columns.
    pub(crate) fn all(&self) -> [Option<f64>; 5] {
        [self.p50, self.p90, self.p95, self.p99, self.max]
    }
}

/// What a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Stream,
    Journey,
    Step,
}

/// Requests of a step that ended alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OutcomeFigures {
    /// A status (`200`) or an error kind (`timeout`).
    pub(crate) outcome: String,
    pub(crate) count: u64,
    pub(crate) is_error: bool,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
}

/// One stream's or journey's visits, or one step's requests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Row {
    pub(crate) level: Level,
    pub(crate) stream: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) journey: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<String>,
    /// Visits or requests that were answered or given up.
    pub(crate) completed: u64,
    pub(crate) errors: u64,
    /// `errors` of `completed`.
    pub(crate) error_rate: Option<f64>,
    /// `completed` over the time that the test took.
    pub(crate) per_second: f64,
    /// From the intended start.
    pub(crate) latency_ms: Percentiles,
    /// From the actual one.
    pub(crate) uncorrected_latency_ms: Percentiles,
    /// Of a step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) outcomes: Vec<OutcomeFigures>,
}

impl Row {
    /// What the row is of, without what it belongs to.
    pub(crate) fn name(&self) -> &str {
        self.step.as_deref().or(self.journey.as_deref()).unwrap_or(&self.stream)
    }
}

/// A row for each stream, then for its journeys, each with its steps.
pub(crate) fn rows(report: &LoadTestReport) -> Vec<Row> {
    let seconds = report.elapsed_seconds;
    let mut rows = Vec::new();
    for stream in &report.streams {
        rows.push(stream_row(stream, seconds));
        for journey in &stream.journeys {
            rows.push(journey_row(stream, journey, seconds));
            rows.extend(journey.steps.iter().map(|step| step_row(stream, journey, step, seconds)));
        }
    }
    rows
}

fn stream_row(stream: &StreamMeasured, seconds: f64) -> Row {
    let StreamMeasured { completed, errors, latency, uncorrected_latency, .. } = stream;
    Row {
        stream: stream.stream.clone(),
        ..measured(Level::Stream, (*completed, *errors), latency, uncorrected_latency, seconds)
    }
}

fn journey_row(stream: &StreamMeasured, journey: &JourneyMeasured, seconds: f64) -> Row {
    let JourneyMeasured { completed, errors, latency, uncorrected_latency, .. } = journey;
    Row {
        stream: stream.stream.clone(),
        journey: Some(journey.journey.clone()),
        ..measured(Level::Journey, (*completed, *errors), latency, uncorrected_latency, seconds)
    }
}

fn step_row(stream: &StreamMeasured, journey: &JourneyMeasured, step: &StepMeasured, seconds: f64) -> Row {
    let outcome = |(name, measured): (&String, &scenario::OutcomeMeasured)| OutcomeFigures {
        outcome: name.clone(),
        count: measured.latency.count(),
        is_error: measured.is_error,
        p50_ms: measured.latency.quantile_ms(0.5),
        p99_ms: measured.latency.quantile_ms(0.99),
    };
    let StepMeasured { requests, errors, latency, uncorrected_latency, .. } = step;
    Row {
        stream: stream.stream.clone(),
        journey: Some(journey.journey.clone()),
        step: Some(step.step.clone()),
        outcomes: step.outcomes.iter().map(outcome).collect(),
        ..measured(Level::Step, (*requests, *errors), latency, uncorrected_latency, seconds)
    }
}

/// The figures that all levels have, of nobody yet: of so many completed, so many failed.
fn measured(
    level: Level,
    (completed, errors): (u64, u64),
    latency: &LatencyHistogram,
    uncorrected: &LatencyHistogram,
    seconds: f64,
) -> Row {
    Row {
        level,
        stream: String::new(),
        journey: None,
        step: None,
        completed,
        errors,
        error_rate: share(errors, completed),
        per_second: per_second(completed, seconds),
        latency_ms: Percentiles::of(latency),
        uncorrected_latency_ms: Percentiles::of(uncorrected),
        outcomes: Vec::new(),
    }
}

/// What all streams had together, and what it cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Totals {
    /// Arrivals by the schedule, as far as it was played.
    pub(crate) due: u64,
    /// Visits answered or given up.
    pub(crate) completed: u64,
    pub(crate) errors: u64,
    pub(crate) error_rate: Option<f64>,
    pub(crate) dropped: u64,
    pub(crate) skipped: u64,
    /// Of all steps.
    pub(crate) requests: u64,
    /// Visits: from the intended start.
    pub(crate) latency_ms: Percentiles,
    pub(crate) uncorrected_latency_ms: Percentiles,
    /// How late arrivals left: the generator's own fault.
    pub(crate) schedule_lag_ms: Percentiles,
    /// CPU time of the generator, user and system, in microseconds.
    pub(crate) cpu_us_per_request: Option<f64>,
    pub(crate) user_cpu_us_per_request: Option<f64>,
}

impl Totals {
    pub(crate) fn of(report: &LoadTestReport) -> Self {
        let sum = |of: fn(&StreamMeasured) -> u64| report.streams.iter().map(of).sum::<u64>();
        let (completed, errors) = (sum(|s| s.completed), sum(|s| s.errors));
        let steps = report.streams.iter().flat_map(|s| &s.journeys).flat_map(|j| &j.steps);
        let requests = steps.map(|step| step.requests).sum();
        let cost = report.generator;
        let each = |seconds: f64| (requests > 0).then(|| seconds * 1e6 / requests as f64);
        Self {
            due: sum(|s| s.due),
            completed,
            errors,
            error_rate: share(errors, completed),
            dropped: sum(|s| s.dropped),
            skipped: sum(|s| s.skipped),
            requests,
            latency_ms: Percentiles::of(&merged(report.streams.iter().map(|s| &s.latency))),
            uncorrected_latency_ms: Percentiles::of(&merged(report.streams.iter().map(|s| &s.uncorrected_latency))),
            schedule_lag_ms: Percentiles::of(&report.schedule_lag),
            cpu_us_per_request: each(cost.user_cpu_seconds + cost.system_cpu_seconds),
            user_cpu_us_per_request: each(cost.user_cpu_seconds),
        }
    }
}

/// All of `histograms` as one.
pub(crate) fn merged<'h>(histograms: impl Iterator<Item = &'h LatencyHistogram>) -> LatencyHistogram {
    let mut all = LatencyHistogram::default();
    histograms.for_each(|histogram| all.merge(histogram));
    all
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn per_second(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}
