//! Finding traces.

use maud::{Markup, html};
use store::TraceSummary;

use crate::api::Health;
use crate::pages::format::{duration, time_of_day};
use crate::pages::layout::Page;
use crate::pages::shape::{Shape, state};
use crate::pages::states::{empty, mistake as mistake_of};
use crate::web::Fields;

/// The list, under the form that narrows it.
pub(crate) fn traces(found: &[TraceSummary], asked: &Fields, mistake: Option<&str>, health: &Health) -> Markup {
    let page = Page { title: "Traces", section: "/traces", styles: &["trace.css"], scripts: &[], is_live: true };
    let main = html! {
        form.filters method="get" action="/traces" {
            label { "service" input name="service" value=(asked.service) placeholder="any"; }
            label { "operation" input name="operation" value=(asked.operation) placeholder="any"; }
            label { "traffic.type" (select("traffic_type", &asked.traffic_type, &[("", "any"), ("baseline", "baseline"), ("demo", "demo")])) }
            label { "status" (select("status", &asked.status, &[("", "any"), ("error", "error"), ("ok", "ok")])) }
            label { "at least, ms" input type="number" min="0" step="any" name="min_duration_ms" value=(asked.min_duration_ms) placeholder="0"; }
            button type="submit" { "Find" }
            span.quiet { "Traces with one span that fits everything, the newest first." }
        }
        @if let Some(mistake) = mistake { (mistake_of(mistake)) }
        section #found .panel data-refresh="2" { (list(found)) }
    };
    page.render(&main, Some(health))
}

fn select(name: &str, chosen: &str, choices: &[(&str, &str)]) -> Markup {
    html! {
        select name=(name) {
            @for (value, word) in choices { option value=(value) selected[chosen == *value] { (word) } }
        }
    }
}

fn list(found: &[TraceSummary]) -> Markup {
    if found.is_empty() {
        return empty("No trace fits", &html! { "Take something out of the form, or wait for more spans." });
    }
    let longest = found.iter().map(|trace| trace.duration_ms).fold(1.0, f64::max);
    html! {
        table {
            thead { tr {
                th { "Root" } th { "traffic.type" } th { "State" } th { "Duration" } th.number {} th.number { "Spans" } th.number { "Services" } th.number { "Began (UTC)" }
            } }
            tbody {
                @for trace in found {
                    @let has_errors = trace.errors > 0;
                    tr {
                        td.name { a href={ "/traces/" (trace.trace_id) } { b { (trace.root_operation) } } " " span.quiet { (trace.root_service) } }
                        td { @if let Some(traffic) = &trace.traffic_type { span class={ "chip " (traffic) } { (traffic) } } }
                        td { @if has_errors { (state(Shape::Critical, &format!("{} errors", trace.errors))) } @else { (state(Shape::Ok, "OK")) } }
                        td.duration-cell { span class={ "duration-bar" @if has_errors { " error" } } style={ "width:" (format!("{:.1}%", trace.duration_ms / longest * 100.0)) } {} }
                        td.number { (duration(trace.duration_ms)) }
                        td.number { (trace.spans) }
                        td.number { (trace.services) }
                        td.number.quiet { (time_of_day(trace.start_unix_ms)) }
                    }
                }
            }
        }
    }
}
