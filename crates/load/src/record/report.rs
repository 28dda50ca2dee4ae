//! `GET /admin/measurements`: a `scenario::LoadReport` in JSON, with more beside it for people.
//!
//! Written from the record as it stands instead of through `LoadReport` itself, whose dense histograms would cost some
//! 50 MB for a run of 33 minutes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::stream::TimeBucket;
use super::{BUCKET_MINUTES, Percentiles, Record, Sparse, StreamRecord};

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
    statuses: &'a BTreeMap<u16, u64>,
    failures: &'a BTreeMap<&'static str, u64>,
    journeys: Vec<JourneyReport<'a>>,
    buckets: Vec<BucketReport<'a>>,
}

#[derive(Debug, Serialize)]
struct JourneyReport<'a> {
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
    latency: &'a Sparse,
}

impl<'a> Report<'a> {
    /// Of `record`, which belongs to the run that `identity` names.
    pub(crate) fn new(identity: &'a Identity, record: &'a Record, finished: bool) -> Self {
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
            streams: streams.map(|(names, record)| stream(names, record)).collect(),
        }
    }
}

fn stream<'a>(names: &'a StreamNames, record: &'a StreamRecord) -> StreamReport<'a> {
    let journeys = names.journeys.iter().zip(&record.journeys);
    let journeys = journeys.map(|((journey, endpoints), record)| JourneyReport {
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
                latency_ms: step.latency.percentiles(),
            })
            .collect(),
    });
    StreamReport {
        stream: &names.name,
        due: record.due,
        completed: record.completed,
        errors: record.errors,
        dropped: record.dropped,
        skipped: record.skipped,
        latency_ms: record.latency.percentiles(),
        uncorrected_latency_ms: record.uncorrected.percentiles(),
        statuses: &record.statuses,
        failures: &record.failures,
        journeys: journeys.collect(),
        buckets: record.buckets.iter().enumerate().map(bucket).collect(),
    }
}

fn bucket((position, bucket): (usize, &Arc<TimeBucket>)) -> BucketReport<'_> {
    BucketReport {
        from: position as f64 * BUCKET_MINUTES,
        to: (position + 1) as f64 * BUCKET_MINUTES,
        due: bucket.due,
        completed: bucket.completed,
        errors: bucket.errors,
        dropped: bucket.dropped,
        latency: &bucket.latency,
    }
}
