//! Alerts: when each was expected, when it came, and everything else that fired.

use detect::TransitionState;
use maud::{Markup, html};

use crate::pages::shape::{Shape, state};
use crate::report::shown::{edge, minute, timing};
use crate::story::{AlertWindow, RunStory};

/// Changes shown; a monitor that flaps must not fill the page.
const MOST_CHANGES: usize = 200;

/// Both tables.
pub(super) fn alerts(story: &RunStory) -> Markup {
    html! {
        section.panel {
            h2 { "Alerts" }
            @if story.alert_windows.is_empty() {
                p.quiet { "The scenario expects no alert." }
            } @else {
                div.scroll { table {
                    thead { tr { th { "" } th { "monitor" } th { "about" } th.number { "expected, minute" } th.number { "fired" } th.number { "resolves by" } th.number { "resolved" } } }
                    tbody { @for window in &story.alert_windows { (row(window)) } }
                } }
            }
            @if story.alerts.is_empty() {
                p.quiet { "Nothing fired." }
            } @else {
                details.more {
                    summary { "Every change, as it came (" (story.alerts.len()) ")" }
                    div.scroll { (changes(story)) }
                }
            }
        }
    }
}

fn row(window: &AlertWindow) -> Markup {
    let or_never = |at: Option<f64>| at.map_or_else(|| "–".to_owned(), minute);
    html! {
        tr {
            td { (timing(window.timing)) }
            td.name { (window.monitor) }
            td { @match &window.stream { Some(stream) => span class={ "chip " (stream) } { (stream) }, None => span.faint { "any" } } }
            td.number { (edge(window.from)) " to " (edge(window.to)) }
            td.number { (or_never(window.fired)) }
            td.number { (window.resolves_by.map_or_else(|| "–".to_owned(), edge)) }
            (resolution(window))
        }
    }
}

/// When it resolved, and whether that was in time.
fn resolution(window: &AlertWindow) -> Markup {
    let Some(_) = window.fired else { return html! { td.number { "–" } } };
    match (window.resolved, window.resolves_by) {
        (Some(at), Some(by)) if at > by => html! { td.number.bad { (minute(at)) ", late" } },
        (Some(at), _) => html! { td.number { (minute(at)) } },
        (None, Some(_)) => html! { td.number.bad { "still fires" } },
        (None, None) => html! { td.number { "still fires" } },
    }
}

fn changes(story: &RunStory) -> Markup {
    html! {
        table {
            thead { tr { th.number { "minute" } th { "" } th { "monitor" } th { "about" } th { "what was seen" } } }
            tbody {
                @for alert in story.alerts.iter().take(MOST_CHANGES) {
                    tr {
                        td.number { (minute(story.minute_at(alert.at_unix_ms as f64))) }
                        td { @if alert.state == TransitionState::Firing { (state(Shape::Critical, "FIRING")) } @else { (state(Shape::Ok, "resolved")) } }
                        td.name { (alert.monitor) }
                        td { @if let Some(stream) = &alert.traffic_type { span class={ "chip " (stream) } { (stream) } } }
                        td.quiet { (alert.summary) }
                    }
                }
            }
        }
        @if story.alerts.len() > MOST_CHANGES { p.quiet { (story.alerts.len() - MOST_CHANGES) " more are in story.json." } }
    }
}
