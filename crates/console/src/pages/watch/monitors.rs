//! Every monitor and flow: its state for each kind of traffic, what it waits for, what to do, and what it did before.

use detect::{AlertPhase, FlowStatus, MonitorStatus, Priority, TransitionState};
use maud::{Markup, html};

use super::moments::Moments;
use crate::api::{Alert, Health, Monitors, StagePlay};
use crate::pages::format::{plain, stretch};
use crate::pages::layout::{Page, heading};
use crate::pages::shape::{Shape, state};
use crate::pages::states::empty;

/// Changes shown of one monitor; the rest is under `/api/alerts`.
const MOST_CHANGES: usize = 20;

/// What the page is made of.
pub(crate) struct Watched<'a> {
    pub(crate) detection: &'a Monitors,
    /// The newest first.
    pub(crate) alerts: &'a [Alert],
    pub(crate) play: Option<&'a StagePlay>,
    pub(crate) health: &'a Health,
}

/// The page.
pub(crate) fn monitors(watched: &Watched<'_>) -> Markup {
    let page = Page { title: "Monitors", section: "/monitors", styles: &["watch.css"], scripts: &[], is_live: true };
    let line = html! { "What is watched for, four times a second. Also as " a href="/api/monitors" { "JSON" } "; alerts under " a href="/api/alerts" { code { "/api/alerts" } } "." };
    let main = html! {
        (heading("Monitors", &line, &html! {}))
        div #watched data-refresh="2" { (content(watched)) }
    };
    page.render(&main, Some(watched.health))
}

fn content(watched: &Watched<'_>) -> Markup {
    let Watched { detection, alerts, play, health } = watched;
    if detection.monitors.is_empty() && detection.flows.is_empty() {
        let hint = match health.finished_run {
            Some(_) => {
                html! { "This run kept no state of its monitors: an earlier version played it. Its alerts are on " a href="/" { "the Stage" } " and on " a href="/runs" { "the page of the run" } "." }
            }
            None => html! { "Give this console a file of them: " code { "doorbuster console --monitors FILE" } "." },
        };
        return html! { div.panel { (empty("Nothing is watched for", &hint)) } };
    }
    let moments = Moments::new(*play, health.at_unix_ms);
    let history = |key: &str| alerts.iter().filter(|alert| alert.monitor == key).collect::<Vec<_>>();
    html! {
        (summary(detection))
        @for key in keys(detection.flows.iter().map(|flow| flow.key.as_str())) {
            @let flows: Vec<_> = detection.flows.iter().filter(|flow| flow.key == key).collect();
            (flow(&flows, &history(key), &moments))
        }
        @for key in keys(detection.monitors.iter().map(|monitor| monitor.key.as_str())) {
            @let states: Vec<_> = detection.monitors.iter().filter(|monitor| monitor.key == key).collect();
            (monitor(&states, &history(key), &moments))
        }
    }
}

/// Each once, in the order of the file.
fn keys<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut keys = Vec::new();
    for key in all {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// How many are in which state.
fn summary(detection: &Monitors) -> Markup {
    let count = |phase| detection.monitors.iter().filter(|monitor| monitor.phase == phase).count();
    let flows = detection.flows.iter().filter(|flow| flow.firing).count();
    let one = |shape, word: &str, number: usize| html! { li { (state(shape, word)) b { (number) } } };
    html! {
        ul.tally aria-label="States" {
            (one(Shape::Critical, "FIRING", count(AlertPhase::Firing) + flows))
            (one(Shape::Warn, "pending", count(AlertPhase::Pending)))
            (one(Shape::Ok, "ok", count(AlertPhase::Ok) + detection.flows.len() - flows))
            (one(Shape::NoData, "no data", count(AlertPhase::NoData)))
        }
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

/// In capitals, with what it means.
pub(super) fn priority(priority: Priority) -> Markup {
    let (word, meaning) = match priority {
        Priority::P1 => ("P1", "customers are turned away"),
        Priority::P2 => ("P2", "they soon will be"),
        Priority::P3 => ("P3", "somebody should look today"),
        Priority::P4 => ("P4", "good to know"),
    };
    html! { span.chip title=(meaning) { (word) } }
}

fn about(traffic_type: Option<&str>) -> Markup {
    html! { @match traffic_type { Some(traffic) => span class={ "chip " (traffic) } { (traffic) }, None => span.faint { "all traffic" } } }
}

fn monitor(states: &[&MonitorStatus], history: &[&Alert], moments: &Moments) -> Markup {
    let Some(first) = states.first() else { return html! {} };
    html! {
        section.panel.watched id=(first.key) aria-label=(first.name) {
            header { h2 { (first.name) } code { (first.key) } (priority(first.priority)) }
            div.scroll tabindex="0" role="region" aria-label={ "States of " (first.name) ", scrolls sideways" } { table {
                thead { tr { th { "State" } th { "About" } th { "Reading" } th { "Since" } } }
                tbody {
                    @for one in states {
                        tr {
                            td { (phase(one.phase)) }
                            td { (about(one.traffic_type.as_deref())) }
                            td { (one.reading) @if let Some(left) = one.learning_left_ms { span.quiet { "; the baseline is learned for " (stretch(left as f64 / 1000.0)) " of traffic more" } } }
                            td.quiet { @match one.since_unix_ms { Some(at) => { (moments.at(at)) ", " (moments.since(at)) }, None => "–" } }
                        }
                    }
                }
            } }
            dl.about {
                dt { "Fires when" } dd { (first.condition) }
                @for (one, usual, limit) in states.iter().filter_map(|one| Some((one, one.baseline?, one.limit?))) {
                    dt { "Baseline" } dd { "usual " b { (plain(usual)) } ", so the limit is " b { (plain(limit)) } @if let Some(traffic) = &one.traffic_type { " " span class={ "chip " (traffic) } { (traffic) } } }
                }
                @if let Some(runbook) = &first.runbook { dt { "Then" } dd { (runbook) } }
            }
            (changes(&first.key, history, moments))
        }
    }
}

fn flow(flows: &[&FlowStatus], history: &[&Alert], moments: &Moments) -> Markup {
    let Some(first) = flows.first() else { return html! {} };
    html! {
        section.panel.watched id=(first.key) aria-label=(first.name) {
            header { h2 { (first.name) } code { (first.key) } (priority(first.priority)) span.chip { "flow" } }
            @for one in flows {
                div.stages {
                    div { @if one.firing { (state(Shape::Critical, "FIRING")) } @else { (state(Shape::Ok, "ok")) } " " (about(one.traffic_type.as_deref())) }
                    ol {
                        @for stage in &one.stages {
                            li class=[stage.holds.then_some("holds")] {
                                b { (stage.name) }
                                span { @match stage.reached_unix_ms { Some(at) => { "reached " (moments.at(at)) }, None => "not reached" } }
                                @if stage.holds { (state(Shape::Warn, "holds")) } @else { (state(Shape::NoData, "does not hold")) }
                            }
                        }
                    }
                }
            }
            dl.about {
                dt { "Fires when" } dd { "all stages hold together for " (stretch(first.held_ms as f64 / 1000.0)) }
                @if let Some(runbook) = &first.runbook { dt { "Then" } dd { (runbook) } }
            }
            (changes(&first.key, history, moments))
        }
    }
}

/// What it did before.
fn changes(key: &str, history: &[&Alert], moments: &Moments) -> Markup {
    if history.is_empty() {
        return html! { p.faint { "It has not fired yet." } };
    }
    html! {
        details id={ "history-" (key) } {
            summary { "History: " (history.len()) @if history.len() == 1 { " change" } @else { " changes" } }
            ul.history {
                @for alert in history.iter().take(MOST_CHANGES) {
                    li {
                        span { (moments.at(alert.at_unix_ms)) }
                        @if alert.state == TransitionState::Firing { (state(Shape::Critical, "FIRING")) } @else { (state(Shape::Ok, "resolved")) }
                        span { (about(alert.traffic_type.as_deref())) " " (alert.summary) }
                    }
                }
            }
            @if history.len() > MOST_CHANGES { p.faint { (history.len() - MOST_CHANGES) " older ones under " code { "/api/alerts" } "." } }
        }
    }
}
