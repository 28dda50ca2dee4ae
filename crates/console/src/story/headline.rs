//! The figures that one looks for first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::story::{AlertTiming, AlertWindow, MeasuredCurve, RunStory};

/// What a run came to, in a few figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Headline {
    /// The minute with the greatest share of failed arrivals; `None` where nothing failed.
    pub worst_errors: Option<WorstErrors>,
    /// Greatest p95 of the stream that fared worst, in milliseconds.
    pub worst_p95_ms: Option<f64>,
    /// The alert that the whole is about: the flow, else the last that was expected.
    pub key_alert: Option<AlertWindow>,
    /// Expected alerts, and those of them that came on time.
    pub alerts_expected: usize,
    /// Those that came inside their windows.
    pub alerts_on_time: usize,
    /// What failed checkouts would have paid, in US dollars.
    pub lost_revenue_usd: Option<f64>,
    /// Checkouts that failed.
    pub failed_checkouts: Option<u64>,
}

/// The worst minute of a stream.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WorstErrors {
    /// The stream: its `traffic.type`.
    pub stream: String,
    /// The scenario minute's middle.
    pub minute: f64,
    /// Share of failed arrivals in that minute, 0 to 1.
    pub measured: f64,
    /// What the prediction says of that minute; `None` where it says nothing.
    pub predicted: Option<f64>,
}

/// Two points of time that are the same minute.
const SAME_MINUTE: f64 = 1e-6;

impl RunStory {
    /// The figures that one looks for first.
    pub fn headline(&self) -> Headline {
        let worst_errors = self.worst_errors();
        let stream = self.worst_stream();
        let worst_p95 = |stream: &str| {
            let curve = self.curves.iter().find(|curve| curve.stream == stream)?;
            curve.p95_ms.iter().flatten().copied().max_by(f64::total_cmp)
        };
        Headline {
            worst_p95_ms: stream.as_deref().and_then(worst_p95),
            worst_errors,
            key_alert: self.key_alert().cloned(),
            alerts_expected: self.alert_windows.len(),
            alerts_on_time: self.alert_windows.iter().filter(|one| one.timing == AlertTiming::OnTime).count(),
            lost_revenue_usd: self.facts.cost.as_ref().map(|cost| cost.lost_revenue_usd),
            failed_checkouts: self.facts.cost.as_ref().map(|cost| cost.failed_checkouts),
        }
    }

    /// The stream that fared worst: by failed arrivals, else by latency; `None` without measurements.
    pub fn worst_stream(&self) -> Option<String> {
        if let Some(worst) = self.worst_errors() {
            return Some(worst.stream);
        }
        let slowest = |curve: &MeasuredCurve| curve.p95_ms.iter().flatten().copied().fold(0.0, f64::max);
        self.curves.iter().max_by(|a, b| slowest(a).total_cmp(&slowest(b))).map(|curve| curve.stream.clone())
    }

    fn worst_errors(&self) -> Option<WorstErrors> {
        let points = self.curves.iter().flat_map(|curve| {
            let points = curve.minutes.iter().zip(&curve.error_rate);
            points.filter_map(|(minute, rate)| Some((curve.stream.as_str(), *minute, (*rate)?)))
        });
        let (stream, minute, measured) =
            points.filter(|(_, _, rate)| *rate > 0.0).max_by(|a, b| a.2.total_cmp(&b.2))?;
        let predicted = self.play.predicted.iter();
        let predicted = predicted
            .filter(|point| point.stream == stream)
            .find(|point| (point.minute - minute).abs() < SAME_MINUTE)
            .map(|point| point.error_rate);
        Some(WorstErrors { stream: stream.to_owned(), minute, measured, predicted })
    }

    fn key_alert(&self) -> Option<&AlertWindow> {
        let windows = &self.alert_windows;
        windows.iter().find(|window| window.is_flow).or_else(|| windows.iter().max_by(|a, b| a.to.total_cmp(&b.to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::PlayPrediction;

    fn curve(stream: &str, errors: &[Option<f64>], p95_ms: &[Option<f64>]) -> MeasuredCurve {
        MeasuredCurve {
            stream: stream.into(),
            minutes: (0..errors.len()).map(|minute| minute as f64 + 0.5).collect(),
            error_rate: errors.to_vec(),
            p95_ms: p95_ms.to_vec(),
            ..MeasuredCurve::default()
        }
    }

    fn window(monitor: &str, to: f64, is_flow: bool, timing: AlertTiming) -> AlertWindow {
        AlertWindow {
            monitor: monitor.into(),
            stream: None,
            from: 1.0,
            to,
            resolves_by: None,
            fired: None,
            resolved: None,
            timing,
            is_flow,
        }
    }

    #[test]
    fn the_worst_minute_stands_beside_what_was_predicted_of_it() {
        let predicted = |stream: &str, minute, error_rate| PlayPrediction {
            stream: stream.into(),
            minute,
            error_rate,
            ..PlayPrediction::default()
        };
        let mut story = RunStory {
            curves: vec![
                curve("baseline", &[Some(0.0), Some(0.01), None], &[Some(20.0); 3]),
                curve("demo", &[Some(0.0), Some(0.5), Some(0.8)], &[Some(40.0), Some(3000.0), Some(2900.0)]),
            ],
            ..RunStory::default()
        };
        story.play.predicted = vec![predicted("baseline", 2.5, 0.0), predicted("demo", 2.5, 0.78)];
        let headline = story.headline();
        let expected = WorstErrors { stream: "demo".into(), minute: 2.5, measured: 0.8, predicted: Some(0.78) };
        assert_eq!((headline.worst_errors, headline.worst_p95_ms), (Some(expected), Some(3000.0)));
    }

    #[test]
    fn where_nothing_failed_the_slowest_stream_is_the_one_to_look_at() {
        let story = RunStory {
            curves: vec![curve("baseline", &[Some(0.0)], &[Some(20.0)]), curve("demo", &[Some(0.0)], &[Some(900.0)])],
            ..RunStory::default()
        };
        assert_eq!((story.worst_errors(), story.worst_stream()), (None, Some("demo".to_owned())));
        assert_eq!(RunStory::default().headline(), Headline::default());
    }

    #[test]
    fn the_flow_is_the_alert_that_the_whole_is_about() {
        let windows = vec![
            window("slow", 9.0, false, AlertTiming::OnTime),
            window("flow", 8.0, true, AlertTiming::Late),
            window("pool", 7.0, false, AlertTiming::OnTime),
        ];
        let story = RunStory { alert_windows: windows, ..RunStory::default() };
        let headline = story.headline();
        assert_eq!(headline.key_alert.expect("there is one").monitor, "flow");
        assert_eq!((headline.alerts_on_time, headline.alerts_expected), (2, 3));
        let without = RunStory { alert_windows: story.alert_windows[..1].to_vec(), ..RunStory::default() };
        assert_eq!(without.headline().key_alert.expect("there is one").monitor, "slow");
    }
}
