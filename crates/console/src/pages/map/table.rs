//! The map in words: for whoever does not see it, and for paper.

use maud::{Markup, html};
use store::ServiceMap;

use crate::pages::format::{duration, rate, share};
use crate::pages::shape::{of_error_rate, state_of};

/// Who calls whom, a row for each edge.
pub(crate) fn table(map: &ServiceMap) -> Markup {
    html! {
        details #map-table {
            summary { "The same as a table" }
            div.scroll { table {
                thead { tr { th scope="col" { "From" } th scope="col" { "To" } th scope="col" { "State" } th.number scope="col" { "Calls" } th.number scope="col" { "Errors" } th.number scope="col" { "p95" } } }
                tbody {
                    @for edge in &map.edges {
                        tr {
                            td { (edge.from) } td { (edge.to) }
                            td { (state_of(of_error_rate(edge.error_rate))) }
                            td.number { (rate(edge.rate_per_minute)) " /min" }
                            td.number { (share(edge.error_rate)) }
                            td.number { (duration(edge.p95_ms)) }
                        }
                    }
                }
            } }
        }
    }
}
