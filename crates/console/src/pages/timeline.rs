//! The play on one line of time: phases, faults, when alerts are expected, when they came, and now.

use detect::TransitionState;
use maud::{Markup, html};

use crate::api::StagePlay;
use crate::pages::play::phase_at;
use crate::pages::shape::{Shape, symbol};
use crate::stage::StageSnapshot;

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
            div.lane.alerts {
                @for expected in &play.expected_alerts {
                    span.expected style=(stretch(expected.from, expected.to)) title={ (expected.monitor) " is expected to fire here" } {}
                    span class={ "label " (side(expected.from, length)) } style={ "left:" (at((expected.from + expected.to) / 2.0)) ";top:" (label_top(play, expected.from)) } { (expected.monitor) }
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

/// Labels near each other would cover each other: every second one hangs lower.
fn label_top(play: &StagePlay, from: f64) -> &'static str {
    let mut starts: Vec<f64> = play.expected_alerts.iter().map(|expected| expected.from).collect();
    starts.sort_by(f64::total_cmp);
    let position = starts.iter().position(|start| *start == from).unwrap_or(0);
    if position.is_multiple_of(2) { "15px" } else { "0" }
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
