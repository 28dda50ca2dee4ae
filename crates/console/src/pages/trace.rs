//! One trace as a waterfall.
//!
//! The first rows come with the page; `waterfall.js` then takes all rows from the JSON twin and keeps only those in the
//! document that can be seen, so that a row is made in two places: [`row`] here, `rowOf` there. They must look the same.

use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::api::Health;
use crate::pages::format::{count, duration, time_of_day};
use crate::pages::layout::Page;
use crate::pages::shape::{Shape, state};
use crate::pages::states::empty;
use crate::pages::traces::errors;
use crate::traces::{Chip, TraceRow, TraceRows};

/// Rows that come with the page: more than a screen has.
const FIRST_ROWS: usize = 60;
/// Height of a row in pixels; `trace.css` and `waterfall.js` have it too.
const ROW_PX: usize = 28;
/// Steps of indentation; deeper spans stand below each other.
const DEEPEST: usize = 20;
/// Colours of services.
const HUES: usize = 10;

const PAGE: Page<'_> = Page {
    title: "Trace",
    section: "/traces",
    styles: &["trace.css"],
    scripts: &["tray.js", "waterfall.js"],
    is_live: false,
};

/// The page of one trace; `traffic_type` is that of its root.
pub(crate) fn trace(rows: &TraceRows, traffic_type: Option<&str>, health: &Health) -> Markup {
    let failed = rows.rows.iter().filter(|row| row.is_error).count();
    let depth = rows.rows.iter().map(|row| row.depth + 1).max().unwrap_or(0);
    let root = rows.rows.first();
    let title = root.map_or("", |root| &root.name);
    let main = html! {
        section.panel.facts {
            h1 { (title) }
            @if failed > 0 { (state(Shape::Critical, &errors(failed))) } @else { (state(Shape::Ok, "OK")) }
            span { b { (duration(rows.duration_ms)) } }
            span { (count(rows.rows.len() as u64)) " spans, " (rows.services.len()) " services, " (depth) " levels" }
            @if let Some(traffic) = traffic_type { span class={ "chip " (traffic) } { (traffic) } }
            span.quiet { (time_of_day(rows.start_unix_ms)) " UTC" }
            span.quiet { code { (rows.trace_id) } }
            span.links {
                a href={ "/logs?trace_id=" (rows.trace_id) } { "Logs of this trace" }
                a href={ "/api/traces/" (rows.trace_id) } { "JSON" }
            }
            @if rows.left_out > 0 {
                p.mistake role="status" { (state(Shape::Warn, "CUT")) span { (count(rows.left_out)) " more spans of this trace are kept and not shown: one trace is given out up to " (count(rows.rows.len() as u64)) " spans." } }
            }
        }
        div.split {
            section #waterfall .panel.waterfall aria-label="Waterfall" data-trace=(rows.trace_id) data-title=(title) data-ms=(format!("{:.3}", rows.duration_ms)) {
                div.tools {
                    label.finder { span.out-of-sight { "Search in this trace" } input #find type="search" placeholder="search in this trace" autocomplete="off" spellcheck="false" data-key="/" data-key-does="search in this trace"; }
                    span #matches .quiet aria-live="polite" {}
                    button #next-error type="button" data-key="e" data-key-does="next error; E the one before" disabled[failed == 0] { "Next error" }
                    button #critical-toggle type="button" data-key="p" data-key-does="critical path on or off" aria-pressed="true" { "Critical path" }
                    button #fold type="button" data-key="z" data-key-does="fold all, or unfold all" { "Fold all" }
                    button #to-tray type="button" data-key="x" data-key-does="select for comparing" { "Compare with …" }
                }
                canvas #minimap .minimap width="1200" height="56" aria-hidden="true" {}
                div #rows .rows tabindex="0" role="treegrid" aria-label="Spans" aria-rowcount=(rows.rows.len()) aria-colcount="2" {
                    div.ruler aria-hidden="true" {
                        span { "service and operation" }
                        div.ticks {
                            @for quarter in 0..=4u32 {
                                span style={ "left:" (quarter * 25) "%" } { (duration(rows.duration_ms * f64::from(quarter) / 4.0)) }
                            }
                        }
                    }
                    div #spacer .spacer style={ "height:" (rows.rows.len() * ROW_PX) "px" } {
                        @for (index, row) in rows.rows.iter().enumerate().take(FIRST_ROWS) { (line(index, row, rows)) }
                    }
                }
            }
            section #details .panel.details hidden aria-label="Span" {}
        }
    };
    PAGE.render(&main, Some(health))
}

fn percent(of: f64, whole: f64) -> String {
    format!("{:.3}%", if whole > 0.0 { of / whole * 100.0 } else { 0.0 })
}

fn line(index: usize, row: &TraceRow, all: &TraceRows) -> Markup {
    let whole = all.duration_ms;
    let service = all.services.get(row.service).map_or("", String::as_str);
    let end = row.start_ms + row.duration_ms;
    html! {
        div id={ "row-" (index) } class={ "line h" (row.service % HUES) @if row.is_error { " error" } } role="row"
            aria-level=(row.depth + 1) aria-rowindex=(index + 1) aria-expanded=[(row.below > 0).then_some("true")] style={ "top:" (index * ROW_PX) "px" } {
            div.who role="gridcell" style={ "padding-left:" (8 + 14 * row.depth.min(DEEPEST)) "px" } {
                span.twist { @if row.below > 0 { "▾" } }
                @if row.is_error { (state(Shape::Critical, "")) }
                b { (row.name) }
                span.service { (service) }
                span.chips { @if row.is_orphan { span.chip { "parent not here" } } (chips(&row.chips)) }
            }
            div.track role="gridcell" {
                span.span-bar style={ "left:" (percent(row.start_ms, whole)) ";width:" (percent(row.duration_ms, whole)) } {}
                @for (from, to) in &row.critical { span.critical-part style={ "left:" (percent(*from, whole)) ";width:" (percent(to - from, whole)) } {} }
                @for at in &row.events { span.event style={ "left:" (percent(*at, whole)) } {} }
                // Behind the bar; where there is no room, before it or in it.
                @if end <= whole * 0.85 {
                    span.time style={ "left:" (percent(end, whole)) } { (duration(row.duration_ms)) }
                } @else if row.start_ms >= whole * 0.15 {
                    span.time style={ "right:" (percent(whole - row.start_ms, whole)) } { (duration(row.duration_ms)) }
                } @else {
                    span.time.inside style={ "right:" (percent((whole - end).max(0.0), whole)) } { (duration(row.duration_ms)) }
                }
            }
        }
    }
}

fn chips(chips: &[Chip]) -> Markup {
    html! { @for chip in chips { span class={ "chip" @if chip.is_bad { " bad" } } { (chip.text) } } }
}

/// What is known of one span, as a part that the page takes in.
pub(crate) fn span_details(span: &store::SpanView, self_ms: f64) -> Markup {
    html! {
        header {
            h2 { (span.name) }
            button #close-details type="button" { "Close" }
            span.quiet { (span.service) ", " (span.kind.word()) }
            span { b { (duration(span.duration_ms)) } span.quiet { ", of it " (duration(self_ms)) " itself" } }
            code { (span.span_id) }
        }
        @if span.status == detect::SpanStatus::Error {
            p.mistake { (state(Shape::Critical, "ERROR")) span { (span.status_message) } }
        }
        div.more {
            div { h3 { "Attributes" } (attributes(&span.attributes)) }
            div {
                @if !span.events.is_empty() { h3 { "Events" } }
                @for event in &span.events {
                    p { b { (event.name) } }
                    (attributes(&event.attributes))
                }
                @if !span.links.is_empty() { h3 { "Links" } }
                @for link in &span.links {
                    @if let Some(trace_id) = link.get("trace_id").and_then(Value::as_str) {
                        p { a href={ "/traces/" (trace_id) } { code { (trace_id) } } }
                    }
                }
                h3 { "Resource" }
                (attributes(&span.resource))
            }
        }
    }
}

fn attributes(attributes: &Map<String, Value>) -> Markup {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_by_key(|(key, _)| key.as_str());
    html! {
        @if sorted.is_empty() { p.faint { "none" } }
        table { tbody {
            @for (key, value) in sorted {
                tr { th { (key) } td { @match value { Value::String(text) => (text), other => (other) } } }
            }
        } }
    }
}

/// The page for a trace that is not here.
pub(crate) fn no_trace(trace_id: &str, health: &Health) -> Markup {
    let hint = html! {
        code { (trace_id) } " never came, or has left to make room for newer ones. "
        a href="/traces" { "Traces that are here" }
    };
    PAGE.render(
        &html! { h1.out-of-sight { "Trace" } div.panel { (empty("This trace is not here", &hint)) } },
        Some(health),
    )
}
