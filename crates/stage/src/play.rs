//! The play for the console's Stage page, and the console's alerts in scenario minutes. Pure.

use console::api::{
    Alert, PlayExpectedAlert, PlayFault, PlayMeasurement, PlayPhase, PlayPrediction, PlayProof, PlayVerdict, StagePlay,
    TransitionState,
};
use scenario::{AlertEvent, AlertState, Clock, LoadReport, Outcome, Prediction, ProofRecord, Scenario, Verdict};

use crate::Snapshot;
use crate::window;

/// What the page is drawn from.
pub(crate) struct Scene<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) run_id: &'a str,
    pub(crate) clock: Clock,
    pub(crate) minute: f64,
    /// `running`, `restoring` or `finished`.
    pub(crate) status: &'a str,
    pub(crate) prediction: &'a Prediction,
    pub(crate) snapshot: &'a Snapshot,
    /// Each proof, and whether it was looked at.
    pub(crate) proofs: &'a [(ProofRecord, bool)],
    pub(crate) load: &'a LoadReport,
    pub(crate) verdict: Option<&'a Verdict>,
}

/// The whole document; the console replaces the last one by it.
pub(crate) fn of(scene: Scene<'_>) -> StagePlay {
    let scenario = scene.scenario;
    StagePlay {
        title: scenario.title.clone(),
        run_id: scene.run_id.to_owned(),
        scenario: scenario.name.clone(),
        minutes: scenario.minutes,
        speed: scene.clock.speed,
        entrance: entrance(scenario).to_owned(),
        start_unix: scene.clock.start_unix,
        minute: scene.minute,
        status: if scene.minute < 0.0 { "starting" } else { scene.status }.to_owned(),
        phases: phases(scenario),
        faults: scenario.faults.iter().map(|f| fault(f, &scene)).collect(),
        predicted: predicted(scene.prediction),
        expected_alerts: expected_alerts(scenario),
        proofs: scene.proofs.iter().map(proof).collect(),
        verdict: scene.verdict.map(verdict),
        measured_by_load: scene.snapshot.streams.iter().map(|s| measurement(s, &scene)).collect(),
    }
}

/// An alert of the console as evidence: when it came, on the scenario's clock.
pub(crate) fn alert_event(alert: &Alert, clock: Clock) -> AlertEvent {
    AlertEvent {
        monitor: alert.monitor.clone(),
        state: match alert.state {
            TransitionState::Firing => AlertState::Firing,
            TransitionState::Resolved => AlertState::Resolved,
        },
        minute: clock.minute_at(alert.at_unix_ms as f64 / 1000.0),
        stream: alert.traffic_type.clone(),
    }
}

/// Where most of what customers see can be seen: the world's front, unless all journeys pass it by.
fn entrance(scenario: &Scenario) -> &'static str {
    let mut journeys = scenario.streams.iter().flat_map(|s| s.journeys.keys()).map(|j| scenario.world.entrance(j));
    let front = scenario.world.front();
    let first = journeys.next().unwrap_or(front);
    if journeys.all(|entrance| entrance == first) { first } else { front }
}

fn phases(scenario: &Scenario) -> Vec<PlayPhase> {
    let ends = scenario.phases.iter().skip(1).map(|p| p.from).chain([scenario.minutes]);
    scenario.phases.iter().zip(ends).map(|(p, to)| PlayPhase { name: p.name.clone(), from: p.from, to }).collect()
}

fn fault(fault: &scenario::Fault, scene: &Scene<'_>) -> PlayFault {
    let state = match scene.snapshot.faults.contains(&fault.id) {
        true => "applied",
        false if scene.minute < fault.from => "planned",
        false => "undone",
    };
    PlayFault {
        id: fault.id.clone(),
        kind: fault.kind.clone(),
        from: fault.from,
        until: fault.until,
        state: state.to_owned(),
    }
}

fn predicted(prediction: &Prediction) -> Vec<PlayPrediction> {
    let minutes = prediction.minutes.iter();
    minutes
        .map(|m| PlayPrediction {
            stream: m.stream.clone(),
            // A minute's prediction is its mean: it belongs to the middle of it.
            minute: m.minute + 0.5,
            arrivals_per_minute: m.arrivals_per_minute,
            error_rate: m.error_rate,
            p95_ms: m.p95_ms.unwrap_or_default(),
        })
        .collect()
}

fn expected_alerts(scenario: &Scenario) -> Vec<PlayExpectedAlert> {
    let alerts = scenario.expect.alerts.iter();
    alerts.map(|a| PlayExpectedAlert { monitor: a.monitor.clone(), from: a.fires.0, to: a.fires.1 }).collect()
}

fn proof((record, looked_at): &(ProofRecord, bool)) -> PlayProof {
    PlayProof {
        fault: record.fault.clone(),
        claim: record.claim.clone(),
        holds: looked_at.then_some(record.holds),
        seen: if *looked_at { record.seen.clone() } else { String::new() },
    }
}

fn verdict(verdict: &Verdict) -> PlayVerdict {
    let outcome = match verdict.outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Invalid => "invalid",
    };
    PlayVerdict { outcome: outcome.to_owned(), reasons: verdict.reasons.clone() }
}

fn measurement(stream: &crate::StreamSnapshot, scene: &Scene<'_>) -> PlayMeasurement {
    let buckets = window::stream(scene.load, &stream.name).map(|s| s.buckets.as_slice()).unwrap_or_default();
    PlayMeasurement {
        stream: stream.name.clone(),
        requests: buckets.iter().map(|b| b.completed).sum(),
        errors: buckets.iter().map(|b| b.errors).sum(),
        error_rate: stream.error_rate.unwrap_or_default(),
        p50_ms: stream.p50_ms.unwrap_or_default(),
        p95_ms: stream.p95_ms.unwrap_or_default(),
        rpm: stream.rpm,
    }
}
