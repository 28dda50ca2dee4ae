//! Runs in which something went wrong, and the verdict that each deserves.

use std::sync::LazyLock;
use std::time::Duration;

use super::{AlertTiming, Check, Outcome, RowOutcome, Verdict, judge};
use crate::testing::{black_friday, evidence_as_predicted};
use crate::{AlertEvent, AlertState, Evidence, PredictOptions, Prediction, Scenario, predict};

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
fn in_buckets(evidence: &mut Evidence, stream: &str, (from, to): (f64, f64), change: impl Fn(&mut crate::Bucket)) {
    let streams = evidence.load.streams.iter_mut().filter(|s| s.stream == stream);
    streams.flat_map(|s| &mut s.buckets).filter(|b| b.from >= from && b.to <= to).for_each(change);
}

/// Where the proof stands whose claim begins like this.
fn proof(evidence: &Evidence, claim: &str) -> usize {
    evidence.proofs.iter().position(|p| p.claim.starts_with(claim)).expect("black-friday has such a proof")
}

/// The same, after another look at it that did not show it.
fn seen_not_to_hold(evidence: &Evidence, claim: &str) -> crate::ProofRecord {
    crate::ProofRecord { holds: false, ..evidence.proofs[proof(evidence, claim)].clone() }
}

#[test]
fn a_run_as_predicted_passes_and_says_nothing_against_it() {
    let verdict = verdict(|_| {});
    assert_eq!(verdict.reasons, Vec::<String>::new());
    assert_eq!(verdict.outcome, Outcome::Pass);
    assert!(verdict.rows.iter().all(|row| row.outcome == RowOutcome::Pass));
}

/// A name, what is done to the evidence, the verdict, and the beginning of its first reason.
type Sabotage = (&'static str, fn(&mut Evidence), Outcome, &'static str);

const SABOTAGED: &[Sabotage] = &[
    (
        "the index was never dropped",
        |e| {
            let at = proof(e, "index");
            e.proofs[at].holds = false;
        },
        Outcome::Invalid,
        "proof of missing-index: index",
    ),
    (
        "nobody looked at the plan",
        |e| drop(e.proofs.remove(proof(e, "the plan"))),
        Outcome::Invalid,
        "proof of missing-index: the plan",
    ),
    (
        "the plan went back too early",
        |e| e.proofs.push(seen_not_to_hold(e, "the plan")),
        Outcome::Invalid,
        "proof of missing-index: the plan",
    ),
    (
        "nobody ever waited for the pool",
        |e| {
            let at = proof(e, "at least 1 waited");
            e.proofs[at].holds = false;
        },
        Outcome::Invalid,
        "proof of slow-storage",
    ),
    (
        "waiters were seen at one of two looks",
        |e| e.proofs.insert(0, seen_not_to_hold(e, "at least 1 waited")),
        Outcome::Pass,
        "",
    ),
    (
        "a proof of another fault does not count",
        |e| {
            let at = proof(e, "index");
            e.proofs[at].fault = "slow-storage".to_owned();
        },
        Outcome::Invalid,
        "proof of missing-index: index",
    ),
    ("the generator fell behind", |e| e.load.schedule_lag_p99_ms = 180.0, Outcome::Invalid, "load: on schedule"),
    (
        "the generator's lag is no number",
        |e| e.load.schedule_lag_p99_ms = f64::NAN,
        Outcome::Invalid,
        "load: on schedule",
    ),
    ("the generator dropped arrivals", |e| e.load.dropped = 1, Outcome::Invalid, "load: on schedule"),
    ("the load report is not finished", |e| e.load.finished = false, Outcome::Invalid, "load: complete"),
    (
        "another sequence was sent",
        |e| e.load.request_digest = "0".repeat(64),
        Outcome::Invalid,
        "load: request sequence",
    ),
    (
        "a stream is missing in the report",
        |e| drop(e.load.streams.remove(0)),
        Outcome::Invalid,
        "load: stream baseline",
    ),
    (
        "a service died",
        |e| e.breakages.push("checkout ended with status 101".to_owned()),
        Outcome::Invalid,
        "stage: whole",
    ),
    (
        "nothing was measured at a checkpoint",
        |e| {
            in_buckets(e, "demo", (22.0, 24.0), |b| *b = crate::Bucket { from: b.from, to: b.to, ..Default::default() })
        },
        Outcome::Invalid,
        "demo at 22: error rate",
    ),
    (
        "the shop healed itself",
        |e| in_buckets(e, "demo", (20.0, 30.0), |b| b.errors = 0),
        Outcome::Fail,
        "demo at 22: error rate",
    ),
    (
        "baseline was poisoned in one phase",
        |e| in_buckets(e, "baseline", (15.0, 20.0), |b| b.errors = b.completed),
        Outcome::Fail,
        "baseline in the whole run: error rate",
    ),
    (
        "baseline was slow in one phase",
        |e| in_buckets(e, "baseline", (10.0, 15.0), |b| (0..50).for_each(|_| b.latency.record(Duration::from_secs(2)))),
        Outcome::Fail,
        "baseline in the whole run: p95",
    ),
    (
        "baseline came at half its rate",
        |e| in_buckets(e, "baseline", (0.0, 33.0), |b| b.completed /= 2),
        Outcome::Fail,
        "baseline in the whole run: arrivals",
    ),
    (
        "the flow alert came late",
        |e| fires_at(e, "flow-checkout-collapse", 23.4),
        Outcome::Fail,
        "flow-checkout-collapse fires: expected minute 22-23, was late: minute 23.40",
    ),
    (
        "the flow alert came early",
        |e| fires_at(e, "flow-checkout-collapse", 21.9),
        Outcome::Fail,
        "flow-checkout-collapse fires: expected minute 22-23, was early: minute 21.90",
    ),
    (
        "thresholds were impossible",
        |e| e.alerts.retain(|a| a.monitor != "slow-queries"),
        Outcome::Fail,
        "slow-queries fires: expected minute 15-16.5, was missed",
    ),
    (
        "an alert did not resolve",
        |e| e.alerts.retain(|a| a.state == AlertState::Firing || a.monitor != "pool-exhaustion"),
        Outcome::Fail,
        "pool-exhaustion resolves: expected by minute 33, was still firing",
    ),
    (
        "an alert fired again at the end",
        |e| e.alerts.push(alert("pool-exhaustion", AlertState::Firing, 32.9, "demo")),
        Outcome::Fail,
        "pool-exhaustion resolves: expected by minute 33, was still firing since minute 32.90",
    ),
    (
        "an alert resolved too late",
        |e| e.alerts.iter_mut().filter(|a| a.state == AlertState::Resolved).for_each(|a| a.minute = 33.5),
        Outcome::Fail,
        "slow-queries resolves: expected by minute 33, was late: minute 33.50",
    ),
    (
        "a monitor fired at rest",
        |e| e.alerts.push(alert("disk-full", AlertState::Firing, 3.0, "demo")),
        Outcome::Fail,
        "quiet in minutes 0-15",
    ),
    (
        "a monitor fired on baseline",
        |e| {
            e.alerts.push(alert("slow-queries", AlertState::Firing, 21.0, "baseline"));
            e.alerts.push(alert("slow-queries", AlertState::Resolved, 22.0, "baseline"));
        },
        Outcome::Fail,
        "quiet in minutes 0-33 for baseline: expected nothing fires, was slow-queries for baseline at minute 21.00",
    ),
    (
        "an alert that nobody expects",
        |e| e.alerts.push(alert("disk-full", AlertState::Firing, 25.0, "demo")),
        Outcome::Fail,
        "no other alert",
    ),
    (
        "the index was not put back",
        |e| {
            let index = e.restored.iter_mut().find(|r| r.fault == "missing-index").expect("it was undone");
            index.restored = false;
            index.seen = "type: CREATE INDEX ...".to_owned();
        },
        Outcome::Fail,
        "missing-index undone: expected everything as it was, was not restored: type: CREATE INDEX ...",
    ),
    ("nobody looked whether it was put back", |e| e.restored.clear(), Outcome::Fail, "slow-storage undone"),
    (
        "a missed alert in a run that proves nothing",
        |e| {
            e.alerts.clear();
            e.proofs.clear();
        },
        Outcome::Invalid,
        "proof of slow-storage",
    ),
];

#[test]
fn each_sabotage_gets_the_verdict_it_deserves() {
    for (name, sabotage, outcome, reason) in SABOTAGED {
        let verdict = verdict(sabotage);
        assert_eq!(verdict.outcome, *outcome, "{name}: {:?}", verdict.reasons);
        let first = verdict.reasons.first().map_or("", String::as_str);
        assert!(first.starts_with(reason), "{name}: {first}");
        assert_eq!(verdict.reasons.is_empty(), *outcome == Outcome::Pass, "{name}");
    }
}

#[test]
fn no_evidence_at_all_is_invalid() {
    let scenario = black_friday();
    let verdict = judge(&scenario, &Evidence::default(), &prediction(&scenario), SPEED);
    assert_eq!(verdict.outcome, Outcome::Invalid);
}

#[test]
fn a_scenario_without_its_faults_never_passes() {
    let mut scenario = black_friday();
    scenario.faults.clear();
    let prediction = prediction(&scenario);
    let verdict = judge(&scenario, &evidence_as_predicted(&scenario, &prediction), &prediction, SPEED);
    assert_eq!(verdict.outcome, Outcome::Fail, "{:?}", verdict.reasons);
    assert!(
        verdict.reasons[0].starts_with("demo at 16: error rate: expected 50.0-60.0 %, was 0.0 %"),
        "{:?}",
        verdict.reasons
    );
}

#[test]
fn early_late_missed_and_false_are_told_apart() {
    let verdict = verdict(|e| {
        fires_at(e, "slow-queries", 14.0);
        fires_at(e, "pool-exhaustion", 25.0);
        e.alerts.retain(|a| a.monitor != "flow-checkout-collapse");
        e.alerts.push(alert("disk-full", AlertState::Firing, 25.0, "demo"));
    });
    let timings: Vec<AlertTiming> = verdict.rows.iter().filter_map(|row| row.figures.timing).collect();
    assert_eq!(
        timings,
        [AlertTiming::Early, AlertTiming::OnTime, AlertTiming::Late, AlertTiming::Missed, AlertTiming::False]
    );
}

#[test]
fn a_band_around_the_prediction_moves_with_it() {
    let mut scenario = black_friday();
    scenario.expect.checkpoints[4].error_rate = Some(crate::Band::AroundPrediction(0.04));
    let prediction = prediction(&scenario);
    let verdict = judge(&scenario, &evidence_as_predicted(&scenario, &prediction), &prediction, SPEED);
    let row = verdict.rows.iter().find(|r| r.what == "demo at 22: error rate").expect("checked");
    let (low, high) = row.figures.expected.expect("predicted");
    let predicted = row.figures.predicted.expect("predicted");
    assert!((high - predicted - 0.04).abs() < 1e-9 && (predicted - low - 0.04).abs() < 1e-9, "{row:?}");
    assert_eq!(row.outcome, RowOutcome::Pass);
}

#[test]
fn short_phases_are_judged_together_and_the_row_says_so() {
    let verdict = verdict(|_| {});
    let row = verdict
        .rows
        .iter()
        .find(|r| r.what == "baseline in critical and recovery: error rate")
        .expect("30 arrivals can't tell 2 %");
    assert!(row.note.contains("together"), "{row:?}");
    assert!(verdict.rows.iter().any(|r| r.what == "baseline in peak: error rate"), "50 arrivals can");
}

#[test]
fn a_prediction_from_json_judges_the_same() {
    let scenario = black_friday();
    let prediction = predict(&scenario, 1, &PredictOptions::at_speed(SPEED));
    let evidence = evidence_as_predicted(&scenario, &prediction);
    let text = serde_json::to_string(&prediction).expect("serializable");
    let read = serde_json::from_str(&text).expect("the same types");
    assert_eq!(judge(&scenario, &evidence, &read, SPEED), judge(&scenario, &evidence, &prediction, SPEED));
}

#[test]
fn every_row_knows_what_it_checks() {
    let verdict = verdict(|_| {});
    let checkpoint = verdict.rows.iter().find(|r| r.what == "demo at 22: p95").expect("checked");
    assert_eq!(checkpoint.figures.check, Check::P95Ms);
    assert_eq!(checkpoint.figures.window, Some((22.0, 24.0)));
    assert!(checkpoint.figures.samples.is_some_and(|n| n > 300));
}

#[test]
fn junit_tells_failures_from_errors() {
    let verdict = verdict(|e| {
        fires_at(e, "flow-checkout-collapse", 23.4);
        e.load.dropped = 3;
    });
    insta::assert_snapshot!(verdict.to_junit_xml());
}

#[test]
fn the_verdict_as_json_keeps_its_shape() {
    let mut verdict = verdict(|e| fires_at(e, "flow-checkout-collapse", 23.4));
    verdict.rows.retain(|row| row.outcome == RowOutcome::Fail || row.what.starts_with("demo at 22"));
    insta::assert_snapshot!(serde_json::to_string_pretty(&verdict).expect("serializable"));
}
