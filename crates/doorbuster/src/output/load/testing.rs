//! A report as a run leaves it, made by arithmetic: two streams over two minutes, with a slow stretch in the middle.

use std::time::Duration;

use load::{Progress, RunState, StreamProgress};
use scenario::{
    GeneratorCost, JourneyMeasured, LatencyHistogram, LoadTestReport, OutcomeMeasured, Second, StepMeasured,
    StreamMeasured, Threshold,
};

use super::{Judged, Origin};

const SECONDS: u64 = 120;

/// A number from 0 to 1 that looks random and is always the same.
fn noise(of: u64) -> f64 {
    let mixed = of.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// Milliseconds of visit `visit` of second `second`: a long tail, and longer from second 60 to 80.
fn latency_ms(second: u64, visit: u64, usual_ms: f64) -> f64 {
    let tail = -(1.0 - noise(second * 7_919 + visit)).ln();
    let slow = if (60..80).contains(&second) { 6.0 } else { 1.0 };
    usual_ms * slow * (0.5 + 0.5 * tail * tail.max(0.6))
}

/// How late the generator was: a little, in the slow stretch.
fn waited_ms(second: u64) -> f64 {
    if (60..80).contains(&second) { 40.0 } else { 0.0 }
}

fn record(histogram: &mut LatencyHistogram, ms: f64) {
    histogram.record(Duration::from_secs_f64(ms / 1000.0));
}

fn stream(name: &str, rate: impl Fn(u64) -> u64, usual_ms: f64, journey: &str, steps: &[&str]) -> StreamMeasured {
    let mut stream = StreamMeasured { stream: name.to_owned(), ..StreamMeasured::default() };
    let mut measured = JourneyMeasured { journey: journey.to_owned(), ..JourneyMeasured::default() };
    measured.steps =
        steps.iter().map(|step| StepMeasured { step: (*step).to_owned(), ..StepMeasured::default() }).collect();
    for second in 0..SECONDS {
        let mut here = Second::default();
        for visit in 0..rate(second) {
            let ms = latency_ms(second, visit, usual_ms);
            let failed = (60..80).contains(&second) && visit % 9 == 0;
            let waited = waited_ms(second);
            here.due += 1;
            here.completed += 1;
            here.errors += u64::from(failed);
            record(&mut here.latency, ms + waited);
            record(&mut stream.latency, ms + waited);
            record(&mut stream.uncorrected_latency, ms);
            record(&mut measured.latency, ms + waited);
            record(&mut measured.uncorrected_latency, ms);
            let count = measured.steps.len();
            for (index, step) in measured.steps.iter_mut().enumerate() {
                let share = ms / count as f64;
                let late = if index == 0 { waited } else { 0.0 };
                record(&mut step.latency, share + late);
                record(&mut step.uncorrected_latency, share);
                step.requests += 1;
                let fails = failed && index + 1 == count;
                step.errors += u64::from(fails);
                let name = if fails { "503" } else { "200" };
                let outcome: &mut OutcomeMeasured = step.outcomes.entry(name.to_owned()).or_default();
                outcome.is_error = fails;
                record(&mut outcome.latency, share + late);
            }
        }
        stream.due += here.due;
        stream.completed += here.completed;
        stream.errors += here.errors;
        stream.seconds.push(here);
    }
    measured.completed = stream.completed;
    measured.errors = stream.errors;
    stream.journeys = vec![measured];
    stream
}

/// What two minutes of two streams left.
pub(crate) fn report() -> LoadTestReport {
    let buyers = |second: u64| (second * 4).min(120);
    let streams = vec![
        stream("buyers", buyers, 18.0, "buy", &["GET /products", "POST /cart/${cart_id}/add", "POST /checkout"]),
        stream("lookers", |_| 40, 3.0, "look", &["GET /products"]),
    ];
    let mut schedule_lag = LatencyHistogram::default();
    for (second, arrivals) in
        (0..SECONDS).map(|s| (s, streams.iter().map(|of| of.seconds[s as usize].due).sum::<u64>()))
    {
        for arrival in 0..arrivals {
            record(&mut schedule_lag, waited_ms(second) + 0.02 + 0.08 * noise(second * 7_919 + arrival));
        }
    }
    LoadTestReport {
        format: 1,
        name: "checkout".to_owned(),
        title: "Checkout holds at 120 a second".to_owned(),
        seed: 7,
        request_digest: "3b5d5c3712955042212316173ccf37be80000000000000000000000000000000".to_owned(),
        workers: 1,
        shares: vec![0],
        model: "open".to_owned(),
        started_unix: 1_795_256_100.0,
        planned_seconds: SECONDS as f64,
        elapsed_seconds: 120.4,
        finished: true,
        schedule_lag,
        most_in_flight: 61,
        second_seconds: 1,
        generator: GeneratorCost { user_cpu_seconds: 0.21, system_cpu_seconds: 0.62, peak_memory_bytes: 18_874_368 },
        streams,
    }
}

/// Two that hold and two that do not.
pub(crate) fn thresholds() -> Vec<Threshold> {
    vec![
        Threshold {
            stream: Some("buyers".into()),
            p95_ms_max: Some(300.0),
            error_rate_max: Some(0.01),
            ..Threshold::default()
        },
        Threshold {
            journey: Some("buy".into()),
            step: Some("POST /checkout".into()),
            p99_ms_max: Some(150.0),
            ..Threshold::default()
        },
        Threshold { completed_per_minute_min: Some(6000.0), ..Threshold::default() },
    ]
}

pub(crate) fn judged() -> Judged {
    judged_of(report())
}

pub(crate) fn judged_of(report: LoadTestReport) -> Judged {
    Judged::new(report, thresholds(), Origin::Run)
}

/// Where such a test is after `elapsed` seconds.
pub(crate) fn progress(elapsed: f64) -> Progress {
    let stream = |name: &str, target: f64, due: f64, p50_ms: f64| StreamProgress {
        stream: name.to_owned(),
        target_per_second: target,
        due_per_second: due,
        completed: 2_100,
        errors: 6,
        p50_ms,
        p95_ms: if name == "buyers" { p50_ms * 4.0 } else { p50_ms * 3.0 },
        p99_ms: if name == "buyers" { p50_ms * 10.0 } else { p50_ms * 4.5 },
    };
    Progress {
        state: RunState::Running,
        elapsed: Duration::from_secs_f64(elapsed),
        planned: Duration::from_secs(SECONDS),
        in_flight: 41,
        due: 4_241,
        completed: 4_200,
        errors: 12,
        dropped: 0,
        schedule_lag_p99_ms: 0.09,
        streams: vec![stream("buyers", 120.0, 59.5, 12.0), stream("lookers", 40.0, 20.0, 2.0)],
    }
}
