//! The whole story, out of what a run was asked, predicted and measured. Pure: told again from the same files it is the same.

use std::path::Path;

use console::api::{Alert, Monitors};
use console::story::{Expectation, FORMAT, PredictionGap, Restoration, RowOutcome, RunStory};
use scenario::{Evidence, Prediction, ProofRecord, Scenario, Verdict, VerdictRow};

use crate::proofs::NEVER_LOOKED_AT;
use crate::story::{curves, facts, windows};
use crate::{RunRecord, play, snapshot};

/// Everything that a story is made of.
pub(crate) struct Account<'a> {
    pub(crate) record: &'a RunRecord,
    pub(crate) scenario: &'a Scenario,
    /// The scenario's file, as given.
    pub(crate) text: &'a str,
    /// Where the run is kept.
    pub(crate) folder: &'a Path,
    pub(crate) evidence: &'a Evidence,
    pub(crate) prediction: &'a Prediction,
    /// None where the run was cut short.
    pub(crate) verdict: Option<&'a Verdict>,
    /// As the console told them.
    pub(crate) alerts: Vec<Alert>,
    /// As they were at the end; empty where nobody asked.
    pub(crate) detection: Monitors,
}

/// Tells it.
pub(crate) fn tell(account: Account<'_>) -> RunStory {
    let Account { record, scenario, evidence, prediction, verdict, .. } = account;
    let clock = facts::clock(record);
    let buckets = evidence.load.streams.iter().flat_map(|stream| &stream.buckets);
    let last_measured = buckets.map(|bucket| bucket.to).fold(0.0, f64::max);
    let ended = facts::ended_minute(record, scenario, last_measured);
    let count = (evidence.proofs.iter().filter(|proof| proof.holds).count(), evidence.proofs.len());
    let end = snapshot::take(scenario, clock, ended, &evidence.load, prediction, &evidence.alerts, Vec::new(), count);
    let looked_at = |proof: &ProofRecord| proof.seen != NEVER_LOOKED_AT;
    let proofs: Vec<(ProofRecord, bool)> =
        evidence.proofs.iter().map(|proof| (proof.clone(), looked_at(proof))).collect();
    RunStory {
        format: FORMAT,
        facts: facts::of(record, scenario, account.text, account.folder, ended),
        play: play::of(play::Scene {
            scenario,
            run_id: &record.id,
            clock,
            minute: ended,
            status: "finished",
            prediction,
            snapshot: &end,
            proofs: &proofs,
            load: &evidence.load,
            verdict,
        }),
        expectations: verdict.iter().flat_map(|verdict| &verdict.rows).map(expectation).collect(),
        prediction_gaps: verdict.iter().flat_map(|verdict| &verdict.prediction_error).map(gap).collect(),
        alert_windows: windows::expected(scenario, &evidence.alerts, &account.detection, ended),
        alerts: account.alerts,
        detection: account.detection,
        curves: curves::measured(&evidence.load, ended, clock),
        restored: evidence.restored.iter().map(restoration).collect(),
        breakages: evidence.breakages.clone(),
        telemetry: None,
    }
}

fn expectation(row: &VerdictRow) -> Expectation {
    Expectation {
        what: row.what.clone(),
        expected: row.expected.clone(),
        predicted: row.predicted.clone(),
        measured: row.measured.clone(),
        outcome: match row.outcome {
            scenario::RowOutcome::Pass => RowOutcome::Pass,
            scenario::RowOutcome::Fail => RowOutcome::Fail,
            scenario::RowOutcome::Invalid => RowOutcome::Invalid,
        },
        note: row.note.clone(),
    }
}

fn gap(error: &scenario::PredictionError) -> PredictionGap {
    PredictionGap { stream: error.stream.clone(), minutes: error.minutes, points: error.points }
}

fn restoration(record: &scenario::RestoreRecord) -> Restoration {
    Restoration { fault: record.fault.clone(), restored: record.restored, seen: record.seen.clone() }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::run_folder::{Ended, Monitored};
    use scenario::{AlertEvent, AlertState, Bucket, LatencyHistogram, LoadReport, StreamReport};

    pub(crate) fn record() -> RunRecord {
        RunRecord {
            id: "black-friday-1".into(),
            doorbuster: "0.1.0".into(),
            scenario: "black-friday".into(),
            speed: 10.0,
            seed: 7,
            calibration: "hold".into(),
            monitors: Monitored::Shipped,
            start_unix: 1_800_000_000.0,
            started_at: "2027-01-15T08:00:00Z".into(),
            request_digest: "abc".into(),
            first_trace_seconds: Some(2.5),
            ready_seconds: 2.0,
            footprint_by_phase: indexmap::IndexMap::new(),
            calibration_looks: Vec::new(),
            checkouts: None,
            incidents: Vec::new(),
            ended: Ended::Finished,
            ended_minute: None,
        }
    }

    /// Two streams over 33 minutes: `demo` fails from minute 15 to 30, most in minute 22.
    pub(crate) fn evidence() -> Evidence {
        let bucket = |minute: u32, due: u64, errors: u64, ms| {
            let mut latency = LatencyHistogram::default();
            latency.record_n(std::time::Duration::from_millis(ms), due);
            let from = f64::from(minute);
            Bucket { from, to: from + 1.0, due, completed: due, errors, latency, ..Bucket::default() }
        };
        let demo = (1..33).map(|minute| match minute {
            22 => bucket(minute, 420, 336, 3400),
            15..30 => bucket(minute, 420, 210, 2600),
            _ => bucket(minute, 420, 0, 40),
        });
        let stream = |stream: &str, buckets| StreamReport { stream: stream.into(), buckets, ..StreamReport::default() };
        let baseline = (0..33).map(|minute| bucket(minute, 10, 0, 20)).collect();
        let alert = |state, minute| AlertEvent {
            monitor: "flow-checkout-collapse".into(),
            state,
            minute,
            stream: Some("demo".into()),
        };
        Evidence {
            load: LoadReport {
                streams: vec![stream("baseline", baseline), stream("demo", demo.collect())],
                finished: true,
                ..LoadReport::default()
            },
            alerts: vec![alert(AlertState::Firing, 22.4), alert(AlertState::Resolved, 31.0)],
            proofs: vec![
                ProofRecord {
                    fault: "missing-index".into(),
                    claim: "the index is gone".into(),
                    holds: true,
                    seen: "no such index".into(),
                    minute: 15.2,
                },
                ProofRecord {
                    fault: "slow-storage".into(),
                    claim: "requests wait".into(),
                    holds: false,
                    seen: NEVER_LOOKED_AT.into(),
                    minute: 15.0,
                },
            ],
            ..Evidence::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::story::{AlertTiming, Outcome};

    #[test]
    fn the_story_says_what_was_predicted_measured_expected_and_found() {
        let text = scenario::shipped().iter().find(|(name, _)| *name == "black-friday").expect("shipped").1;
        let scenario = scenario::parse(text, &faults::Kinds).expect("the shipped file is right");
        let (record, evidence) = (testing::record(), testing::evidence());
        let prediction = crate::judge_again::prediction(&scenario, 7, 10.0);
        let verdict = scenario::judge(&scenario, &evidence, &prediction, 10.0);
        let story = tell(Account {
            record: &record,
            scenario: &scenario,
            text,
            folder: Path::new("runs/black-friday-1"),
            evidence: &evidence,
            prediction: &prediction,
            verdict: Some(&verdict),
            alerts: Vec::new(),
            detection: Monitors::default(),
        });
        assert_eq!(story.outcome(), Outcome::Invalid, "a proof was never looked at");
        assert_eq!(story.expectations.len(), verdict.rows.len());
        assert_eq!(story.play.proofs.iter().map(|proof| proof.holds).collect::<Vec<_>>(), [Some(true), None]);
        assert!(story.play.faults.iter().all(|fault| fault.state == "undone"), "{:?}", story.play.faults);
        let worst = story.headline().worst_errors.expect("demo failed");
        assert_eq!((worst.stream.as_str(), worst.minute, worst.measured), ("demo", 22.5, 0.8));
        assert!(worst.predicted.is_some_and(|rate| (0.7..0.85).contains(&rate)), "{worst:?}");
        let flow = story.alert_windows.iter().find(|window| window.monitor == "flow-checkout-collapse");
        let flow = flow.expect("it is expected");
        assert_eq!((flow.fired, flow.resolved, flow.timing), (Some(22.4), Some(31.0), AlertTiming::OnTime));
        assert_eq!(story.unix_ms_at(33.0), 1_800_000_198_000);
    }
}
