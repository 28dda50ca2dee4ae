//! The play on one line of time: phases, faults, when alerts are expected, when they came, and now.

use detect::TransitionState;
use maud::{Markup, html};

use crate::api::{PlayExpectedAlert, StagePlay};
use crate::pages::play::phase_at;
use crate::pages::shape::{Shape, symbol};
use crate::stage::StageSnapshot;

/// Height of a row of labels, in CSS pixels.
const LABEL_PX: usize = 16;
/// Height of the marks below them, in CSS pixels.
const MARK_PX: usize = 16;
/// Width of a label's character, in CSS pixels; a little more than the font's mean.
const CHARACTER_PX: f64 = 7.0;
/// Between two labels, on each side, in CSS pixels.
const GAP_PX: f64 = 4.0;
/// Width of the timeline on a narrow desktop, in CSS pixels: on a wider one labels have more room than they need.
const PAGE_PX: f64 = 1100.0;

/// The timeline; nothing without a play.
pub(crate) fn timeline(snapshot: &StageSnapshot) -> Markup {
    let Some(play) = &snapshot.play else {
        return html! { section #timeline .timeline hidden {} };
    };
    let length = play.minutes.max(1.0);
    let at = |minute: f64| format!("{:.2}%", (minute / length * 100.0).clamp(0.0, 100.0));
    let stretch =
        |from: f64, to: f64| format!("left:{};width:{:.2}%", at(from), ((to - from) / length * 100.0).max(0.0));
    let minute = snapshot.minute.unwrap_or(play.minute);
    let now_phase = phase_at(play, minute);
    html! {
        section #timeline .timeline aria-label="Timeline" {
            @let label_rows = label_rows(&play.expected_alerts, length);
            div.lane.alerts style={ "height:" (LABEL_PX * label_rows.iter().max().map_or(1, |last| last + 1) + MARK_PX) "px" } {
                @for (expected, row) in play.expected_alerts.iter().zip(&label_rows) {
                    span.expected style=(stretch(expected.from, expected.to)) title={ (expected.monitor) " is expected to fire here" } {}
                    span class={ "label " (side(expected.from, length)) } style={ "left:" (at(middle(expected))) ";bottom:" (MARK_PX + LABEL_PX * row) "px" } { (expected.monitor) }
                }
                @for (minute, key, is_on_time) in first_fired(snapshot, play) {
                    span class={ "fired" @if !is_on_time { " off" } } style={ "left:" (at(minute)) } title={ (key) " fired at " (format!("{minute:.1}")) } { (symbol(Shape::Critical)) }
                }
            }
            div.lane.phases {
                @for phase in &play.phases {
                    @let class = if Some(phase.name.as_str()) == now_phase { "now" } else if phase.to <= minute { "past" } else { "" };
                    span class=(class) style=(stretch(phase.from, phase.to)) title={ (phase.name) ": minutes " (phase.from) " to " (phase.to) } { small { (phase.from) } (phase.name) }
                }
            }
            @let rows = rows(play);
            div.lane.faults style={ "height:" (21 * rows.iter().max().map_or(0, |last| last + 1)) "px" } {
                @for (fault, row) in play.faults.iter().zip(&rows) {
                    span class=(fault.state) style={ (stretch(fault.from, fault.until)) ";top:" (21 * row) "px" } title={ (fault.id) " (" (fault.kind) "), minutes " (fault.from) " to " (fault.until) ", " (fault.state) } {
                        (fault.id) " · " (fault.state)
                    }
                }
            }
            div #marker style={ "left:" (at(minute)) } hidden[minute < 0.0] {}
        }
    }
}

/// The row of each fault: the first in which nothing that overlaps it stands yet.
fn rows(play: &StagePlay) -> Vec<usize> {
    let mut rows: Vec<usize> = Vec::new();
    for fault in &play.faults {
        let is_free = |row: &usize| {
            let placed = play.faults.iter().zip(&rows).filter(|(_, taken)| *taken == row);
            placed.into_iter().all(|(other, _)| other.until <= fault.from || fault.until <= other.from)
        };
        rows.push((0..).find(is_free).unwrap_or(0));
    }
    rows
}

/// The row of each label, counted from the marks upwards: the first in which it covers no other, on a page of usual width.
fn label_rows(expected: &[PlayExpectedAlert], length: f64) -> Vec<usize> {
    let reach = |alert: &PlayExpectedAlert| {
        let half = alert.monitor.chars().count() as f64 * CHARACTER_PX / PAGE_PX * length / 2.0;
        let half = half + GAP_PX / PAGE_PX * length;
        (middle(alert) - half, middle(alert) + half)
    };
    let mut rows: Vec<usize> = Vec::new();
    for alert in expected {
        let (from, to) = reach(alert);
        let is_free = |row: &usize| {
            let mut placed =
                expected.iter().zip(&rows).filter(|(_, taken)| *taken == row).map(|(other, _)| reach(other));
            placed.all(|(other_from, other_to)| other_to <= from || to <= other_from)
        };
        rows.push((0..).find(is_free).unwrap_or(0));
    }
    rows
}

fn middle(alert: &PlayExpectedAlert) -> f64 {
    f64::midpoint(alert.from, alert.to)
}

/// Labels at the edges stay inside.
fn side(from: f64, length: f64) -> &'static str {
    match from / length {
        share if share < 0.12 => "right",
        share if share > 0.88 => "left",
        _ => "",
    }
}

/// Every monitor that fired: the minute of the first time, and whether that was when it was expected.
fn first_fired(snapshot: &StageSnapshot, play: &StagePlay) -> Vec<(f64, String, bool)> {
    let mut first: Vec<(f64, String, bool)> = Vec::new();
    // The newest come first, so later assignments are earlier in time.
    for alert in snapshot.alerts.iter().filter(|alert| alert.state == TransitionState::Firing) {
        let Some(minute) = snapshot.minute_of(alert.at_unix_ms) else { continue };
        let expected: Vec<_> =
            play.expected_alerts.iter().filter(|expected| expected.monitor == alert.monitor).collect();
        let is_on_time =
            expected.is_empty() || expected.iter().any(|window| (window.from..=window.to).contains(&minute));
        first.retain(|(_, key, _)| *key != alert.monitor);
        first.push((minute, alert.monitor.clone(), is_on_time));
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(monitor: &str, from: f64, to: f64) -> PlayExpectedAlert {
        PlayExpectedAlert { monitor: monitor.into(), from, to }
    }

    #[test]
    fn labels_that_would_cover_each_other_hang_in_rows() {
        let alerts = [
            expected("slow-queries", 15.0, 16.5),
            expected("checkout-failures", 15.0, 17.5),
            expected("pool-exhaustion", 20.0, 21.5),
            expected("flow-checkout-collapse", 22.0, 23.0),
        ];
        assert_eq!(label_rows(&alerts, 33.0), [0, 1, 0, 1]);
        assert_eq!(label_rows(&alerts[..1], 33.0), [0]);
    }
}
