//! Runs in which something went wrong, and the verdict that each deserves.
//!
//! [`staged`] sabotages the scenario and lets the simulation say what comes of it; [`tampered`] changes single pieces of
//! evidence; [`rows`] looks at how verdicts are written down.
mod rows;
mod staged;
mod tampered;

use std::fmt::Write;
use std::sync::LazyLock;

use super::{AlertTiming, Check, Outcome, RowOutcome, Verdict, judge};
use crate::testing::{black_friday, evidence_as_predicted};
use crate::{AlertEvent, AlertState, Bucket, Evidence, PredictOptions, Prediction, ProofRecord, Scenario, predict};

const SPEED: f64 = 10.0;

fn prediction(scenario: &Scenario) -> Prediction {
    predict(scenario, 1, &PredictOptions { further_seeds: 0, ..PredictOptions::at_speed(SPEED) })
}

/// A run in which everything went as predicted: made once, sabotaged often.
static RUN: LazyLock<(Scenario, Prediction, Evidence)> = LazyLock::new(|| {
    let scenario = black_friday();
    let prediction = prediction(&scenario);
    let evidence = evidence_as_predicted(&scenario, &prediction);
    (scenario, prediction, evidence)
});

/// The verdict on it, but for what `sabotage` does to its evidence.
fn verdict(sabotage: impl FnOnce(&mut Evidence)) -> Verdict {
    let (scenario, prediction, evidence) = &*RUN;
    let mut evidence = evidence.clone();
    sabotage(&mut evidence);
    judge(scenario, &evidence, prediction, SPEED)
}

fn alert(monitor: &str, state: AlertState, minute: f64, stream: &str) -> AlertEvent {
    AlertEvent { monitor: monitor.to_owned(), state, minute, stream: Some(stream.to_owned()) }
}

/// Moves the firing of `monitor` to `minute`.
fn fires_at(evidence: &mut Evidence, monitor: &str, minute: f64) {
    for event in evidence.alerts.iter_mut().filter(|e| e.monitor == monitor && e.state == AlertState::Firing) {
        event.minute = minute;
    }
}

/// What happens to a stream's buckets between two minutes.
fn in_buckets(evidence: &mut Evidence, stream: &str, (from, to): (f64, f64), change: impl Fn(&mut Bucket)) {
    let streams = evidence.load.streams.iter_mut().filter(|s| s.stream == stream);
    streams.flat_map(|s| &mut s.buckets).filter(|b| b.from >= from && b.to <= to).for_each(change);
}

/// The record of black-friday's proof whose claim contains `words`.
fn proof<'e>(evidence: &'e mut Evidence, words: &str) -> &'e mut ProofRecord {
    evidence.proofs.iter_mut().find(|record| record.claim.contains(words)).expect("black-friday asks for it")
}

/// Name, verdict and every reason, for a golden file.
fn told(all: &mut String, name: &str, verdict: &Verdict) {
    let _ = writeln!(all, "# {name}\n{:?}", verdict.outcome);
    for reason in &verdict.reasons {
        let _ = writeln!(all, "  {reason}");
    }
    let _ = writeln!(all);
}
