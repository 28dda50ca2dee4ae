//! Rate, errors and duration of every service and operation in the last minute.

use maud::{Markup, html};
use store::Red;

use crate::api::Health;
use crate::pages::format::{count, duration, rate, share};
use crate::pages::layout::Page;
use crate::pages::shape::{Shape, state};
use crate::pages::traces::link_to_search;

/// The page; `traffic_type` is what it is narrowed to.
pub(crate) fn services(rows: &[Red], traffic_type: Option<&str>, health: &Health) -> Markup {
    let page = Page { title: "Services", section: "/services", styles: &[], scripts: &[], is_live: true };
    let main = html! {
        form.filters method="get" action="/services" {
            label { "traffic.type" select name="traffic_type" {
                @for (value, name) in [("", "all"), ("baseline", "baseline"), ("demo", "demo")] {
                    option value=(value) selected[traffic_type.unwrap_or("") == value] { (name) }
                }
            } }
            button type="submit" { "Show" }
            span.quiet { "Spans that ended in the last minute." }
        }
        section #services .panel data-refresh="2" { (table(rows)) }
    };
    page.render(&main, Some(health))
}

fn table(rows: &[Red]) -> Markup {
    if rows.is_empty() {
        return html! {
            div.empty { strong { "Nothing ended in the last minute" } "Services appear as soon as their spans come in." }
        };
    }
    let mut service = "";
    html! {
        table {
            thead { tr {
                th { "Operation" } th { "Kind" } th { "traffic.type" } th { "State" }
                th.number { "Rate" } th.number { "Errors" } th.number { "p50" } th.number { "p95" } th.number { "p99" } th.number { "Spans" }
            } }
            tbody {
                @for row in rows {
                    @if std::mem::replace(&mut service, &row.service) != row.service {
                        tr.head { td colspan="10" { (row.service) } }
                    }
                    tr {
                        td.name { a href=(link_to_search(&row.service, &row.operation, row.traffic_type.as_deref())) { (row.operation) } }
                        td.quiet { (row.kind.word()) }
                        td { @match &row.traffic_type {
                            Some(traffic) => { span class={ "chip " (traffic) } { (traffic) } }
                            None => { span.faint { "none" } }
                        } }
                        td { (state_of(row)) }
                        td.number { (rate(row.rate_per_minute)) " /min" }
                        td.number { (share(row.error_rate)) }
                        td.number { (duration(row.p50_ms)) }
                        td.number { (duration(row.p95_ms)) }
                        td.number { (duration(row.p99_ms)) }
                        td.number.quiet { (count(row.count)) }
                    }
                }
            }
        }
    }
}

fn state_of(row: &Red) -> Markup {
    match row.error_rate {
        rate if rate > 0.20 => state(Shape::Critical, "CRITICAL"),
        rate if rate > 0.02 => state(Shape::Warn, "WARN"),
        _ => state(Shape::Ok, "OK"),
    }
}
