//! A scenario minute by minute, before anything has run.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{MinutePrediction, Prediction, Scenario};

/// Everything that is known about a run beforehand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The scenario's name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The seed whose arrivals were simulated.
    pub seed: u64,
    /// Scenario minutes per real minute.
    pub speed: f64,
    /// How long the run takes, in real seconds.
    pub real_seconds: f64,
    /// SHA-256 in hex over the request sequence.
    pub request_digest: String,
    /// In order.
    pub minutes: Vec<ExplainedMinute>,
}

/// One scenario minute, `[minute, minute + 1)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplainedMinute {
    /// First scenario minute.
    pub minute: f64,
    /// The phase in which it begins; `None` before the first.
    pub phase: Option<String>,
    /// What is predicted for each stream, in the order of the file.
    pub streams: Vec<MinutePrediction>,
    /// Ids of the faults that are applied at some moment of it.
    pub faults: Vec<String>,
    /// Alerts that may fire in it.
    pub alerts: Vec<ExpectedAlertNow>,
}

/// An expected alert in a minute of its window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpectedAlertNow {
    /// The monitor's key.
    pub monitor: String,
    /// Its whole window, in scenario minutes.
    pub fires: (f64, f64),
}

/// `scenario` minute by minute, with what `prediction` says of it.
pub fn explain(scenario: &Scenario, prediction: &Prediction) -> Explanation {
    let minutes = (0..scenario.minutes.ceil() as u32).map(|m| minute(scenario, prediction, f64::from(m))).collect();
    Explanation {
        scenario: scenario.name.clone(),
        title: scenario.title.clone(),
        seed: prediction.seed,
        speed: prediction.speed,
        real_seconds: scenario.minutes * 60.0 / prediction.speed,
        request_digest: prediction.request_digest.clone(),
        minutes,
    }
}

fn minute(scenario: &Scenario, prediction: &Prediction, minute: f64) -> ExplainedMinute {
    let next = minute + 1.0;
    let alerts = scenario.expect.alerts.iter().filter(|a| a.fires.0 < next && a.fires.1 >= minute);
    ExplainedMinute {
        minute,
        phase: scenario.phase_at(minute).map(|p| p.name.clone()),
        streams: prediction.minutes.iter().filter(|m| m.minute == minute).cloned().collect(),
        faults: scenario.faults.iter().filter(|f| f.from < next && f.until > minute).map(|f| f.id.clone()).collect(),
        alerts: alerts.map(|a| ExpectedAlertNow { monitor: a.monitor.clone(), fires: a.fires }).collect(),
    }
}

/// The answer, as a run's `truth.json` holds it: root cause, propagation, faults with their windows, expected alerts.
pub fn ground_truth(scenario: &Scenario) -> Value {
    let faults: Vec<Value> = scenario
        .faults
        .iter()
        .map(|f| json!({"id": f.id, "kind": f.kind, "from": f.from, "until": f.until, "args": f.args}))
        .collect();
    json!({
        "scenario": scenario.name,
        "root_cause": scenario.truth.root_cause,
        "propagation": scenario.truth.propagation,
        "faults": faults,
        "alerts": scenario.expect.alerts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::black_friday;
    use crate::{PredictOptions, predict};

    fn explained() -> Explanation {
        let scenario = black_friday();
        explain(&scenario, &predict(&scenario, 1, &PredictOptions::at_speed(10.0)))
    }

    #[test]
    fn every_minute_has_its_phase_faults_and_alerts() {
        let explanation = explained();
        assert_eq!(explanation.minutes.len(), 33);
        assert_eq!(explanation.real_seconds, 198.0);
        let table = [
            (3, "ramp", 0, vec![]),
            (15, "degradation", 2, vec!["slow-queries", "checkout-failures"]),
            (22, "critical", 2, vec!["flow-checkout-collapse"]),
            (30, "recovery", 1, vec![]), // the slow storage, which outlasts the missing index
            (31, "recovery", 0, vec![]),
        ];
        for (at, phase, faults, alerts) in table {
            let minute = &explanation.minutes[at];
            assert_eq!(minute.phase.as_deref(), Some(phase));
            assert_eq!(minute.faults.len(), faults, "minute {at}");
            let found: Vec<&str> = minute.alerts.iter().map(|a| a.monitor.as_str()).collect();
            assert_eq!(found, alerts, "minute {at}");
            assert_eq!(minute.streams.len(), 2);
        }
    }

    #[test]
    fn the_prediction_stands_in_the_minutes() {
        let minute = &explained().minutes[25];
        let demo = minute.streams.iter().find(|s| s.stream == "demo").expect("declared");
        assert_eq!(demo.service_time_ms, Some(1300.0));
        assert!((0.74..0.82).contains(&demo.error_rate), "{demo:?}");
    }

    #[test]
    fn the_truth_names_cause_spread_and_windows() {
        let truth = ground_truth(&black_friday());
        assert_eq!(truth["root_cause"]["object"], "idx_products_recommendation");
        assert_eq!(truth["propagation"].as_array().map(Vec::len), Some(3));
        let until = |id: &str| {
            let faults = truth["faults"].as_array().expect("a list");
            faults.iter().find(|f| f["id"] == id).map(|f| f["until"].clone())
        };
        assert_eq!(until("missing-index"), Some(json!(30.0)));
        assert_eq!(until("slow-storage"), Some(json!(31.0)));
        assert_eq!(truth["alerts"][0]["monitor"], "slow-queries");
    }
}
