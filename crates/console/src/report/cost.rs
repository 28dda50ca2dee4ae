//! What it cost: customers, and this machine.

use maud::{Markup, html};

use crate::pages::format::count;
use crate::report::shown::dollars;
use crate::story::{Cost, PhaseFootprint, RunStory};

/// Parts of a footprint that are named; the rest is summed up.
const NAMED_PARTS: usize = 4;

/// Both.
pub(super) fn cost(story: &RunStory) -> Markup {
    let facts = &story.facts;
    if facts.cost.is_none() && facts.footprint.is_empty() {
        return html! {};
    }
    html! {
        section.panel.two {
            @if let Some(cost) = &facts.cost { div { h2 { "What it cost the shop" } (money(cost)) } }
            @if !facts.footprint.is_empty() { div { h2 { "What it cost this machine, at most" } (machine(&facts.footprint)) } }
        }
    }
}

fn money(cost: &Cost) -> Markup {
    html! {
        p.amount { b { (dollars(cost.lost_revenue_usd)) } " in " (count(cost.failed_checkouts)) " failed checkouts" }
        ul.plain { @for part in &cost.by_stream_usd { li { span class={ "chip " (part.name) } { (part.name) } " " (dollars(part.amount)) } } }
        p.below { "What failed checkouts would have paid; orders that failed before they were priced count nothing." }
    }
}

fn machine(phases: &[PhaseFootprint]) -> Markup {
    html! {
        table {
            thead { tr { th { "phase" } th.number { "memory" } th.number { "processors" } th.number { "processes" } th { "most of it" } } }
            tbody {
                @for phase in phases {
                    tr {
                        td { (phase.phase) }
                        td.number { (format!("{:.0} MiB", phase.total_mib)) }
                        td.number { (format!("{:.1}", phase.cpus)) }
                        td.number { (phase.processes) }
                        td.quiet {
                            @for (index, part) in phase.parts.iter().take(NAMED_PARTS).enumerate() {
                                @if index > 0 { ", " } (part.name) " " (format!("{:.0}", part.amount))
                            }
                        }
                    }
                }
            }
        }
    }
}
