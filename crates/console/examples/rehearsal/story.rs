//! The play: what the conductor of a real run would tell the Stage.

use console::api::{
    PlayExpectedAlert, PlayFault, PlayMeasurement, PlayPhase, PlayPrediction, PlayProof, PlayVerdict, StagePlay,
};

use crate::course::{Course, MINUTES, demo_at};

/// The play as it stands at a minute.
pub(crate) fn story(course: &Course, minute: f64) -> StagePlay {
    let phase = |name: &str, from: f64, to: f64| PlayPhase { name: name.into(), from, to };
    let state = |from: f64, until: f64| {
        if minute < from {
            "planned"
        } else if minute < until {
            "applied"
        } else {
            "undone"
        }
    };
    let fault = |id: &str, kind: &str| PlayFault {
        id: id.into(),
        kind: kind.into(),
        from: 15.0,
        until: 30.0,
        state: state(15.0, 30.0).into(),
    };
    let expected = |monitor: &str, from, to| PlayExpectedAlert { monitor: monitor.into(), from, to };
    let predicted = (0..=33).flat_map(|minute| {
        let minute = f64::from(minute);
        let (arrivals_per_minute, error_rate, p95_ms) = demo_at(minute);
        let baseline = PlayPrediction {
            stream: "baseline".into(),
            minute,
            arrivals_per_minute: 100.0,
            error_rate: 0.0,
            p95_ms: 25.0,
        };
        [
            PlayPrediction { stream: "demo".into(), minute, arrivals_per_minute, error_rate, p95_ms: p95_ms * 1.04 },
            baseline,
        ]
    });
    let holds = (minute > 15.5).then_some(true);
    let proof = |fault: &str, claim: &str, seen: &str| PlayProof {
        fault: fault.into(),
        claim: claim.into(),
        holds,
        seen: if holds.is_some() { seen.into() } else { String::new() },
    };
    let (rpm, error_rate, p95_ms) = demo_at(minute);
    let load = |stream: &str, requests, error_rate, p95_ms, rpm| PlayMeasurement {
        stream: stream.into(),
        requests,
        errors: (requests as f64 * error_rate) as u64,
        error_rate,
        p50_ms: p95_ms / 2.0,
        p95_ms,
        rpm,
    };
    let is_over = minute >= MINUTES;
    StagePlay {
        entrance: String::new(),
        title: "A migration drops an index on Black Friday".into(),
        run_id: "2026-11-27-black-friday-1".into(),
        scenario: "black-friday".into(),
        minutes: MINUTES,
        speed: course.speed,
        start_unix: course.start,
        minute: minute.min(MINUTES),
        status: if is_over { "finished" } else { "running" }.into(),
        phases: vec![
            phase("ramp", 0.0, 10.0),
            phase("peak", 10.0, 15.0),
            phase("degradation", 15.0, 20.0),
            phase("critical", 20.0, 30.0),
            phase("recovery", 30.0, 33.0),
        ],
        faults: vec![fault("missing-index", "drop_index"), fault("slow-storage", "storage_wait")],
        predicted: predicted.collect(),
        expected_alerts: vec![
            expected("slow-queries", 15.0, 16.5),
            expected("pool-exhaustion", 20.0, 21.5),
            expected("flow-checkout-collapse", 22.0, 23.0),
        ],
        proofs: vec![
            proof(
                "missing-index",
                "idx_products_recommendation is gone",
                "the catalogue has no valid index of that name",
            ),
            proof("missing-index", "the recommendation query scans", "Seq Scan on products_electronics (rows 62500)"),
            proof("slow-storage", "requests wait for a connection", "51 waiters on the pool recommendations"),
        ],
        verdict: is_over.then(|| PlayVerdict { outcome: "pass".into(), reasons: Vec::new() }),
        measured_by_load: vec![load("baseline", 3300, 0.0, 24.0, 100.0), load("demo", 74_200, error_rate, p95_ms, rpm)],
    }
}
