//! How verdicts are written down.

use super::{AlertState, Check, Evidence, Outcome, RowOutcome, SPEED, alert, fires_at, judge, prediction, verdict};
use crate::testing::{black_friday, evidence_as_predicted, shipped_scenario};
use crate::{Band, PredictOptions, predict};

#[test]
fn a_run_as_predicted_passes_and_says_nothing_against_it() {
    let verdict = verdict(|_| {});
    assert_eq!(verdict.reasons, Vec::<String>::new());
    assert_eq!(verdict.outcome, Outcome::Pass);
    assert!(verdict.rows.iter().all(|row| row.outcome == RowOutcome::Pass));
}

#[test]
fn no_evidence_at_all_is_invalid() {
    let scenario = black_friday();
    let verdict = judge(&scenario, &Evidence::default(), &prediction(&scenario), SPEED);
    assert_eq!(verdict.outcome, Outcome::Invalid);
    assert_eq!(verdict.prediction_error, []);
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
fn a_band_around_the_prediction_moves_with_it() {
    let mut scenario = black_friday();
    scenario.expect.checkpoints[4].error_rate = Some(Band::AroundPrediction(0.04));
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
fn a_checkpoint_on_a_journey_asks_for_that_journey_alone() {
    let scenario = shipped_scenario("cart-outage");
    let prediction = prediction(&scenario);
    let mut evidence = evidence_as_predicted(&scenario, &prediction);
    let rates = |evidence: &Evidence| -> Vec<(String, Option<f64>)> {
        let rows = judge(&scenario, evidence, &prediction, SPEED).rows;
        let mine = rows.into_iter().filter(|row| row.figures.journey.is_some());
        mine.filter(|row| row.figures.check == Check::ErrorRate).map(|row| (row.what, row.figures.measured)).collect()
    };
    let expected = [("browse_only", 0.0), ("browse_and_cart", 1.0), ("full_checkout", 1.0)];
    let expected = expected.map(|(journey, rate)| (format!("demo {journey} at 3.5: error rate"), Some(rate)));
    assert_eq!(rates(&evidence), expected);
    evidence.load.streams.iter_mut().for_each(|stream| stream.journeys.clear());
    let verdict = judge(&scenario, &evidence, &prediction, SPEED);
    assert_eq!(verdict.outcome, Outcome::Invalid, "an engine that does not tell journeys apart proves nothing");
}

#[test]
fn a_request_error_rate_counts_retries_and_needs_an_engine_that_does() {
    let scenario = shipped_scenario("retry-storm");
    let prediction = prediction(&scenario);
    let mut evidence = evidence_as_predicted(&scenario, &prediction);
    let storm = |evidence: &Evidence| {
        let rows = judge(&scenario, evidence, &prediction, SPEED).rows;
        let row =
            rows.into_iter().rfind(|row| row.figures.check == Check::RequestErrorRate && row.what.contains("at 9:"));
        row.expect("checked")
    };
    let row = storm(&evidence);
    assert_eq!(row.outcome, RowOutcome::Pass, "{row:?}");
    assert_eq!(row.figures.predicted, row.figures.measured);
    for bucket in evidence.load.streams.iter_mut().flat_map(|stream| &mut stream.buckets) {
        (bucket.requests, bucket.request_errors) = (0, 0);
    }
    let row = storm(&evidence);
    assert_eq!((row.outcome, row.note.as_str()), (RowOutcome::Invalid, "the load report does not count it"));
}

#[test]
fn junit_tells_failures_from_errors() {
    let verdict = verdict(|e| {
        fires_at(e, "flow-checkout-collapse", 23.4);
        e.load.dropped = 3;
        e.alerts.push(alert("disk-full", AlertState::Firing, 25.0, "demo"));
    });
    insta::assert_snapshot!(verdict.to_junit_xml());
}

#[test]
fn the_verdict_as_json_keeps_its_shape() {
    let mut verdict = verdict(|e| fires_at(e, "flow-checkout-collapse", 23.4));
    verdict.rows.retain(|row| row.outcome == RowOutcome::Fail || row.what.starts_with("demo at 22"));
    insta::assert_snapshot!(serde_json::to_string_pretty(&verdict).expect("serializable"));
}
