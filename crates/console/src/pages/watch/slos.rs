//! Service level objectives: not built yet, and said so; the share of good requests is measured already.

use maud::{Markup, html};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Health;
use crate::pages::format::{count, duration, share};
use crate::pages::layout::{Page, heading};
use crate::pages::shape::{Shape, state};
use crate::pages::states::empty;

/// Requests that one operation of a service answered, for one kind of traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// `service.name`.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// Requests.
    pub requests: u64,
    /// Share of those without an error, 0 to 1.
    pub good_share: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
}

/// The page.
pub(crate) fn slos(measured: &[Measured], entrance: &str, health: &Health) -> Markup {
    let page = Page { title: "SLOs", section: "/slos", styles: &["watch.css"], scripts: &[], is_live: true };
    let main = html! {
        (heading("SLOs", &html! { "How many requests were good, where customers come in. Also as " a href="/api/slos" { "JSON" } "." }, &html! {}))
        aside.panel.coming role="note" {
            (state(Shape::NoData, "NOT BUILT YET"))
            p { "No objective is set, and none can be set in this version: here each will stand with its error budget and how fast that burns. Until then an error rate can be watched by a monitor: " code { "measure: error_rate" } ", see docs/monitors.md." }
        }
        section #measured .panel data-refresh="5" { (table(measured, entrance)) }
    };
    page.render(&main, Some(health))
}

fn table(measured: &[Measured], entrance: &str) -> Markup {
    if measured.is_empty() {
        let hint = html! { "Requests appear as soon as " code { (entrance) } " sends spans of kind server." };
        return empty("Nothing to count yet", &hint);
    }
    html! {
        h2 { "Requests to " (entrance) ", as far back as figures go" }
        div.scroll { table {
            thead { tr { th { "Operation" } th { "traffic.type" } th.number { "Requests" } th.number { "Good" } th.number { "Failed, of a million" } th.number { "p95" } } }
            tbody {
                @for one in measured {
                    tr {
                        td.name { (one.operation) }
                        td { @match &one.traffic_type { Some(traffic) => span class={ "chip " (traffic) } { (traffic) }, None => span.faint { "none" } } }
                        td.number { (count(one.requests)) }
                        td.number { b { (share(one.good_share)) } }
                        td.number { (count(((1.0 - one.good_share) * 1e6).round().max(0.0) as u64)) }
                        td.number { (duration(one.p95_ms)) }
                    }
                }
            }
        } }
    }
}
