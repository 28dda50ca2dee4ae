//! The run on one scale of minutes: phases, faults, and for each alert when it was expected and when it fired.

use detect::TransitionState;
use maud::{Markup, html};

use crate::pages::shape::{Shape, symbol};
use crate::report::shown::{edge, minute};
use crate::story::{AlertTiming, AlertWindow, RunStory};

/// Marks on the scale: no more than so many.
const MOST_TICKS: f64 = 12.0;
/// Lanes of alerts that nobody expects; more are in the table.
const MOST_STRAYS: usize = 6;

/// The timeline.
pub(super) fn timeline(story: &RunStory) -> Markup {
    let scale = Scale { length: story.play.minutes.max(1.0) };
    html! {
        section.panel.gantt aria-label="Timeline" {
            h2 { "Timeline, in scenario minutes" }
            (lane("", &html! {
                @for tick in scale.ticks() { span.tick style={ "left:" (scale.at(tick)) } { (edge(tick)) } }
            }, "scale"))
            (lane("phases", &html! {
                @for phase in &story.play.phases {
                    span.phase style=(scale.stretch(phase.from, phase.to)) title={ (phase.name) ", minutes " (edge(phase.from)) " to " (edge(phase.to)) } { (phase.name) }
                }
            }, ""))
            @for fault in &story.play.faults {
                (lane(&fault.id, &html! {
                    span.fault style=(scale.stretch(fault.from, fault.until)) title={ (fault.kind) ", minutes " (edge(fault.from)) " to " (edge(fault.until)) } { (fault.kind) }
                }, ""))
            }
            @for window in &story.alert_windows { (expected(window, &scale, story.facts.ended_minute)) }
            @for (key, fired) in strays(story) {
                (lane(&key, &html! {
                    @for at in fired { span.fired.off style={ "left:" (scale.at(at)) } title={ "fired at " (minute(at)) ", expected by nobody" } { (symbol(Shape::Warn)) } }
                }, "stray"))
            }
            p.below {
                span.sample.window {} "expected to fire here "
                span.sample.firing {} "fires; a lane without it never did"
            }
        }
    }
}

fn expected(window: &AlertWindow, scale: &Scale, ended: f64) -> Markup {
    let is_on_time = window.timing == AlertTiming::OnTime;
    let shape = if is_on_time { Shape::Ok } else { Shape::Warn };
    lane(
        &window.monitor,
        &html! {
            span.window style=(scale.stretch(window.from, window.to)) title={ "expected to fire between " (edge(window.from)) " and " (edge(window.to)) } {}
            @if let Some(fired) = window.fired {
                @let until = window.resolved.filter(|resolved| *resolved >= fired).unwrap_or(ended.max(fired));
                span.firing style=(scale.stretch(fired, until)) title={ "fired at " (minute(fired)) ", until " (minute(until)) } {}
                span.fired.off[!is_on_time] style={ "left:" (scale.at(fired)) } { (symbol(shape)) }
            }
        },
        "",
    )
}

/// Alerts that nobody expects: each monitor with the minutes at which it fired.
fn strays(story: &RunStory) -> Vec<(String, Vec<f64>)> {
    let mut strays: Vec<(String, Vec<f64>)> = Vec::new();
    for alert in story.alerts.iter().filter(|alert| alert.state == TransitionState::Firing) {
        let is_expected = |window: &AlertWindow| {
            window.monitor == alert.monitor && (window.stream.is_none() || window.stream == alert.traffic_type)
        };
        if story.alert_windows.iter().any(is_expected) {
            continue;
        }
        let at = story.minute_at(alert.at_unix_ms as f64);
        match strays.iter_mut().find(|(key, _)| *key == alert.monitor) {
            Some((_, minutes)) => minutes.push(at),
            None => strays.push((alert.monitor.clone(), vec![at])),
        }
    }
    strays.truncate(MOST_STRAYS);
    strays
}

fn lane(name: &str, inner: &Markup, class: &str) -> Markup {
    html! { div.row.(class) { span.name title=(name) { (name) } div.lane { (inner) } } }
}

struct Scale {
    length: f64,
}

impl Scale {
    fn at(&self, minute: f64) -> String {
        format!("{:.2}%", (minute / self.length * 100.0).clamp(0.0, 100.0))
    }

    fn stretch(&self, from: f64, to: f64) -> String {
        let (from, to) = (from.clamp(0.0, self.length), to.clamp(0.0, self.length));
        format!("left:{};width:{:.2}%", self.at(from), (to - from).max(0.0) / self.length * 100.0)
    }

    fn ticks(&self) -> Vec<f64> {
        let steps = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0];
        let step = steps.into_iter().find(|step| self.length / step <= MOST_TICKS).unwrap_or(240.0);
        let ticks = std::iter::successors(Some(0.0), |tick| Some(tick + step));
        ticks.take_while(|tick| *tick <= self.length).collect()
    }
}
