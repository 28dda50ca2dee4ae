//! Incidents in a list: open ones first, then the newest.

use detect::Incident;
use maud::{Markup, html};

use super::moments::Moments;
use super::monitors::priority;
use crate::api::{Health, StagePlay};
use crate::pages::format::stretch;
use crate::pages::layout::{Page, REFRESH_S, heading};
use crate::pages::shape::{Shape, state};
use crate::pages::states::empty;

/// The page.
pub(crate) fn incidents(all: &[Incident], play: Option<&StagePlay>, health: &Health) -> Markup {
    let page = Page { title: "Incidents", section: "/incidents", styles: &["watch.css"], scripts: &[], is_live: true };
    let moments = Moments::new(play, health.at_unix_ms);
    let line = html! { "Monitors that fire over the same services, as one story. Also as " a href="/api/incidents" { "JSON" } "." };
    let main = html! {
        (heading("Incidents", &line, &html! {}))
        section #incidents data-refresh=(REFRESH_S) aria-label="Incidents" { (list(all, &moments, health)) }
    };
    page.render(&main, Some(health))
}

fn list(all: &[Incident], moments: &Moments, health: &Health) -> Markup {
    if all.is_empty() {
        let hint = match health.finished_run {
            Some(_) => {
                html! { "No monitor fired in this run. What was watched for stands under " a href="/monitors" { "Monitors" } "." }
            }
            None => {
                html! { "No monitor has fired since this console started. What is watched for stands under " a href="/monitors" { "Monitors" } "." }
            }
        };
        return html! { div.panel { (empty("All is quiet", &hint)) } };
    }
    let open = all.iter().filter(|incident| incident.is_open()).count();
    html! {
        ul.tally aria-label="States" {
            li { (state(if open > 0 { Shape::Critical } else { Shape::NoData }, "OPEN")) b { (open) } }
            li { (state(Shape::Ok, "resolved")) b { (all.len() - open) } }
        }
        div.panel { div.scroll tabindex="0" role="region" aria-label="Incidents, scrolls sideways" { table {
            thead { tr { th scope="col" { "State" } th scope="col" { "Incident" } th scope="col" { "Priority" } th scope="col" { "Services" } th scope="col" { "Opened" } th.number scope="col" { "Lasted" } th.number scope="col" { "Monitors" } } }
            tbody data-rows {
                @for incident in all {
                    tr {
                        td { (state_of(incident)) }
                        td.name { a href={ "/incidents/" (incident.id) } { b { (incident.title) } } " " span.faint { "#" (incident.id) } }
                        td { (priority(incident.priority)) }
                        td { (services(incident)) }
                        td { (moments.at(incident.opened_unix_ms)) }
                        td.number { (lasted(incident, moments)) }
                        td.number { (incident.monitors.len()) }
                    }
                }
            }
        } } }
    }
}

/// Open or not.
pub(super) fn state_of(incident: &Incident) -> Markup {
    if incident.is_open() { state(Shape::Critical, "OPEN") } else { state(Shape::Ok, "resolved") }
}

/// From the first monitor that fired to the last that recovered, or to now.
pub(super) fn lasted(incident: &Incident, moments: &Moments) -> String {
    match incident.resolved_unix_ms {
        Some(until) => stretch(until.saturating_sub(incident.opened_unix_ms) as f64 / 1000.0),
        None => format!("{} so far", moments.since(incident.opened_unix_ms)),
    }
}

/// The services that its monitors name.
pub(super) fn services(incident: &Incident) -> Markup {
    html! {
        @if incident.services.is_empty() { span.faint { "all" } }
        @for (index, service) in incident.services.iter().enumerate() {
            @if index > 0 { ", " }
            a href=(crate::pages::link("/services", [("service", service.as_str()), ("window", "15m")])) { (service) }
        }
    }
}
