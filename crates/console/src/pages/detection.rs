//! What detection thinks: the flow's stages lighting up, and every monitor.

use detect::{AlertPhase, FlowStatus, MonitorStatus};
use maud::{Markup, html};

use crate::pages::format::stretch;
use crate::pages::shape::{Shape, state};
use crate::stage::StageSnapshot;

/// Flows and monitors.
pub(crate) fn panel(snapshot: &StageSnapshot) -> Markup {
    let detection = &snapshot.detection;
    let keys = in_order(detection.flows.iter().map(|flow| flow.key.as_str()));
    html! {
        section #detection .panel tabindex="0" aria-labelledby="detection-title" {
            h2 #detection-title { "Detection" }
            @for key in keys.into_iter().filter(|key| is_of_this_play(key, snapshot)) {
                @let furthest = detection.flows.iter().filter(|flow| flow.key == key).max_by_key(|flow| progress(flow));
                @if let Some(flow) = furthest { (self::flow(flow, snapshot)) }
            }
            (monitors(&detection.monitors, snapshot))
        }
    }
}

/// Whether a flow is worth its room: the play expects it, or it has begun all the same. Without a play all are.
fn is_of_this_play(key: &str, snapshot: &StageSnapshot) -> bool {
    let has_begun = || snapshot.detection.flows.iter().any(|flow| flow.key == key && progress(flow) > (false, 0));
    snapshot.play.is_none() || is_expected(key, snapshot) || has_begun()
}

fn is_expected(key: &str, snapshot: &StageSnapshot) -> bool {
    snapshot.play.iter().flat_map(|play| &play.expected_alerts).any(|alert| alert.monitor == key)
}

/// Each name once, in the order of the file.
fn in_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}

fn progress(flow: &FlowStatus) -> (bool, usize) {
    (flow.firing, flow.stages.iter().filter(|stage| stage.reached_unix_ms.is_some()).count())
}

fn flow(flow: &FlowStatus, snapshot: &StageSnapshot) -> Markup {
    let speed = snapshot.play.as_ref().map_or(1.0, |play| play.speed.max(f64::MIN_POSITIVE));
    let held_ms =
        flow.together_since_unix_ms.map_or(0, |since| snapshot.at_unix_ms.saturating_sub(since).min(flow.held_ms));
    let share = if flow.firing { 100.0 } else { held_ms as f64 / flow.held_ms.max(1) as f64 * 100.0 };
    let scenario_time = |ms: u64| stretch(ms as f64 / 1000.0 * speed);
    html! {
        div class={ "flow" @if flow.firing { " firing" } } {
            div.note {
                b { (flow.name) @if let Some(traffic) = &flow.traffic_type { " (" (traffic) ")" } }
                @if flow.firing { (state(Shape::Critical, "FIRING")) }
            }
            ol {
                @for stage in &flow.stages {
                    li class=[stage.reached_unix_ms.map(|_| "reached")] {
                        b { (stage.name) }
                        small {
                            @match stage.reached_unix_ms {
                                Some(at) => {
                                    "since "
                                    @match snapshot.minute_of(at) {
                                        Some(minute) => { "minute " (format!("{minute:.1}")) }
                                        None => { (stretch(snapshot.at_unix_ms.saturating_sub(at) as f64 / 1000.0)) }
                                    }
                                }
                                None => "not yet",
                            }
                        }
                    }
                }
            }
            div.held { span style={ "width:" (format!("{share:.1}%")) } {} }
            div.note {
                @if flow.firing { span { "all together for " (scenario_time(flow.held_ms)) " and longer" } }
                @else if flow.together_since_unix_ms.is_some() { span { "all together for " (scenario_time(held_ms)) " of " (scenario_time(flow.held_ms)) } }
                @else { span { "fires when all hold together for " (scenario_time(flow.held_ms)) } }
            }
        }
    }
}

/// Those that the play is about or that say something come as rows, the others as a count: a room has one thing to look at.
fn monitors(monitors: &[MonitorStatus], snapshot: &StageSnapshot) -> Markup {
    let groups = groups(monitors);
    let worst = |key: &str| monitors.iter().filter(|monitor| monitor.key == key).max_by_key(|one| severity(one.phase));
    let is_worth_a_row = |key: &&str| {
        let speaks = || worst(key).is_some_and(|monitor| severity(monitor.phase) >= severity(AlertPhase::Pending));
        snapshot.play.is_none() || is_expected(key, snapshot) || speaks()
    };
    let (mut rows, others): (Vec<_>, Vec<_>) =
        in_order(monitors.iter().map(|monitor| monitor.key.as_str())).into_iter().partition(is_worth_a_row);
    // Those that this play is about come first.
    rows.sort_by_key(|key| !is_expected(key, snapshot));
    html! {
        @if !rows.is_empty() {
            table.monitors {
                thead { tr {
                    th scope="col" { "Monitor" }
                    @for group in &groups { th scope="col" { (group.unwrap_or("state")) } }
                } }
                tbody {
                    @for key in rows {
                        @let worst = worst(key);
                        tr {
                            td title=[worst.map(|worst| &worst.condition)] { (key) @if let Some(worst) = worst { small { (worst.reading) } } }
                            @for group in &groups {
                                @let found = monitors.iter().find(|monitor| monitor.key == key && monitor.traffic_type.as_deref() == *group);
                                td { (phase(found.map_or(AlertPhase::NoData, |monitor| monitor.phase))) }
                            }
                        }
                    }
                }
            }
        }
        @if !others.is_empty() {
            @let silent = others.iter().filter(|key| worst(key).is_none_or(|monitor| monitor.phase == AlertPhase::NoData)).count();
            p.small.quiet {
                (others.len()) " other monitors: " (others.len() - silent) " ok, " (silent) " without data. "
                a href="/monitors" { "All monitors" }
            }
        }
    }
}

/// The kinds of traffic that some monitor has seen, baseline before demo; `None` if no monitor tells them apart yet.
fn groups(monitors: &[MonitorStatus]) -> Vec<Option<&str>> {
    let mut groups: Vec<Option<&str>> = monitors.iter().map(|monitor| monitor.traffic_type.as_deref()).collect();
    groups.sort_unstable();
    groups.dedup();
    if groups.iter().any(Option::is_some) {
        groups.retain(Option::is_some);
    }
    groups
}

fn severity(phase: AlertPhase) -> u8 {
    match phase {
        AlertPhase::NoData => 0,
        AlertPhase::Ok => 1,
        AlertPhase::Pending => 2,
        AlertPhase::Firing => 3,
    }
}

fn phase(phase: AlertPhase) -> Markup {
    match phase {
        AlertPhase::NoData => state(Shape::NoData, "no data"),
        AlertPhase::Ok => state(Shape::Ok, "ok"),
        AlertPhase::Pending => state(Shape::Warn, "pending"),
        AlertPhase::Firing => state(Shape::Critical, "FIRING"),
    }
}
