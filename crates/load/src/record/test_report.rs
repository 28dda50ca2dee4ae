//! A record as the report of a load test, which can be added to other workers'.

use scenario::{
    GeneratorCost, JourneyMeasured, LatencyHistogram, LoadTestReport, OutcomeMeasured, Second, StepMeasured,
    StreamMeasured,
};

use super::stream::{JourneyRecord, StepRecord};
use super::{Identity, Record, StreamRecord, TimeBucket, Totals};

/// What of a report is not counted.
#[derive(Debug, Clone)]
pub(crate) struct TestFacts {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) workers: u64,
    pub(crate) share: u64,
    pub(crate) is_open: bool,
    pub(crate) started_unix: f64,
    pub(crate) planned_seconds: f64,
    pub(crate) elapsed_seconds: f64,
    pub(crate) finished: bool,
    pub(crate) most_in_flight: u64,
    pub(crate) generator: GeneratorCost,
}

/// The report of what `record` counted.
pub(crate) fn test_report(facts: TestFacts, identity: &Identity, record: &Record) -> LoadTestReport {
    let length = record.streams.first().map_or(1.0 / 60.0, |stream| stream.buckets.length().minutes);
    let streams = identity.streams.iter().zip(&record.streams);
    LoadTestReport {
        format: 1,
        name: facts.name,
        title: facts.title,
        seed: identity.seed,
        request_digest: identity.request_digest.clone(),
        workers: facts.workers,
        shares: vec![facts.share],
        model: if facts.is_open { "open" } else { "closed" }.to_owned(),
        started_unix: facts.started_unix,
        planned_seconds: facts.planned_seconds,
        elapsed_seconds: facts.elapsed_seconds,
        finished: facts.finished,
        schedule_lag: histogram(&record.lag),
        most_in_flight: facts.most_in_flight,
        second_seconds: (length * 60.0).round() as u32,
        generator: facts.generator,
        streams: streams.map(|(names, record)| stream(&names.name, &names.journeys, record)).collect(),
    }
}

fn stream(name: &str, journeys: &[(String, Vec<String>)], record: &StreamRecord) -> StreamMeasured {
    let journeys = journeys.iter().zip(&record.journeys);
    StreamMeasured {
        stream: name.to_owned(),
        due: record.due,
        completed: record.completed,
        errors: record.errors,
        dropped: record.dropped,
        skipped: record.skipped,
        latency: histogram(&record.latency()),
        uncorrected_latency: histogram(&record.uncorrected()),
        journeys: journeys.map(|((name, steps), record)| journey(name, steps, record)).collect(),
        seconds: (0..record.buckets.len()).filter_map(|n| record.buckets.get(n)).map(second).collect(),
    }
}

fn journey(name: &str, steps: &[String], record: &JourneyRecord) -> JourneyMeasured {
    JourneyMeasured {
        journey: name.to_owned(),
        completed: record.completed,
        errors: record.errors,
        latency: histogram(&record.latency),
        uncorrected_latency: histogram(&record.uncorrected),
        steps: steps.iter().zip(&record.steps).map(|(label, record)| step(label, record)).collect(),
    }
}

fn step(label: &str, record: &StepRecord) -> StepMeasured {
    let outcomes = record.outcomes.iter().map(|alike| {
        (alike.outcome.to_string(), OutcomeMeasured { is_error: alike.is_error, latency: histogram(&alike.latency) })
    });
    StepMeasured {
        step: label.to_owned(),
        requests: record.requests,
        errors: record.errors,
        latency: histogram(&record.latency()),
        uncorrected_latency: histogram(&record.uncorrected),
        outcomes: outcomes.collect(),
    }
}

fn second(bucket: &TimeBucket) -> Second {
    Second {
        due: bucket.due,
        completed: bucket.completed,
        errors: bucket.errors,
        dropped: bucket.dropped,
        latency: bucket.latency.counts().collect(),
    }
}

fn histogram(totals: &Totals) -> LatencyHistogram {
    totals.counts().collect()
}
