//! What tests of this crate share: stand-ins for fault kinds, and the shipped scenario.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    AlertEvent, AlertState, ArgMistake, Bucket, Evidence, ExpectedAlert, Fault, FaultKinds, LoadReport, PredictOptions,
    Prediction, ProofRecord, RestoreRecord, Scenario, Stream, StreamReport, Verdict, judge, parse, predict, shipped,
};

/// Two kinds with just enough arguments to show where mistakes in them are reported.
pub(crate) struct Kinds;

impl FaultKinds for Kinds {
    fn names(&self) -> Vec<&str> {
        vec!["drop_index", "storage_wait"]
    }

    fn check(&self, kind: &str, args: &Value) -> Vec<ArgMistake> {
        let mistake = |path: &[&str], message: &str, remedy: &str| ArgMistake {
            path: path.iter().map(ToString::to_string).collect(),
            message: message.to_owned(),
            remedy: remedy.to_owned(),
        };
        let mut mistakes = Vec::new();
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
            _ => json!({"type": "object", "required": ["table", "queue", "service_time_ms"]}),
        }
    }
}

/// The shipped scenario `black-friday`.
pub(crate) fn black_friday() -> Scenario {
    parse(shipped()[0].1, &Kinds).expect("the shipped file is right")
}

/// What a run brings back in which everything went as predicted and every expected alert came in the middle of its window.
pub(crate) fn evidence_as_predicted(scenario: &Scenario, prediction: &Prediction) -> Evidence {
    /// As the load engine's: a quarter of a scenario minute.
    const BUCKET: f64 = 0.25;
    let stream = |stream: &Stream| {
        let mut buckets: Vec<Bucket> = (0..(scenario.minutes / BUCKET) as u32)
            .map(|n| Bucket { from: f64::from(n) * BUCKET, to: f64::from(n + 1) * BUCKET, ..Bucket::default() })
            .collect();
        for (minute, latency_ms, failed) in prediction.each(&stream.name) {
            let bucket = &mut buckets[(minute / BUCKET) as usize];
            bucket.due += 1;
            bucket.completed += 1;
            bucket.errors += u64::from(failed);
            bucket.latency.record(Duration::from_secs_f64(latency_ms / 1000.0));
        }
        StreamReport { stream: stream.name.clone(), buckets }
    };
    let load = LoadReport {
        seed: prediction.seed,
        request_digest: prediction.request_digest.clone(),
        finished: true,
        dropped: 0,
        schedule_lag_p99_ms: 1.2,
        schedule_lag_max_ms: 9.0,
        streams: scenario.streams.iter().map(stream).collect(),
    };
    let alert = |expected: &ExpectedAlert, state, minute| AlertEvent {
        monitor: expected.monitor.clone(),
        state,
        minute,
        stream: Some("demo".to_owned()),
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
