//! Finding traces.

use maud::{Markup, html};
use store::TraceSummary;

use crate::api::Health;
use crate::pages::format::{count, duration, time_of_day};
use crate::pages::layout::{Page, REFRESH_S, heading};
use crate::pages::shape::{Shape, state};
use crate::pages::states::{empty, mistake};
use crate::web::{BadField, Fields};

/// The list, under the form that narrows it.
pub(crate) fn traces(found: &[TraceSummary], asked: &Fields, bad: Option<&BadField>, health: &Health) -> Markup {
    let page = Page {
        title: "Traces",
        section: "/traces",
        styles: &["uPlot.min.css", "trace.css"],
        scripts: &["uPlot.iife.min.js", "tray.js", "traces.js"],
        is_live: true,
    };
    let main = html! {
        (heading("Traces", &html! { "Traces with one span that fits everything, the newest first." }, &html! {}))
        (form(asked, bad))
        @if let Some(bad) = bad { (mistake(&bad.to_string())) }
        div #tray .tray hidden aria-live="polite" {
            span { "To compare:" }
            span #tray-a .tray-slot {}
            span #tray-b .tray-slot {}
            button #compare type="button" data-key="c" data-key-does="compare the two that are selected" disabled { "Compare" }
            button #tray-clear type="button" { "Clear" }
        }
        section.panel aria-label="Duration over time" {
            header { h2 { "Duration over time" } p { "Each trace that was found: " span.dot-ok {} " OK, " span.dot-error {} " with errors. A click leads to it." } }
            div #scatter .scatter role="img" aria-label="Found traces by start and duration; the list below has the same" {}
        }
        section #found .panel data-refresh=(REFRESH_S) { @if bad.is_none() { (list(found, asked)) } @else { (not_searched()) } }
    };
    page.render(&main, Some(health))
}

fn form(asked: &Fields, bad: Option<&BadField>) -> Markup {
    let is_bad = |field: &str| bad.is_some_and(|bad| bad.field() == field).then_some("true");
    let text = |name: &str, label: &str, value: &str, list: &str| {
        html! { label { (label) input name=(name) value=(value) placeholder="any" list=(list) autocomplete="off" spellcheck="false" aria-invalid=[is_bad(name)]; } }
    };
    let number = |name: &str, label: &str, value: &str, hint: &str| {
        html! { label { (label) input name=(name) value=(value) placeholder=(hint) inputmode="decimal" .short autocomplete="off" aria-invalid=[is_bad(name)]; } }
    };
    html! {
        form #search .filters method="get" action="/traces" {
            (text("service", "service", &asked.service, "services"))
            (text("operation", "operation", &asked.operation, "operations"))
            label { "traffic.type" (select("traffic_type", &asked.traffic_type, &[("", "any"), ("baseline", "baseline"), ("demo", "demo")])) }
            label { "status" (select("status", &asked.status, &[("", "any"), ("error", "error"), ("ok", "ok")])) }
            (number("min_duration_ms", "from, ms", &asked.min_duration_ms, "0"))
            (number("max_duration_ms", "to, ms", &asked.max_duration_ms, "any"))
            label { "within" (select("window", &asked.window, &[("", "all that is kept"), ("1m", "the last minute"), ("5m", "5 minutes"), ("15m", "15 minutes"), ("1h", "an hour")])) }
            label { "show" (select("limit", &asked.limit, &[("", "50"), ("200", "200"), ("500", "500")])) }
            label.wide {
                "attributes, all must hold"
                input name="attributes" value=(asked.attributes) list="attribute-tests" autocomplete="off" spellcheck="false" aria-invalid=[is_bad("attributes")]
                    placeholder="http.response.status_code>=500 db.index_used=NONE user.id~17" data-key="/" data-key-does="search by attribute"
                    title="key=value, key!=value, key>number, >=, <, <=, key~part, or the key alone; values with spaces in quotes";
            }
            button type="submit" { "Find" }
            datalist #services {}
            datalist #operations {}
            datalist #attribute-tests {}
        }
    }
}

fn select(name: &str, chosen: &str, choices: &[(&str, &str)]) -> Markup {
    html! {
        select name=(name) {
            @for (value, word) in choices { option value=(value) selected[chosen == *value] { (word) } }
        }
    }
}

fn list(found: &[TraceSummary], asked: &Fields) -> Markup {
    if found.is_empty() {
        let hint = if asked.narrows_spans() {
            html! { "Take something out of the form, or wait for more spans. " a href="/traces" { "Show all traces" } }
        } else {
            html! { "Nothing has come in yet. Send OTLP to this console, and traces appear here." }
        };
        return empty("No trace fits", &hint);
    }
    let longest = found.iter().map(|trace| trace.duration_ms).fold(1.0, f64::max);
    let failed = found.iter().filter(|trace| trace.errors > 0).count();
    html! {
        header {
            h2 { (count(found.len() as u64)) " found, " (count(failed as u64)) " with errors" }
            p { "Select two and compare them: " kbd { "x" } " then " kbd { "c" } }
        }
        div.scroll { table.found {
            thead { tr {
                th { span.out-of-sight { "Compare" } } th { "Root" } th { "traffic.type" } th { "State" } th { "Duration" } th.number { span.out-of-sight { "In numbers" } }
                th.number.roomy { "Spans" } th.number.roomy { "Services" } th.number { "Began (UTC)" }
            } }
            tbody data-rows { @for trace in found { (row(trace, longest)) } }
        } }
    }
}

/// Instead of the list, while what was asked cannot be read.
fn not_searched() -> Markup {
    empty("Nothing was searched for", &html! { "Mend the field that is marked, and find again." })
}

fn row(trace: &TraceSummary, longest: f64) -> Markup {
    let has_errors = trace.errors > 0;
    let title = format!("{} {}", trace.root_service, trace.root_operation);
    html! {
        tr id={ "t-" (trace.trace_id) } data-trace=(trace.trace_id) data-title=(title) data-start=(format!("{:.3}", trace.start_unix_ms)) data-ms=(format!("{:.3}", trace.duration_ms)) data-errors=(trace.errors) {
            td.pick { input type="checkbox" aria-label={ "Compare " (title) ", " (duration(trace.duration_ms)) }; }
            td.name { a href={ "/traces/" (trace.trace_id) } { b { (trace.root_operation) } } " " span.quiet { (trace.root_service) } }
            td { @if let Some(traffic) = &trace.traffic_type { span class={ "chip " (traffic) } { (traffic) } } }
            td { @if has_errors { (state(Shape::Critical, &errors(trace.errors))) } @else { (state(Shape::Ok, "OK")) } }
            td.duration-cell { span class={ "duration-bar" @if has_errors { " error" } } style={ "width:" (format!("{:.1}%", trace.duration_ms / longest * 100.0)) } {} }
            td.number { (duration(trace.duration_ms)) }
            td.number.roomy { (trace.spans) }
            td.number.roomy { (trace.services) }
            td.number.quiet { (time_of_day(trace.start_unix_ms)) }
        }
    }
}

/// `1 error`, `4 errors`.
pub(crate) fn errors(number: usize) -> String {
    if number == 1 { "1 error".into() } else { format!("{number} errors") }
}
