//! One trace as a waterfall.

use detect::SpanStatus;
use maud::{Markup, html};
use serde_json::{Map, Value};
use store::TraceView;

use crate::api::Health;
use crate::pages::format::{duration, time_of_day};
use crate::pages::layout::Page;
use crate::pages::shape::{Shape, state};
use crate::pages::trace_tree::{Row, rows, services};

/// Rows that one page draws; the rest is counted.
const MOST_ROWS: usize = 2000;
/// Steps of indentation; deeper spans stand below each other.
const DEEPEST: usize = 20;
/// Colours of services.
const HUES: usize = 10;

const PAGE: Page<'_> =
    Page { title: "Trace", section: "/traces", styles: &["trace.css"], scripts: &["trace.js"], is_live: false };

/// When the trace began and how long it lasted.
struct Extent {
    start_ns: u64,
    length_ms: f64,
}

impl Extent {
    fn of(trace: &TraceView) -> Self {
        let start = |span: &store::SpanView| span.start_unix_nanos.parse::<u64>().unwrap_or(0);
        let start_ns = trace.spans.iter().map(start).min().unwrap_or(0);
        let end_ms = |span: &store::SpanView| (start(span) - start_ns) as f64 / 1e6 + span.duration_ms;
        Self { start_ns, length_ms: trace.spans.iter().map(end_ms).fold(0.0, f64::max).max(0.001) }
    }

    /// Left edge and width of a span, in percent.
    fn place(&self, span: &store::SpanView) -> (f64, f64) {
        let start_ns = span.start_unix_nanos.parse::<u64>().unwrap_or(self.start_ns);
        let offset_ms = start_ns.saturating_sub(self.start_ns) as f64 / 1e6;
        (offset_ms / self.length_ms * 100.0, span.duration_ms / self.length_ms * 100.0)
    }
}

/// The page of one trace.
pub(crate) fn trace(trace: &TraceView, health: &Health) -> Markup {
    let extent = Extent::of(trace);
    let services = services(trace);
    let rows = rows(trace);
    let errors = trace.spans.iter().filter(|span| span.status == SpanStatus::Error).count();
    let depth = rows.iter().map(|row| row.depth + 1).max().unwrap_or(0);
    let root = rows.first().map(|row| row.span);
    let main = html! {
        section.panel.facts {
            h1 { (root.map_or("", |span| &span.name)) }
            @if errors > 0 { (state(Shape::Critical, &format!("{errors} errors"))) } @else { (state(Shape::Ok, "OK")) }
            span { b { (duration(extent.length_ms)) } }
            span { (trace.spans.len()) " spans, " (services.len()) " services, " (depth) " levels" }
            @if let Some(Value::String(traffic)) = root.and_then(|span| span.attributes.get("traffic.type")) {
                span class={ "chip " (traffic) } { (traffic) }
            }
            span.quiet { (time_of_day(extent.start_ns as f64 / 1e6)) " UTC" }
            span.quiet { code { (trace.trace_id) } }
            a href={ "/api/traces/" (trace.trace_id) } { "JSON" }
            @if errors > 0 { button #next-error type="button" title="key e" { "Next error" } }
        }
        section.panel.waterfall aria-label="Waterfall" {
            div.ruler {
                span { "service and operation" }
                div.ticks {
                    @for quarter in 0..=4u32 {
                        span style={ "left:" (quarter * 25) "%" } { (duration(extent.length_ms * f64::from(quarter) / 4.0)) }
                    }
                }
            }
            @for row in rows.iter().take(MOST_ROWS) { (line(row, &extent, &services)) }
            @if rows.len() > MOST_ROWS { p.empty { (rows.len() - MOST_ROWS) " more spans are in the JSON." } }
        }
    };
    PAGE.render(&main, Some(health))
}

fn line(row: &Row<'_>, extent: &Extent, services: &[&str]) -> Markup {
    let span = row.span;
    let is_error = span.status == SpanStatus::Error;
    let hue = services.iter().position(|name| *name == span.service).unwrap_or(0) % HUES;
    let (left, width) = extent.place(span);
    html! {
        details class={ "h" (hue) @if is_error { " error" } } {
            summary {
                div.row {
                    span.who style={ "padding-left:" (16 + 16 * row.depth.min(DEEPEST)) "px" } {
                        @if is_error { (state(Shape::Critical, "")) }
                        b { (span.name) }
                        span.service { (span.service) }
                        @if row.is_orphan { span.chip { "parent not here" } }
                        (chips(&span.attributes))
                    }
                    div.track {
                        span class={ "span" @if is_error { " error" } } style={ "left:" (format!("{left:.3}%")) ";width:" (format!("{width:.3}%")) } {}
                        span.time style={ "left:" (format!("{:.3}%", left + width)) } { (duration(span.duration_ms)) }
                    }
                }
            }
            div.more {
                (facts("Span", span))
                div {
                    @for event in &span.events {
                        p { b { (event.name) } }
                        (attributes(&event.attributes))
                    }
                    p.faint { "Resource" }
                    (attributes(&span.resource))
                }
            }
        }
    }
}

/// What explains a span at a glance.
fn chips(attributes: &Map<String, Value>) -> Markup {
    let is_true = |key: &str| attributes.get(key) == Some(&Value::Bool(true));
    html! {
        span.chips {
            @if is_true("db.full_table_scan") { span.chip.bad { "full table scan" } }
            @if is_true("db.connection.pool.exhausted") { span.chip.bad { "pool exhausted" } }
            @if let Some(Value::String(index)) = attributes.get("db.index_used") {
                span class={ "chip" @if index == "NONE" { " bad" } } { "index " (index) }
            }
            @if let Some(Value::Number(rows)) = attributes.get("db.rows_scanned") { span.chip { (rows) " rows" } }
            @if let Some(Value::Number(code)) = attributes.get("http.response.status_code") {
                span class={ "chip" @if code.as_u64().is_some_and(|code| code >= 500) { " bad" } } { (code) }
            }
        }
    }
}

fn facts(title: &str, span: &store::SpanView) -> Markup {
    html! {
        div {
            p.faint { (title) " " (span.span_id) " · " (span.kind.word()) }
            @if !span.status_message.is_empty() { p.mistake { (span.status_message) } }
            (attributes(&span.attributes))
        }
    }
}

fn attributes(attributes: &Map<String, Value>) -> Markup {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_by_key(|(key, _)| key.as_str());
    html! {
        table { tbody {
            @for (key, value) in sorted {
                tr { th { (key) } td { @match value { Value::String(text) => (text), other => (other) } } }
            }
        } }
    }
}

/// The page for a trace that is not here.
pub(crate) fn no_trace(trace_id: &str, health: &Health) -> Markup {
    let main = html! {
        div.panel.empty {
            strong { "This trace is not here" }
            code { (trace_id) } " never came, or has left to make room for newer ones. "
            a href="/traces" { "Traces that are here" }
        }
    };
    PAGE.render(&main, Some(health))
}
