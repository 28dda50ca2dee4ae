//! Expected alerts beside what came. Pure; the verdict says the same in words.

use console::api::Monitors;
use console::story::{AlertTiming, AlertWindow};
use scenario::{AlertEvent, AlertState, ExpectedAlert, Scenario};

/// One for each alert that `scenario` expects of a run that ended at `ended_minute`.
pub(super) fn expected(
    scenario: &Scenario,
    events: &[AlertEvent],
    detection: &Monitors,
    ended_minute: f64,
) -> Vec<AlertWindow> {
    scenario.expect.alerts.iter().map(|alert| window(alert, events, detection, ended_minute)).collect()
}

fn window(alert: &ExpectedAlert, events: &[AlertEvent], detection: &Monitors, ended_minute: f64) -> AlertWindow {
    let (from, to) = alert.fires;
    let is_mine = |event: &&AlertEvent| {
        event.monitor == alert.monitor && (alert.stream.is_none() || event.stream == alert.stream)
    };
    let mut mine: Vec<&AlertEvent> = events.iter().filter(is_mine).collect();
    mine.sort_by(|a, b| a.minute.total_cmp(&b.minute));
    let fired = mine.iter().find(|event| event.state == AlertState::Firing).map(|event| event.minute);
    let last = mine.last().filter(|event| event.state == AlertState::Resolved);
    let timing = match fired {
        None if ended_minute < to => AlertTiming::NotReached,
        None => AlertTiming::Missed,
        Some(minute) if minute < from => AlertTiming::Early,
        Some(minute) if minute > to => AlertTiming::Late,
        Some(_) => AlertTiming::OnTime,
    };
    AlertWindow {
        monitor: alert.monitor.clone(),
        stream: alert.stream.clone(),
        from,
        to,
        resolves_by: alert.resolves_by,
        fired,
        resolved: last.map(|event| event.minute),
        timing,
        is_flow: detection.flows.iter().any(|flow| flow.key == alert.monitor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_held_against_its_window() {
        use AlertState::{Firing, Resolved};
        let event = |state, minute| AlertEvent { monitor: "m".into(), state, minute, stream: Some("demo".into()) };
        let expected = |stream: Option<&str>| ExpectedAlert {
            monitor: "m".into(),
            fires: (20.0, 21.5),
            resolves_by: Some(33.0),
            stream: stream.map(str::to_owned),
        };
        let table = [
            (vec![], 33.0, None, AlertTiming::Missed),
            (vec![], 12.0, None, AlertTiming::NotReached),
            (vec![event(Firing, 19.9)], 33.0, Some("demo"), AlertTiming::Early),
            (vec![event(Firing, 20.0), event(Resolved, 31.0)], 33.0, None, AlertTiming::OnTime),
            (vec![event(Firing, 21.6)], 33.0, None, AlertTiming::Late),
            (vec![event(Firing, 20.5)], 33.0, Some("baseline"), AlertTiming::Missed),
        ];
        for (events, ended, stream, timing) in table {
            let window = window(&expected(stream), &events, &Monitors::default(), ended);
            assert_eq!(window.timing, timing, "{events:?} about {stream:?}");
            let resolved = events.last().filter(|event| event.state == Resolved).map(|event| event.minute);
            assert_eq!(window.resolved, resolved);
        }
    }
}
