//! Whole runs in which the experiment or the monitoring was sabotaged, with everything that follows from it.

use super::{
    AlertState, Outcome, Prediction, RUN, SPEED, Scenario, Verdict, alert, in_buckets, judge, prediction, proof, told,
    verdict,
};
use crate::testing::{black_friday, evidence_as_predicted};
use crate::{Evidence, Fault};

/// The verdict of the scenario on a run of what `sabotage` makes of it: traffic and alerts are those of the world that was played.
fn played(sabotage: impl FnOnce(&mut Scenario), evidence: impl FnOnce(&mut Evidence)) -> Verdict {
    let mut world = black_friday();
    sabotage(&mut world);
    let happened = prediction(&world);
    let mut found = evidence_as_predicted(&world, &happened);
    evidence(&mut found);
    let (scenario, prediction, _): &(Scenario, Prediction, Evidence) = &RUN;
    judge(scenario, &found, prediction, SPEED)
}

fn fault<'s>(scenario: &'s mut Scenario, id: &str) -> &'s mut Fault {
    scenario.faults.iter_mut().find(|fault| fault.id == id).expect("black-friday has it")
}

/// Name, verdict, outcome that it deserves.
fn matrix() -> Vec<(&'static str, Verdict, Outcome)> {
    vec![
        ("nothing is sabotaged", verdict(|_| {}), Outcome::Pass),
        (
            // The conductor undoes what it never did; nobody fires, nothing fails, and nothing can be said about the monitoring.
            "the faults are never applied",
            played(
                |world| world.faults.clear(),
                |evidence| {
                    evidence.alerts.clear();
                    evidence.proofs = RUN.2.proofs.clone();
                    evidence.proofs.iter_mut().for_each(|record| {
                        record.holds = false;
                        record.seen = "as ever".to_owned();
                    });
                    evidence.restored = RUN.2.restored.clone();
                },
            ),
            Outcome::Invalid,
        ),
        (
            "the index is restored too early, at minute 25",
            played(
                |world| fault(world, "missing-index").until = 25.0,
                |evidence| {
                    for (words, seen) in [("sequential", "Limit, Index Scan"), ("absent", "it is there and valid")] {
                        let record = proof(evidence, words);
                        (record.holds, record.minute) = (false, 29.9);
                        record.seen = seen.to_owned();
                    }
                },
            ),
            Outcome::Invalid,
        ),
        (
            "alert thresholds are impossible: nothing ever fires",
            verdict(|evidence| evidence.alerts.clear()),
            Outcome::Fail,
        ),
        (
            "the baseline is poisoned: one in twenty of its requests fails",
            verdict(|evidence| {
                in_buckets(evidence, "baseline", (0.0, 33.0), |bucket| {
                    bucket.errors = u64::from(((bucket.from * 4.0) as u32).is_multiple_of(8));
                });
            }),
            Outcome::Fail,
        ),
        (
            "a monitor fires at rest",
            verdict(|evidence| {
                evidence.alerts.push(alert("disk-full", AlertState::Firing, 5.0, "demo"));
                evidence.alerts.push(alert("disk-full", AlertState::Resolved, 6.0, "demo"));
            }),
            Outcome::Fail,
        ),
        (
            "an expected monitor fires at rest, and again when it should",
            verdict(|evidence| {
                evidence.alerts.push(alert("slow-queries", AlertState::Firing, 5.0, "demo"));
                evidence.alerts.push(alert("slow-queries", AlertState::Resolved, 6.0, "demo"));
            }),
            Outcome::Fail,
        ),
        (
            "the load generator is behind its schedule",
            verdict(|evidence| evidence.load.schedule_lag_p99_ms = 180.0),
            Outcome::Invalid,
        ),
        ("nobody looked for the proofs", verdict(|evidence| evidence.proofs.clear()), Outcome::Invalid),
        (
            "somebody else's proofs",
            verdict(|evidence| evidence.proofs.iter_mut().for_each(|record| record.fault = "another".to_owned())),
            Outcome::Invalid,
        ),
        (
            "the index stays away",
            verdict(|evidence| {
                let index = evidence.restored.iter_mut().find(|record| record.fault == "missing-index");
                let record = index.expect("black-friday has it");
                record.restored = false;
                record.seen = "type: CREATE INDEX ...".to_owned();
            }),
            Outcome::Fail,
        ),
    ]
}

#[test]
fn each_sabotage_gets_exactly_the_verdict_it_deserves() {
    let mut all = String::new();
    for (name, verdict, outcome) in matrix() {
        assert_eq!(verdict.outcome, outcome, "{name}: {:?}", verdict.reasons);
        told(&mut all, name, &verdict);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_prediction_error_tells_a_world_that_was_not_as_it_should() {
    let as_it_should = verdict(|_| {}).prediction_error;
    let demo = as_it_should.iter().find(|error| error.stream == "demo").expect("it has arrivals");
    assert_eq!((demo.minutes, demo.points), (15, 0.0), "minutes 15 to 29, and nothing but the simulation itself");
    let restored_early = played(|world| fault(world, "missing-index").until = 25.0, |_| {}).prediction_error;
    let demo = restored_early.iter().find(|error| error.stream == "demo").expect("it has arrivals");
    assert!((24.0..28.0).contains(&demo.points), "78 points in five of fifteen minutes: {demo:?}");
}
