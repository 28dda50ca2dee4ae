//! `GET /admin/measurements`: a `scenario::LoadReport` in JSON, with more beside it for people.
//!
//! Written from the record as it stands instead of through `LoadReport` itself, whose dense histograms would cost some
//! 50 MB for a run of 33 minutes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Buckets, Outcome, Percentiles, Record, Sparse, StreamRecord, TimeBucket};

/// A stretch in which nothing happened.
static EMPTY: TimeBucket = TimeBucket::EMPTY;

/// What of a run is known before it begins: names and the identity of its schedule.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) seed: u64,
    pub(crate) request_digest: String,
    /// For each stream its name and its journeys' names with their steps' endpoints.
    pub(crate) streams: Vec<StreamNames>,
}

/// A stream's names, in the order of the scenario.
#[derive(Debug, Clone)]
pub(crate) struct StreamNames {
    pub(crate) name: String,
    pub(crate) journeys: Vec<(String, Vec<String>)>,
}

/// A superset of `scenario::LoadReport`, in its JSON form.
#[derive(Debug, Serialize)]
pub(crate) struct Report<'a> {
    seed: u64,
    request_digest: &'a str,
    finished: bool,
    /// The run as a whole is no fair test: arrivals were dropped.
    dropped: u64,
    skipped: u64,
    schedule_lag_p50_ms: f64,
    schedule_lag_p99_ms: f64,
    schedule_lag_max_ms: f64,
    streams: Vec<StreamReport<'a>>,
}

#[derive(Debug, Serialize)]
struct StreamReport<'a> {
    stream: &'a str,
    due: u64,
    completed: u64,
    errors: u64,
    dropped: u64,
    skipped: u64,
    latency_ms: Percentiles,
    uncorrected_latency_ms: Percentiles,
    statuses: BTreeMap<u16, u64>,
    failures: BTreeMap<&'static str, u64>,
    journey_totals: Vec<JourneyTotals<'a>>,
    buckets: Vec<BucketReport<'a>>,
    journeys: BTreeMap<&'a str, Vec<BucketReport<'a>>>,
}

#[derive(Debug, Serialize)]
struct JourneyTotals<'a> {
    journey: &'a str,
    completed: u64,
    errors: u64,
    latency_ms: Percentiles,
    steps: Vec<StepReport<'a>>,
}

#[derive(Debug, Serialize)]
struct StepReport<'a> {
    endpoint: &'a str,
    requests: u64,
    errors: u64,
    latency_ms: Percentiles,
}

#[derive(Debug, Serialize)]
struct BucketReport<'a> {
    from: f64,
    to: f64,
    due: u64,
    completed: u64,
    errors: u64,
    dropped: u64,
    requests: u64,
    request_errors: u64,
    latency: &'a Sparse,
}

impl<'a> Report<'a> {
    /// Of `record`, which belongs to the run that `identity` names, with the buckets that end after minute `since`.
    pub(crate) fn new(identity: &'a Identity, record: &'a Record, finished: bool, since: f64) -> Self {
        let lag = record.lag.percentiles();
        let streams = identity.streams.iter().zip(&record.streams);
        Self {
            seed: identity.seed,
            request_digest: &identity.request_digest,
            finished,
            dropped: record.sum(|s| s.dropped),
            skipped: record.sum(|s| s.skipped),
            schedule_lag_p50_ms: lag.p50,
            schedule_lag_p99_ms: lag.p99,
            schedule_lag_max_ms: lag.max,
            streams: streams.map(|(names, record)| stream(names, record, since)).collect(),
        }
    }
}

fn stream<'a>(names: &'a StreamNames, record: &'a StreamRecord, since: f64) -> StreamReport<'a> {
    let length = record.buckets.len();
    let journeys = names.journeys.iter().zip(&record.journeys);
    let by_journey =
        journeys.clone().map(|((name, _), record)| (name.as_str(), buckets(&record.buckets, length, since)));
    let totals = journeys.map(|((journey, endpoints), record)| JourneyTotals {
        journey,
        completed: record.completed,
        errors: record.errors,
        latency_ms: record.latency.percentiles(),
        steps: endpoints
            .iter()
            .zip(&record.steps)
            .map(|(endpoint, step)| StepReport {
                endpoint,
                requests: step.requests,
                errors: step.errors,
                latency_ms: step.latency().percentiles(),
            })
            .collect(),
    });
    let (mut statuses, mut failures) = (BTreeMap::new(), BTreeMap::new());
    for (outcome, requests) in record.outcomes() {
        match outcome {
            Outcome::Status(status) => *statuses.entry(status).or_default() += requests,
            Outcome::Failed(reason) => *failures.entry(reason).or_default() += requests,
        }
    }
    StreamReport {
        stream: &names.name,
        due: record.due,
        completed: record.completed,
        errors: record.errors,
        dropped: record.dropped,
        skipped: record.skipped,
        latency_ms: record.latency().percentiles(),
        uncorrected_latency_ms: record.uncorrected().percentiles(),
        statuses,
        failures,
        journey_totals: totals.collect(),
        buckets: buckets(&record.buckets, length, since),
        journeys: by_journey.collect(),
    }
}

/// `length` buckets but for those that end by `since`: the same borders also where a journey came to nobody's mind.
fn buckets(counted: &Buckets, length: usize, since: f64) -> Vec<BucketReport<'_>> {
    let minutes = counted.length().minutes;
    let end = |position: usize| (position + 1) as f64 * minutes;
    let wanted = (0..length).filter(|position| end(*position) > since);
    let written = wanted.map(|position| {
        let bucket = counted.get(position).unwrap_or(&EMPTY);
        BucketReport {
            from: position as f64 * minutes,
            to: end(position),
            due: bucket.due,
            completed: bucket.completed,
            errors: bucket.errors,
            dropped: bucket.dropped,
            requests: bucket.requests,
            request_errors: bucket.request_errors,
            latency: &bucket.latency,
        }
    });
    written.collect()
}
