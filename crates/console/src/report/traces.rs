//! Evidence traces as waterfalls, each whole, in one scale of time.

use std::collections::HashMap;

use maud::{Markup, html};
use serde_json::{Map, Value};
use store::SpanView;

use crate::pages::format::duration;
use crate::pages::shape::{Shape, state};
use crate::report::shown::minute;
use crate::story::{EvidenceTrace, EvidenceTraces};
use crate::traces::{TraceRow, TraceRows, rows};

/// Steps of indentation; deeper spans stand below each other.
const DEEPEST: usize = 12;
/// Colours of services.
const HUES: usize = 10;
/// Chips beside a span; the rest stands among its attributes.
const MOST_CHIPS: usize = 3;
/// Traces are drawn to the scale of the longest, unless they were too small to see.
const SMALLEST_SHARE: f64 = 0.04;

/// Whether the console that shows them has these traces too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linked {
    /// They lead to the pages of traces.
    Yes,
    /// They stand alone: a report, or a run whose telemetry is not here.
    No,
}

/// All of them.
pub(super) fn traces(kept: &EvidenceTraces, linked: Linked) -> Markup {
    let longest = kept.traces.iter().map(|one| one.duration_ms).fold(0.0, f64::max);
    let first = kept.traces.first().map(|one| one.trace.trace_id.as_str()).filter(|_| linked == Linked::Yes);
    html! {
        section.panel.long.traces {
            h2 { "Traces that show it" }
            @if kept.traces.is_empty() { p.quiet { "No traces were kept with this run." } }
            @for one in &kept.traces { (trace(one, longest, first)) }
            @if !kept.not_found.is_empty() { p.below { "Looked for and not found: " (kept.not_found.join("; ")) "." } }
        }
    }
}

/// One of them; `first` is the trace to compare it with, where pages of traces can be reached.
fn trace(one: &EvidenceTrace, longest: f64, first: Option<&str>) -> Markup {
    let drawn = rows(&one.trace);
    let spans: HashMap<&str, &SpanView> = one.trace.spans.iter().map(|span| (span.span_id.as_str(), span)).collect();
    let is_own_scale = one.duration_ms < longest * SMALLEST_SHARE;
    let width_ms = if is_own_scale { one.duration_ms } else { longest }.max(0.001);
    html! {
        article.evidence aria-label=(one.title) {
            header {
                h3 { (one.title) }
                span class={ "chip " (one.stream) } { (one.stream) }
                @if one.errors > 0 { (state(Shape::Critical, &format!("{} errors", one.errors))) } @else { (state(Shape::Ok, "OK")) }
                b { (duration(one.duration_ms)) }
                span.quiet { "minute " (minute(one.minute)) ", " (one.why) }
                span.quiet { (drawn.rows.len()) " spans, " (drawn.services.len()) " services" }
                code { (drawn.trace_id) }
                @if let Some(first) = first {
                    a href={ "/traces/" (drawn.trace_id) } { "Open" }
                    @if first != drawn.trace_id { a href={ "/traces/compare?a=" (first) "&b=" (drawn.trace_id) } { "Compare with the first" } }
                }
            }
            p.below {
                @if is_own_scale { "Drawn larger than the others: the whole width is " (duration(width_ms)) "." }
                @else { "The whole width is " (duration(width_ms)) "." }
            }
            div.waterfall {
                @for row in &drawn.rows { (line(row, &drawn, width_ms, spans.get(row.span_id.as_str()).copied())) }
                @if one.spans_left_out > 0 { p.below { (one.spans_left_out) " more spans were left out." } }
            }
        }
    }
}

fn line(row: &TraceRow, drawn: &TraceRows, width_ms: f64, span: Option<&SpanView>) -> Markup {
    let share = |ms: f64| format!("{:.2}%", (ms / width_ms * 100.0).clamp(0.0, 100.0));
    let place = format!("left:{};width:{}", share(row.start_ms), share(row.duration_ms));
    html! {
        details class={ "span-row h" (row.service % HUES) } {
            summary {
                span.who style={ "padding-left:" (14 * row.depth.min(DEEPEST)) "px" } {
                    @if row.is_error { (state(Shape::Critical, "")) }
                    b { (row.name) } " " span.service { (drawn.services.get(row.service).map_or("", String::as_str)) }
                    @for chip in row.chips.iter().filter(|chip| chip.is_bad).take(MOST_CHIPS) { " " span.chip.bad { (chip.text) } }
                }
                span.track { span.lasts.error[row.is_error] style=(place) {} }
                span.took { (duration(row.duration_ms)) }
            }
            @if let Some(span) = span {
                div.attributes {
                    @if !span.status_message.is_empty() { p.mistake { (span.status_message) } }
                    (attributes(&span.attributes))
                }
            }
        }
    }
}

fn attributes(attributes: &Map<String, Value>) -> Markup {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_by_key(|(key, _)| key.as_str());
    html! {
        dl.facts {
            @for (key, value) in sorted {
                dt { (key) } dd { @match value { Value::String(text) => (text), other => (other) } }
            }
        }
    }
}
