//! What tests of this crate share: stand-ins for fault kinds, and the shipped scenario.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    AlertEvent, AlertState, ArgMistake, Bucket, Evidence, ExpectedAlert, Fault, FaultKinds, LoadReport, PredictOptions,
    Prediction, ProofRecord, RestoreRecord, Scenario, Stream, StreamReport, Verdict, judge, parse, predict, shipped,
};

/// Every kind's name, and of two kinds just enough arguments to show where mistakes in them are reported.
pub(crate) struct Kinds;

const KINDS: [&str; 14] = [
    "drop_index",
    "storage_wait",
    "leak_connections",
    "resize_pool",
    "lock_table",
    "http_latency",
    "http_error",
    "kill_service",
    "pause_service",
    "kill_redis",
    "retry_storm",
    "malformed_request",
    "slow_request",
    "prompt_bloat",
];

impl FaultKinds for Kinds {
    fn names(&self) -> Vec<&str> {
        KINDS.to_vec()
    }

    fn check(&self, kind: &str, args: &Value) -> Vec<ArgMistake> {
        let mistake = |path: &[&str], message: &str, remedy: &str| ArgMistake {
            path: path.iter().map(ToString::to_string).collect(),
            message: message.to_owned(),
            remedy: remedy.to_owned(),
        };
        let mut mistakes = Vec::new();
        if !["drop_index", "storage_wait"].contains(&kind) {
            return mistakes;
        }
        if !args["table"].is_string() {
            mistakes.push(mistake(&["table"], "`table` is missing", "name the table"));
        }
        if kind == "drop_index" && !args["indexes"][0].is_string() {
            mistakes.push(mistake(&["indexes", "0"], "an index is a name", "name the index"));
        }
        mistakes
    }

    fn schema(&self, kind: &str) -> Value {
        match kind {
            "drop_index" => json!({"type": "object", "required": ["table", "indexes"]}),
            "storage_wait" => json!({"type": "object", "required": ["table", "queue", "service_time_ms"]}),
            _ => json!({"type": "object"}),
        }
    }
}

/// The shipped scenario called `name`.
pub(crate) fn shipped_scenario(name: &str) -> Scenario {
    let text = shipped().iter().find(|(shipped, _)| *shipped == name).expect("shipped").1;
    parse(text, &Kinds).expect("the shipped file is right")
}

/// The shipped scenario `black-friday`.
pub(crate) fn black_friday() -> Scenario {
    shipped_scenario("black-friday")
}

/// As long as the load engine's: a quarter of a scenario minute.
const BUCKET: f64 = 0.25;

fn buckets(scenario: &Scenario) -> Vec<Bucket> {
    (0..(scenario.minutes / BUCKET) as u32)
        .map(|n| Bucket { from: f64::from(n) * BUCKET, to: f64::from(n + 1) * BUCKET, ..Bucket::default() })
        .collect()
}

/// The load engine's account of a stream that fares as `prediction` says.
fn report_as_predicted(scenario: &Scenario, stream: &Stream, prediction: &Prediction) -> StreamReport {
    let mut report = StreamReport {
        stream: stream.name.clone(),
        buckets: buckets(scenario),
        journeys: stream.journeys.keys().map(|name| (name.clone(), buckets(scenario))).collect(),
    };
    let mut count = |journey: usize, minute: f64, what: &dyn Fn(&mut Bucket)| {
        let last = report.buckets.len() - 1;
        let place = ((minute / BUCKET) as usize).min(last);
        what(&mut report.buckets[place]);
        what(&mut report.journeys[journey][place]);
    };
    for arrival in prediction.each(&stream.name) {
        count(arrival.journey, arrival.minute, &|bucket| {
            bucket.due += 1;
            bucket.completed += 1;
            bucket.errors += u64::from(arrival.failed);
            bucket.requests += 1;
            bucket.request_errors += u64::from(arrival.first_request_failed);
            bucket.latency.record(Duration::from_secs_f64(arrival.latency_ms / 1000.0));
        });
    }
    for (minute, journey, failed) in prediction.each_retry(&stream.name) {
        count(journey, minute, &|bucket| {
            bucket.requests += 1;
            bucket.request_errors += u64::from(failed);
        });
    }
    report
}

/// What a run brings back in which everything went as predicted and every expected alert came in the middle of its window.
pub(crate) fn evidence_as_predicted(scenario: &Scenario, prediction: &Prediction) -> Evidence {
    let load = LoadReport {
        seed: prediction.seed,
        request_digest: prediction.request_digest.clone(),
        finished: true,
        dropped: 0,
        schedule_lag_p99_ms: 1.2,
        schedule_lag_max_ms: 9.0,
        streams: scenario.streams.iter().map(|stream| report_as_predicted(scenario, stream, prediction)).collect(),
    };
    let alert = |expected: &ExpectedAlert, state, minute| AlertEvent {
        monitor: expected.monitor.clone(),
        state,
        minute,
        stream: Some(expected.stream.clone().unwrap_or_else(|| "demo".to_owned())),
    };
    let alerts = scenario.expect.alerts.iter().flat_map(|a| {
        let fires = alert(a, AlertState::Firing, f64::midpoint(a.fires.0, a.fires.1));
        [Some(fires), a.resolves_by.map(|by| alert(a, AlertState::Resolved, by - 0.5))]
    });
    let proofs = scenario.faults.iter().flat_map(|fault| {
        fault.proof.iter().map(|proof| ProofRecord {
            fault: fault.id.clone(),
            claim: proof.claim(),
            holds: true,
            seen: "as claimed".to_owned(),
            minute: fault.from + 0.1,
        })
    });
    let restored =
        |fault: &Fault| RestoreRecord { fault: fault.id.clone(), restored: true, seen: "as it was".to_owned() };
    Evidence {
        load,
        alerts: alerts.flatten().collect(),
        proofs: proofs.collect(),
        restored: scenario.faults.iter().map(restored).collect(),
        breakages: Vec::new(),
    }
}

/// The verdict on a run of `scenario` in which everything went as predicted.
pub(crate) fn run_as_predicted(scenario: &Scenario, seed: u64, speed: f64) -> Verdict {
    let options = PredictOptions { further_seeds: 0, ..PredictOptions::at_speed(speed) };
    let prediction = predict(scenario, seed, &options);
    judge(scenario, &evidence_as_predicted(scenario, &prediction), &prediction, speed)
}
