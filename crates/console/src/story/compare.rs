//! Two runs beside each other: what was asked differently, and what came out differently.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::story::{AlertWindow, Expectation, MeasuredCurve, Outcome, RunStory};

/// Two runs beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunComparison {
    /// The first run's identifier.
    pub a: String,
    /// The second run's identifier.
    pub b: String,
    /// What came of the first.
    pub outcome_a: Outcome,
    /// What came of the second.
    pub outcome_b: Outcome,
    /// Whether both played the same scenario; minutes of different ones say nothing about each other.
    pub is_same_scenario: bool,
    /// What was asked differently; empty where nothing was.
    pub settings: Vec<ComparedSetting>,
    /// Figures of both.
    pub figures: Vec<ComparedFigure>,
    /// When each alert came.
    pub alerts: Vec<ComparedAlert>,
    /// Expectations of both whose outcome, or measurement, differs.
    pub expectations: Vec<ComparedExpectation>,
    /// Curves of the streams that either has.
    pub curves: Vec<ComparedCurve>,
}

/// Something that was asked differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedSetting {
    /// What.
    pub name: String,
    /// In the first.
    pub a: String,
    /// In the second.
    pub b: String,
}

/// A figure of both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedFigure {
    /// What.
    pub name: String,
    /// `share` (0 to 1), `ms`, `s`, `min` (scenario minutes), `usd`, `mib`, `count`, `points` (percentage points).
    pub unit: String,
    /// In the first.
    pub a: Option<f64>,
    /// In the second.
    pub b: Option<f64>,
    /// Second less first; `None` where either is missing.
    pub difference: Option<f64>,
}

/// When an alert came in both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedAlert {
    /// The key of the monitor or flow.
    pub monitor: String,
    /// The `traffic.type` that it is about, if about one.
    pub stream: Option<String>,
    /// In the first run; `None` where it was not expected there.
    pub a: Option<AlertWindow>,
    /// In the second run.
    pub b: Option<AlertWindow>,
    /// How much later it fired in the second, in scenario minutes; `None` where it did not fire in both.
    pub later_minutes: Option<f64>,
}

/// An expectation of both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedExpectation {
    /// What it is about.
    pub what: String,
    /// In the first run; `None` where nobody expected it.
    pub a: Option<Expectation>,
    /// In the second run.
    pub b: Option<Expectation>,
}

/// One stream's curves in both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedCurve {
    /// The stream: its `traffic.type`.
    pub stream: String,
    /// In the first run; empty where it had none.
    pub a: MeasuredCurve,
    /// In the second run.
    pub b: MeasuredCurve,
}

/// Puts two runs beside each other.
pub fn compare(a: &RunStory, b: &RunStory) -> RunComparison {
    RunComparison {
        a: a.facts.id.clone(),
        b: b.facts.id.clone(),
        outcome_a: a.outcome(),
        outcome_b: b.outcome(),
        is_same_scenario: a.facts.scenario == b.facts.scenario,
        settings: settings(a, b),
        figures: figures(a, b),
        alerts: alerts(a, b),
        expectations: expectations(a, b),
        curves: curves(a, b),
    }
}

fn settings(a: &RunStory, b: &RunStory) -> Vec<ComparedSetting> {
    let of = |story: &RunStory| {
        let facts = &story.facts;
        [
            ("scenario", facts.scenario.clone()),
            ("length", format!("{} min", story.play.minutes)),
            ("speed", facts.speed.to_string()),
            ("seed", facts.seed.to_string()),
            ("calibration", facts.calibration.clone()),
            ("monitors", facts.monitors.clone()),
            ("request sequence", facts.request_digest.chars().take(12).collect()),
            ("Doorbuster", facts.doorbuster.clone()),
        ]
    };
    of(a)
        .into_iter()
        .zip(of(b))
        .filter(|((_, a), (_, b))| a != b)
        .map(|((name, a), (_, b))| ComparedSetting { name: name.to_owned(), a, b })
        .collect()
}

fn figures(a: &RunStory, b: &RunStory) -> Vec<ComparedFigure> {
    let of = |story: &RunStory| {
        let headline = story.headline();
        let worst = headline.worst_errors.as_ref();
        let heaviest = story.facts.footprint.iter().map(|phase| phase.total_mib).max_by(f64::total_cmp);
        let stream = story.worst_stream();
        let curve = story.curves.iter().find(|curve| Some(&curve.stream) == stream.as_ref());
        let failed = curve.filter(|curve| curve.requests > 0).map(|c| c.errors as f64 / c.requests as f64);
        let gap = story.prediction_gaps.iter().find(|gap| Some(&gap.stream) == stream.as_ref());
        [
            ("worst minute: failed", "share", worst.map(|worst| worst.measured)),
            ("worst minute: predicted", "share", worst.and_then(|worst| worst.predicted)),
            ("worst minute: when", "min", worst.map(|worst| worst.minute)),
            ("prediction off by, on average", "points", gap.map(|gap| gap.points)),
            ("greatest p95", "ms", headline.worst_p95_ms),
            ("failed over the whole run", "share", failed),
            ("arrivals", "count", curve.map(|curve| curve.requests as f64)),
            ("failed checkouts", "count", headline.failed_checkouts.map(|count| count as f64)),
            ("lost revenue", "usd", headline.lost_revenue_usd),
            ("alerts on time", "count", Some(headline.alerts_on_time as f64)),
            ("first trace after", "s", story.facts.first_trace_seconds),
            ("memory at most", "mib", heaviest),
        ]
    };
    of(a)
        .into_iter()
        .zip(of(b))
        .map(|((name, unit, a), (_, _, b))| ComparedFigure {
            name: name.to_owned(),
            unit: unit.to_owned(),
            a,
            b,
            difference: a.zip(b).map(|(a, b)| b - a),
        })
        .filter(|figure| figure.a.is_some() || figure.b.is_some())
        .collect()
}

/// What stands in both lists once: in the order of the first, then what only the second has.
fn keys<T, K: PartialEq>(a: &[T], b: &[T], key: impl Fn(&T) -> K) -> Vec<K> {
    let mut keys: Vec<K> = Vec::new();
    for item in a.iter().chain(b) {
        let key = key(item);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn alerts(a: &RunStory, b: &RunStory) -> Vec<ComparedAlert> {
    let key = |window: &AlertWindow| (window.monitor.clone(), window.stream.clone());
    let find = |story: &RunStory, wanted: &(String, Option<String>)| {
        story.alert_windows.iter().find(|window| key(window) == *wanted).cloned()
    };
    keys(&a.alert_windows, &b.alert_windows, key)
        .into_iter()
        .map(|wanted| {
            let (a, b) = (find(a, &wanted), find(b, &wanted));
            let fired = |window: &Option<AlertWindow>| window.as_ref().and_then(|window| window.fired);
            let later_minutes = fired(&a).zip(fired(&b)).map(|(a, b)| b - a);
            ComparedAlert { monitor: wanted.0, stream: wanted.1, a, b, later_minutes }
        })
        .collect()
}

fn expectations(a: &RunStory, b: &RunStory) -> Vec<ComparedExpectation> {
    let find = |story: &RunStory, what: &str| story.expectations.iter().find(|row| row.what == what).cloned();
    keys(&a.expectations, &b.expectations, |row| row.what.clone())
        .into_iter()
        .map(|what| ComparedExpectation { a: find(a, &what), b: find(b, &what), what })
        .filter(|row| {
            let differ = |a: &Expectation, b: &Expectation| a.outcome != b.outcome || a.measured != b.measured;
            row.a.as_ref().zip(row.b.as_ref()).is_none_or(|(a, b)| differ(a, b))
        })
        .collect()
}

fn curves(a: &RunStory, b: &RunStory) -> Vec<ComparedCurve> {
    let find = |story: &RunStory, stream: &str| {
        story.curves.iter().find(|curve| curve.stream == stream).cloned().unwrap_or_default()
    };
    keys(&a.curves, &b.curves, |curve| curve.stream.clone())
        .into_iter()
        .map(|stream| ComparedCurve { a: find(a, &stream), b: find(b, &stream), stream })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::{AlertTiming, Cost, RowOutcome};

    fn window(monitor: &str, fired: Option<f64>) -> AlertWindow {
        AlertWindow {
            monitor: monitor.into(),
            stream: Some("demo".into()),
            from: 20.0,
            to: 21.5,
            resolves_by: None,
            fired,
            resolved: None,
            timing: if fired.is_some() { AlertTiming::OnTime } else { AlertTiming::Missed },
            is_flow: false,
        }
    }

    fn row(what: &str, measured: &str, outcome: RowOutcome) -> Expectation {
        Expectation {
            what: what.into(),
            expected: String::new(),
            predicted: String::new(),
            measured: measured.into(),
            outcome,
            note: String::new(),
        }
    }

    fn story(seed: u64) -> RunStory {
        let mut story = RunStory::default();
        story.facts.scenario = "black-friday".into();
        story.facts.speed = 10.0;
        story.facts.seed = seed;
        story
    }

    #[test]
    fn what_was_asked_differently_is_said_and_nothing_else() {
        let comparison = compare(&story(1), &story(7));
        assert_eq!(comparison.settings, [ComparedSetting { name: "seed".into(), a: "1".into(), b: "7".into() }]);
        assert!(comparison.is_same_scenario && compare(&story(1), &story(1)).settings.is_empty());
    }

    #[test]
    fn alerts_stand_side_by_side_with_their_difference() {
        let (mut a, mut b) = (story(1), story(1));
        a.alert_windows = vec![window("pool", Some(20.5)), window("flow", Some(22.25)), window("only-a", Some(9.0))];
        b.alert_windows = vec![window("flow", Some(23.0)), window("pool", None), window("only-b", None)];
        let alerts = compare(&a, &b).alerts;
        let seen: Vec<_> = alerts
            .iter()
            .map(|one| (one.monitor.as_str(), one.a.is_some(), one.b.is_some(), one.later_minutes))
            .collect();
        assert_eq!(
            seen,
            [
                ("pool", true, true, None),
                ("flow", true, true, Some(0.75)),
                ("only-a", true, false, None),
                ("only-b", false, true, None)
            ]
        );
    }

    #[test]
    fn figures_have_a_difference_where_both_have_a_figure() {
        let (mut a, mut b) = (story(1), story(1));
        let cost = |usd| Cost { failed_checkouts: 3, lost_revenue_usd: usd, by_stream_usd: Vec::new() };
        (a.facts.cost, b.facts.cost) = (Some(cost(100.0)), Some(cost(40.0)));
        a.facts.first_trace_seconds = Some(2.0);
        let comparison = compare(&a, &b);
        let figure = |name: &str| comparison.figures.iter().find(|figure| figure.name == name).expect("it is there");
        assert_eq!(figure("lost revenue").difference, Some(-60.0));
        assert_eq!((figure("first trace after").a, figure("first trace after").difference), (Some(2.0), None));
        assert!(!comparison.figures.iter().any(|figure| figure.name == "greatest p95"), "neither has one");
    }

    #[test]
    fn expectations_that_came_out_alike_are_left_out() {
        let (mut a, mut b) = (story(1), story(1));
        a.expectations = vec![row("same", "1 %", RowOutcome::Pass), row("rate", "78 %", RowOutcome::Pass)];
        b.expectations = vec![row("same", "1 %", RowOutcome::Pass), row("rate", "60 %", RowOutcome::Fail)];
        let differ = compare(&a, &b).expectations;
        assert_eq!(differ.iter().map(|row| row.what.as_str()).collect::<Vec<_>>(), ["rate"]);
    }
}
