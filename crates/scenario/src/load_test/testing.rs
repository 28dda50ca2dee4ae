//! What tests of reports share: what a worker would have measured of visits that are known beforehand.

use std::time::Duration;

use super::{GeneratorCost, JourneyMeasured, LoadTestReport, Second, StepMeasured, StreamMeasured};

/// One visit: its stream, its position there, when it was due, how long it took, and whether it failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub(super) stream: usize,
    pub(super) index: u64,
    pub(super) second: usize,
    pub(super) micros: u64,
    pub(super) failed: bool,
    pub(super) dropped: bool,
}

const STREAMS: [&str; 2] = ["buyers", "lookers"];

/// Worker `share`'s account of `visits`, of which it takes those whose index leaves `share` when divided by `workers`.
pub(super) fn report_of(visits: &[Visit], workers: u64, share: u64) -> LoadTestReport {
    let mut report = empty(workers, share);
    for visit in visits.iter().filter(|visit| visit.index % workers == share) {
        count(&mut report, visit);
    }
    report
}

/// Three hundred visits of `buyers`, five a second; visit n takes n + 1 ms, and every tenth fails.
pub(super) fn report(workers: u64, share: u64) -> LoadTestReport {
    let visit = |index: u64| Visit {
        stream: 0,
        index,
        second: index as usize / 5,
        micros: (index + 1) * 1000,
        failed: index % 10 == 9,
        dropped: false,
    };
    report_of(&(0..300).map(visit).collect::<Vec<_>>(), workers, share)
}

fn empty(workers: u64, share: u64) -> LoadTestReport {
    let step = StepMeasured { step: "POST /cart".to_owned(), ..StepMeasured::default() };
    let journey = |name: &str| JourneyMeasured {
        journey: name.to_owned(),
        steps: vec![step.clone()],
        ..JourneyMeasured::default()
    };
    let stream = |name: &str| StreamMeasured {
        stream: name.to_owned(),
        journeys: ["buy", "look"].map(journey).to_vec(),
        ..StreamMeasured::default()
    };
    LoadTestReport {
        format: 1,
        name: "checkout".to_owned(),
        title: "Checkout".to_owned(),
        seed: 1,
        request_digest: "ab".to_owned(),
        workers,
        shares: vec![share],
        model: "open".to_owned(),
        started_unix: 1_000.0,
        planned_seconds: 60.0,
        elapsed_seconds: 60.5,
        finished: true,
        most_in_flight: 12,
        second_seconds: 1,
        generator: GeneratorCost { user_cpu_seconds: 0.5, system_cpu_seconds: 0.25, peak_memory_bytes: 1 << 20 },
        streams: STREAMS.map(stream).to_vec(),
        ..LoadTestReport::default()
    }
}

fn count(report: &mut LoadTestReport, visit: &Visit) {
    let latency = Duration::from_micros(visit.micros);
    let failed = u64::from(visit.failed);
    report.schedule_lag.record(Duration::from_micros(visit.micros % 50));
    let stream = &mut report.streams[visit.stream];
    if stream.seconds.len() <= visit.second {
        stream.seconds.resize(visit.second + 1, Second::default());
    }
    let second = &mut stream.seconds[visit.second];
    stream.due += 1;
    second.due += 1;
    if visit.dropped {
        stream.dropped += 1;
        second.dropped += 1;
        return;
    }
    second.completed += 1;
    second.errors += failed;
    second.latency.record(latency);
    stream.completed += 1;
    stream.errors += failed;
    stream.latency.record(latency);
    stream.uncorrected_latency.record(latency / 2);
    let journey = &mut stream.journeys[0];
    journey.completed += 1;
    journey.errors += failed;
    journey.latency.record(latency);
    journey.uncorrected_latency.record(latency / 2);
    let step = &mut journey.steps[0];
    step.requests += 1;
    step.errors += failed;
    step.latency.record(latency);
    step.uncorrected_latency.record(latency / 2);
    let outcome = if visit.failed { "timeout" } else { "200" };
    let outcome = step.outcomes.entry(outcome.to_owned()).or_default();
    outcome.is_error = visit.failed;
    outcome.latency.record(latency);
}
