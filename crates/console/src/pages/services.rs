//! Rate, errors and duration of every service and operation, under the map of who calls whom.

use maud::{Markup, html};
use store::{Red, ServiceMap};

use crate::api::Health;
use crate::pages::format::{count, duration, rate, share};
use crate::pages::layout::{Page, REFRESH_S, heading};
use crate::pages::link::link;
use crate::pages::map;
use crate::pages::narrow::{traffic_types, windows};
use crate::pages::shape::{of_error_rate, state_of};
use crate::pages::states::{empty, mistake};
use crate::trends::Trends;
use crate::web::Fields;
use detect::SpanKind;

/// Rows that one page draws; the rest is counted.
const MOST_ROWS: usize = 400;

/// What the page is about.
pub(crate) struct Services<'a> {
    pub(crate) asked: &'a Fields,
    pub(crate) mistake: Option<String>,
    /// All kinds of traffic that came.
    pub(crate) traffic_types: Vec<String>,
    /// By service; narrowed to what was asked.
    pub(crate) rows: Vec<Red>,
    pub(crate) trends: Trends,
    pub(crate) map: ServiceMap,
}

impl Services<'_> {
    /// The page.
    pub(crate) fn page(&self, health: &Health) -> Markup {
        let page =
            Page { title: "Services", section: "/services", styles: &["explore.css"], scripts: &[], is_live: true };
        let line = html! {
            @if self.asked.service.is_empty() { "Rate, errors and duration, by the spans that ended." }
            @else { "Only " b { (self.asked.service) } ". " a href=(self.asked.address("/services", &[("service", "")])) { "All services" } }
        };
        let controls = html! {
            (traffic_types("/services", self.asked, &self.traffic_types))
            (windows("/services", self.asked, "1m"))
        };
        let main = html! {
            (heading("Services", &line, &controls))
            @if let Some(message) = &self.mistake { (mistake(message)) }
            @if !self.map.nodes.is_empty() {
                section #map .panel data-refresh=(REFRESH_S) aria-labelledby="map-title" {
                    header {
                        h2 #map-title { "Who calls whom" }
                        p { (self.basis()) }
                    }
                    (map::draw(&self.map, Some(self.asked.service.as_str()).filter(|name| !name.is_empty()), &self.kept()))
                    (map::table(&self.map))
                }
            }
            section #services .panel data-refresh=(REFRESH_S) aria-labelledby="services-title" {
                header {
                    h2 #services-title { "Operations" }
                    p { "What services answer; calls to others and to databases are under " a href=(self.asked.address("/services", &[("show", "all")])) { "all spans" } "." }
                }
                (self.table())
            }
        };
        page.render(&main, Some(health))
    }

    /// Fields that links from the map keep.
    fn kept(&self) -> [(&str, &str); 2] {
        [("traffic_type", &self.asked.traffic_type), ("window", &self.asked.window)]
    }

    fn basis(&self) -> Markup {
        html! {
            "From " (count(self.map.spans_looked_at)) " spans and their parents"
            @if self.map.is_sample { ", the newest of this stretch" }
            "."
        }
    }

    fn table(&self) -> Markup {
        if self.rows.is_empty() {
            let hint = html! {
                "Services appear as soon as their spans end. "
                @if !self.asked.traffic_type.is_empty() || !self.asked.service.is_empty() { a href="/services" { "Take the filters away" } " or choose a longer stretch." }
                @else { "Try a longer stretch above." }
            };
            return empty("Nothing ended in this stretch", &hint);
        }
        let slowest = self.rows.iter().map(|row| row.p95_ms).fold(1.0, f64::max);
        let mut service = "";
        html! {
            div.scroll tabindex="0" role="region" aria-label="Operations, scrolls sideways" {
                table.red {
                    thead { tr {
                        th scope="col" { "Operation" }
                        th scope="col" { "traffic.type" }
                        th scope="col" { "State" }
                        th.number scope="col" { "Rate" }
                        th.roomy scope="col" { span.out-of-sight { "Rate over time" } }
                        th.number scope="col" { "Errors" }
                        td {}
                        th.number scope="col" { "p50" }
                        th.number scope="col" { "p95" }
                        td {}
                        th.number.roomy scope="col" { "p99" }
                        th.roomy scope="col" { span.out-of-sight { "Look further" } }
                    } }
                    tbody data-rows {
                        @for row in self.rows.iter().take(MOST_ROWS) {
                            @if std::mem::replace(&mut service, &row.service) != row.service { (self.head(&row.service)) }
                            (self.row(row, slowest))
                        }
                    }
                }
            }
            @if self.rows.len() > MOST_ROWS { p.quiet { (self.rows.len() - MOST_ROWS) " more rows are in the JSON: " code { "/api/red" } "." } }
        }
    }

    /// A service, and where to look further.
    fn head(&self, service: &str) -> Markup {
        let with = |path: &str| link(path, self.kept().into_iter().chain([("service", service)]));
        html! {
            tr.head {
                th colspan="12" scope="rowgroup" {
                    a href=(with("/services")) { (service) }
                    span.further { a href=(with("/traces")) { "traces" } a href=(with("/logs")) { "logs" } }
                }
            }
        }
    }

    fn row(&self, row: &Red, slowest: f64) -> Markup {
        let shape = of_error_rate(row.error_rate);
        let traffic = row.traffic_type.as_deref().unwrap_or_default();
        let to = |path: &str, own: &[(&'static str, &str)]| {
            link(
                path,
                [("service", row.service.as_str()), ("traffic_type", traffic)].into_iter().chain(own.iter().copied()),
            )
        };
        html! {
            tr data-service=(row.service) data-operation=(row.operation) data-traffic=(traffic) {
                td.name {
                    a href=(to("/traces", &[("operation", &row.operation)])) { (row.operation) }
                    @if row.kind != SpanKind::Server { " " span.small.faint { (row.kind.word()) } }
                }
                td { @if traffic.is_empty() { span.faint { "none" } } @else { span class={ "chip " (traffic) } { (traffic) } } }
                td { (state_of(shape)) }
                td.number { (rate(row.rate_per_minute)) span.faint { " /min" } }
                td.roomy.curve { @if let Some(curve) = self.trends.of(row) { (curve.draw()) } }
                td.number { (share(row.error_rate)) }
                td.bar-cell { span class={ "meter " (shape.class()) } { i style={ "--share:" (format!("{:.3}", row.error_rate)) } {} } }
                td.number { (duration(row.p50_ms)) }
                td.number { (duration(row.p95_ms)) }
                td.bar-cell { span.meter.plain { i style={ "--share:" (format!("{:.3}", row.p95_ms / slowest)) } {} } }
                td.number.roomy { (duration(row.p99_ms)) }
                td.roomy.further {
                    @if row.error_rate > 0.0 { a href=(to("/traces", &[("operation", &row.operation), ("status", "error")])) { "failed" } }
                    a href=(to("/logs", &[])) { "logs" }
                }
            }
        }
    }
}
