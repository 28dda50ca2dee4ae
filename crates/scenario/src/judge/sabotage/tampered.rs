//! Single pieces of evidence, changed one at a time.

use std::time::Duration;

use super::{AlertState, AlertTiming, Evidence, Outcome, alert, fires_at, in_buckets, proof, told, verdict};

/// A name, what is done to the evidence, and the verdict.
type Tampering = (&'static str, fn(&mut Evidence), Outcome);

const TAMPERED: &[Tampering] = &[
    ("the index was never dropped", |e| proof(e, "absent").holds = false, Outcome::Invalid),
    ("nobody looked at the plan", |e| e.proofs.retain(|r| !r.claim.contains("sequential")), Outcome::Invalid),
    (
        "the plan went back too early",
        |e| {
            let mut again = proof(e, "sequential").clone();
            again.holds = false;
            e.proofs.push(again);
        },
        Outcome::Invalid,
    ),
    ("nobody ever waited for the pool", |e| proof(e, "waited").holds = false, Outcome::Invalid),
    (
        "waiters were seen at one of two looks",
        |e| {
            let mut before = proof(e, "waited").clone();
            before.holds = false;
            e.proofs.insert(0, before);
        },
        Outcome::Pass,
    ),
    ("a proof of another fault", |e| proof(e, "absent").fault = "slow-storage".to_owned(), Outcome::Invalid),
    ("the generator's lag is no number", |e| e.load.schedule_lag_p99_ms = f64::NAN, Outcome::Invalid),
    ("the generator dropped arrivals", |e| e.load.dropped = 1, Outcome::Invalid),
    ("the load report is not finished", |e| e.load.finished = false, Outcome::Invalid),
    ("another sequence was sent", |e| e.load.request_digest = "0".repeat(64), Outcome::Invalid),
    ("a stream is missing in the report", |e| drop(e.load.streams.remove(0)), Outcome::Invalid),
    ("a service died", |e| e.breakages.push("checkout ended with status 101".to_owned()), Outcome::Invalid),
    (
        "nothing was measured at a checkpoint",
        |e| {
            in_buckets(e, "demo", (22.0, 24.0), |b| *b = crate::Bucket { from: b.from, to: b.to, ..Default::default() })
        },
        Outcome::Invalid,
    ),
    (
        "baseline was stopped for the last minutes",
        |e| {
            in_buckets(e, "baseline", (31.0, 33.0), |b| {
                *b = crate::Bucket { from: b.from, to: b.to, ..Default::default() }
            })
        },
        Outcome::Invalid,
    ),
    ("the shop healed itself", |e| in_buckets(e, "demo", (20.0, 30.0), |b| b.errors = 0), Outcome::Fail),
    (
        "baseline was poisoned in one phase",
        |e| in_buckets(e, "baseline", (15.0, 20.0), |b| b.errors = b.completed),
        Outcome::Fail,
    ),
    (
        "baseline was slow in one phase",
        |e| in_buckets(e, "baseline", (10.0, 15.0), |b| (0..50).for_each(|_| b.latency.record(Duration::from_secs(2)))),
        Outcome::Fail,
    ),
    ("baseline came at half its rate", |e| in_buckets(e, "baseline", (0.0, 33.0), |b| b.completed /= 2), Outcome::Fail),
    ("the flow alert came late", |e| fires_at(e, "flow-checkout-collapse", 23.4), Outcome::Fail),
    ("the flow alert came early", |e| fires_at(e, "flow-checkout-collapse", 21.9), Outcome::Fail),
    ("one alert was missed", |e| e.alerts.retain(|a| a.monitor != "slow-queries"), Outcome::Fail),
    (
        "an alert did not resolve",
        |e| e.alerts.retain(|a| a.state == AlertState::Firing || a.monitor != "pool-exhaustion"),
        Outcome::Fail,
    ),
    (
        "an alert fired again at the end",
        |e| e.alerts.push(alert("pool-exhaustion", AlertState::Firing, 32.9, "demo")),
        Outcome::Fail,
    ),
    (
        "alerts resolved too late",
        |e| e.alerts.iter_mut().filter(|a| a.state == AlertState::Resolved).for_each(|a| a.minute = 33.5),
        Outcome::Fail,
    ),
    (
        "a monitor fired on baseline",
        |e| {
            e.alerts.push(alert("slow-queries", AlertState::Firing, 21.0, "baseline"));
            e.alerts.push(alert("slow-queries", AlertState::Resolved, 22.0, "baseline"));
        },
        Outcome::Fail,
    ),
    (
        "an alert that nobody expects",
        |e| e.alerts.push(alert("disk-full", AlertState::Firing, 25.0, "demo")),
        Outcome::Fail,
    ),
    ("nobody looked whether anything was put back", |e| e.restored.clear(), Outcome::Fail),
    (
        "a missed alert in a run that proves nothing",
        |e| {
            e.alerts.retain(|a| a.monitor != "slow-queries");
            e.proofs.clear();
        },
        Outcome::Invalid,
    ),
];

#[test]
fn each_piece_of_evidence_counts_for_what_it_says() {
    let mut all = String::new();
    for (name, tamper, outcome) in TAMPERED {
        let verdict = verdict(tamper);
        assert_eq!(verdict.outcome, *outcome, "{name}: {:?}", verdict.reasons);
        told(&mut all, name, &verdict);
    }
    insta::assert_snapshot!(all);
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
