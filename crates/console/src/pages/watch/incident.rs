//! One incident: what happened when, what to do, and what there is to show for it.

use detect::{Incident, IncidentMonitor, TransitionState};
use maud::{Markup, html};
use store::{DifferingValue, Red};

use super::incidents::{lasted, services, state_of};
use super::llm::trace_table;
use super::moments::Moments;
use super::monitors::priority;
use crate::api::{Health, StagePlay};
use crate::incidents::{Evidence, IncidentView};
use crate::pages::format::{count, duration, rate, share};
use crate::pages::layout::{Page, heading};
use crate::pages::shape::{Shape, of_error_rate, state, state_of as shape_of};
use crate::pages::states::empty;

/// How often an incident's page is asked for anew, in seconds: it costs a look at rows.
const REFRESH_S: u32 = 5;
/// Rows of requests that one page draws.
const MOST_ROWS: usize = 40;

/// The page.
pub(crate) fn incident(view: &IncidentView, play: Option<&StagePlay>, health: &Health) -> Markup {
    let incident = &view.incident;
    let page = Page {
        title: "Incident",
        section: "/incidents",
        styles: &["watch.css"],
        scripts: &[],
        is_live: incident.is_open(),
    };
    let moments = Moments::new(play, health.at_unix_ms);
    let line = html! {
        "Incident " (incident.id) ". " a href="/incidents" { "All incidents" } ", this one as " a href={ "/api/incidents/" (incident.id) } { "JSON" } "."
    };
    let main = html! {
        (heading(&incident.title, &line, &html! {}))
        section #incident .panel data-refresh=(REFRESH_S) aria-label="What it is" { (facts(incident, &moments)) }
        section #timeline-of-it .panel data-refresh=(REFRESH_S) aria-labelledby="timeline-title" { (timeline(incident, &moments)) }
        section #what-to-do .panel data-refresh=(REFRESH_S) aria-labelledby="runbooks-title" { (runbooks(&incident.monitors)) }
        div #evidence data-refresh=(REFRESH_S) { @for evidence in &view.evidence { (shown(evidence)) } }
        section #requests .panel data-refresh=(REFRESH_S) aria-labelledby="requests-title" { (requests(&view.requests)) }
    };
    page.render(&main, Some(health))
}

/// The page of a number that no incident has.
pub(crate) fn no_incident(id: &str, health: &Health) -> Markup {
    let page = Page { title: "Incident", section: "/incidents", styles: &[], scripts: &[], is_live: false };
    let hint = html! { "A console that starts anew counts from 1 again, and keeps the last two hundred. " a href="/incidents" { "All incidents" } "." };
    let main = html! { div.panel { h1.out-of-sight { "No such incident" } (empty(&format!("No incident has the number {id}"), &hint)) } };
    page.render(&main, Some(health))
}

fn facts(incident: &Incident, moments: &Moments) -> Markup {
    html! {
        p.lead { (state_of(incident)) (priority(incident.priority)) span { (lasted(incident, moments)) } }
        dl.about {
            dt { "Began" } dd { (moments.at(incident.began_unix_ms)) span.quiet { ", when the first condition began to hold" } }
            dt { "Opened" } dd { (moments.at(incident.opened_unix_ms)) span.quiet { ", when the first monitor fired" } }
            dt { "Resolved" } dd { @match incident.resolved_unix_ms { Some(at) => (moments.at(at)), None => span.quiet { "not yet: it resolves itself when all its monitors have recovered" } } }
            dt { "Services" } dd { (services(incident)) }
            dt { "Traffic" } dd {
                @if incident.traffic_types.is_empty() { span.quiet { "its monitors look at all traffic together" } }
                @for traffic in &incident.traffic_types { span class={ "chip " (traffic) } { (traffic) } " " }
            }
        }
    }
}

fn timeline(incident: &Incident, moments: &Moments) -> Markup {
    html! {
        h2 #timeline-title { "Timeline" }
        ul.history {
            @for (index, entry) in incident.timeline.iter().enumerate() {
                li {
                    span { (moments.at(entry.at_unix_ms)) }
                    @if entry.state == TransitionState::Firing { (state(Shape::Critical, "FIRING")) } @else { (state(Shape::Ok, "recovered")) }
                    span { a href={ "/monitors#" (entry.monitor) } { (entry.name) } " " @if let Some(traffic) = &entry.traffic_type { span class={ "chip " (traffic) } { (traffic) } " " } span.quiet { (entry.summary) } }
                }
                @if index == 0 && incident.timeline_left_out > 0 { li { span {} span {} span.faint { (incident.timeline_left_out) " changes were left out here" } } }
            }
        }
    }
}

fn runbooks(monitors: &[IncidentMonitor]) -> Markup {
    html! {
        h2 #runbooks-title { "What to do" }
        dl.about {
            @for one in monitors {
                dt { @if one.is_firing { (state(Shape::Critical, "FIRING")) } @else { (state(Shape::Ok, "recovered")) } }
                dd { b { (one.name) } @if one.is_flow { " " span.chip { "flow" } } ": " @match &one.runbook { Some(runbook) => (runbook), None => span.quiet { "its monitor has no runbook" } } }
            }
        }
    }
}

fn shown(evidence: &Evidence) -> Markup {
    let differences = &evidence.differences;
    let id = format!("evidence-{}", evidence.monitor);
    html! {
        section.panel aria-labelledby=(id) {
            header {
                h2 id=(id) { "What spans " (evidence.bad_spans) " have more often" }
                p { (evidence.name) ": " (count(differences.bad)) " such spans beside " (count(differences.healthy)) " others" @if differences.is_sample { ", the newest" } "." }
            }
            @if differences.values.is_empty() {
                p.quiet { @if differences.bad == 0 { "None of them is in memory." } @else { "No value of an attribute stands out." } }
            } @else { (values(&differences.values, differences.bad, differences.healthy, &evidence.name)) }
            @if !evidence.traces.is_empty() {
                h3 { "Traces that show it" }
                (trace_table(&format!("Traces of {}", evidence.name), &evidence.traces))
            }
            p { a href=(evidence.all_traces) { "All such traces" } }
        }
    }
}

fn values(values: &[DifferingValue], bad: u64, healthy: u64, name: &str) -> Markup {
    let part = |part: u64, all: u64| share(part as f64 / all.max(1) as f64);
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Values of " (name) ", scrolls sideways" } { table.differences {
            thead { tr { th scope="col" { "Attribute" } th scope="col" { "Value" } th.number scope="col" { "Lift" } th.number scope="col" { "Of such spans" } td.roomy {} th.number scope="col" { "Of others" } td.roomy {} } }
            tbody {
                @for one in values {
                    tr {
                        td.name { code { (one.key) } }
                        td.name { b { (one.value) } }
                        td.number { (format!("{:.1}", one.lift)) " ×" }
                        td.number title={ (count(one.bad)) " of " (count(bad)) } { (part(one.bad, bad)) }
                        td.roomy { span.meter.critical { i style={ "--share:" (format!("{:.3}", one.bad as f64 / bad.max(1) as f64)) } {} } }
                        td.number title={ (count(one.healthy)) " of " (count(healthy)) } { (part(one.healthy, healthy)) }
                        td.roomy { span.meter.plain { i style={ "--share:" (format!("{:.3}", one.healthy as f64 / healthy.max(1) as f64)) } {} } }
                    }
                }
            }
        } }
        p.small.quiet { "Lift: how much more often such spans have the value than all of them. What stands together need not cause each other." }
    }
}

fn requests(rows: &[Red]) -> Markup {
    html! {
        h2 #requests-title { "Requests in its time" }
        @if rows.is_empty() { p.quiet { "No request to its services ended in its time, as far as figures go back." } }
        @else {
            div.scroll tabindex="0" role="region" aria-label="Requests in its time, scrolls sideways" { table {
                thead { tr { th scope="col" { "Service" } th scope="col" { "Operation" } th scope="col" { "traffic.type" } th scope="col" { "State" } th.number scope="col" { "Rate" } th.number scope="col" { "Errors" } th.number scope="col" { "p50" } th.number scope="col" { "p95" } } }
                tbody {
                    @for row in rows.iter().take(MOST_ROWS) {
                        tr {
                            td { (row.service) }
                            td.name { (row.operation) }
                            td { @match &row.traffic_type { Some(traffic) => span class={ "chip " (traffic) } { (traffic) }, None => span.faint { "none" } } }
                            td { (shape_of(of_error_rate(row.error_rate))) }
                            td.number { (rate(row.rate_per_minute)) span.faint { " /min" } }
                            td.number { (share(row.error_rate)) }
                            td.number { (duration(row.p50_ms)) }
                            td.number { (duration(row.p95_ms)) }
                        }
                    }
                }
            } }
            @if rows.len() > MOST_ROWS { p.quiet { (rows.len() - MOST_ROWS) " more rows are in the JSON." } }
        }
    }
}
