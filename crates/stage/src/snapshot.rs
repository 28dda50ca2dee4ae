//! How a run stands at one moment, out of what was measured and predicted. Pure.

use std::time::Duration;

use scenario::{AlertEvent, AlertState, Clock, LoadReport, Prediction, Scenario, Stream};

use crate::window::{self, Window};
use crate::{Snapshot, StreamSnapshot};

/// Windows of the live numbers are a scenario minute long, but never shorter than this in real time.
const SHORTEST_WINDOW_SECONDS: f64 = 5.0;
/// Arrivals that take longer than this are not waited for by the live numbers.
const LONGEST_ANSWER_SECONDS: f64 = 8.0;
/// Buckets of the load generator: windows end on their borders.
const BUCKET_MINUTES: f64 = 0.25;

/// The snapshot at `minute`.
#[expect(clippy::too_many_arguments, reason = "a snapshot shows all of them, and is taken in one place")]
pub(crate) fn take(
    scenario: &Scenario,
    clock: Clock,
    minute: f64,
    load: &LoadReport,
    prediction: &Prediction,
    alerts: &[AlertEvent],
    faults: Vec<String>,
    proofs: (usize, usize),
) -> Snapshot {
    let left = clock.real_seconds((scenario.minutes - minute).max(0.0));
    Snapshot {
        minute,
        minutes: scenario.minutes,
        phase: scenario.phase_at(minute).map(|p| p.name.clone()).unwrap_or_default(),
        left: Duration::from_secs_f64(left),
        streams: scenario.streams.iter().map(|s| stream(s, clock, minute, load, prediction)).collect(),
        firing: firing(alerts),
        faults,
        proofs,
    }
}

/// Monitors whose last change was to fire, in the order in which they first did.
pub(crate) fn firing(alerts: &[AlertEvent]) -> Vec<String> {
    let mut keys: Vec<(&str, Option<&str>)> = Vec::new();
    for alert in alerts {
        let key = (alert.monitor.as_str(), alert.stream.as_deref());
        keys.retain(|k| *k != key);
        if alert.state == AlertState::Firing {
            keys.push(key);
        }
    }
    let mut names: Vec<String> = keys.into_iter().map(|(monitor, _)| monitor.to_owned()).collect();
    names.dedup();
    names
}

fn stream(stream: &Stream, clock: Clock, minute: f64, load: &LoadReport, prediction: &Prediction) -> StreamSnapshot {
    let predicted = prediction.minute(&stream.name, minute);
    let mut snapshot = StreamSnapshot {
        name: stream.name.clone(),
        predicted_error_rate: predicted.map(|p| p.error_rate),
        predicted_p95_ms: predicted.and_then(|p| p.p95_ms),
        ..StreamSnapshot::default()
    };
    if let Some(report) = window::stream(load, &stream.name) {
        let length = clock.minutes_in(SHORTEST_WINDOW_SECONDS).max(1.0);
        // The newest bucket is still filling up, and those before it may wait for answers: failures answer sooner than
        // successes, so a window that is not settled would show too many of them.
        let newest = (minute / BUCKET_MINUTES).floor() * BUCKET_MINUTES;
        let oldest = newest - clock.minutes_in(LONGEST_ANSWER_SECONDS);
        let to = window::settled_until(report, oldest, newest);
        let window = Window::of(report, (to - length).max(0.0), to, clock.real_seconds(1.0));
        snapshot.rpm = window.per_minute();
        snapshot.error_rate = window.error_rate();
        snapshot.p50_ms = window.quantile_ms(0.5);
        snapshot.p95_ms = window.quantile_ms(0.95);
    }
    snapshot
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(monitor: &str, state: AlertState) -> AlertEvent {
        AlertEvent { monitor: monitor.into(), state, minute: 0.0, stream: Some("demo".into()) }
    }

    #[test]
    fn a_monitor_fires_from_its_last_firing_to_its_resolution() {
        use AlertState::{Firing, Resolved};
        let events = [alert("a", Firing), alert("b", Firing), alert("a", Resolved), alert("c", Firing)];
        assert_eq!(firing(&events), ["b", "c"]);
    }
}
