//! Calls of language models: not built yet, and said so; spans that carry their attributes are found already.

use maud::{Markup, html};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::TraceSummary;

use crate::api::Health;
use crate::pages::format::{duration, time_of_day};
use crate::pages::layout::{Page, heading};
use crate::pages::shape::{Shape, state};
use crate::pages::states::empty;

/// Traces with spans of language models.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LlmSpans {
    /// Attributes of which a span has one at least, if it is about a model.
    pub attributes: Vec<String>,
    /// The newest traces with such a span.
    pub traces: Vec<TraceSummary>,
    /// Whether there may be more.
    pub has_more: bool,
}

/// The page.
pub(crate) fn llm(spans: &LlmSpans, health: &Health) -> Markup {
    let page = Page { title: "LLM", section: "/llm", styles: &["watch.css"], scripts: &[], is_live: true };
    let main = html! {
        (heading("LLM", &html! { "Calls of language models. Also as " a href="/api/llm" { "JSON" } "." }, &html! {}))
        aside.panel.coming role="note" {
            (state(Shape::NoData, "NOT BUILT YET"))
            p { "Here requests, latency, errors by kind, tokens and cost per hour will stand. What came so far is listed below." }
        }
        section #llm .panel data-refresh="5" { (list(spans, health)) }
    };
    page.render(&main, Some(health))
}

fn list(spans: &LlmSpans, health: &Health) -> Markup {
    if spans.traces.is_empty() {
        let hint = match health.finished_run {
            Some(_) => html! { "No span of this run is about a model." },
            None => html! {
                "Any span with an attribute such as " code { "gen_ai.request.model" } " appears here. The OpenTelemetry instrumentation of your "
                "model's library sets them; send its spans to " code { "http://127.0.0.1:" (health.otlp_http_port) } " (OTLP/HTTP) or "
                code { ":" (health.otlp_grpc_port) } " (gRPC)."
            },
        };
        return empty("No call of a model came", &hint);
    }
    html! {
        h2 { (spans.traces.len()) @if spans.has_more { " or more" } " traces with a call of a model, the newest first" }
        div.scroll { table {
            thead { tr { th { "Trace" } th { "State" } th.number { "Took" } th.number { "Spans" } th.number { "When (UTC)" } } }
            tbody {
                @for trace in &spans.traces {
                    tr {
                        td.name { a href={ "/traces/" (trace.trace_id) } { b { (trace.root_operation) } } " " span.quiet { (trace.root_service) } }
                        td { @if trace.errors > 0 { (state(Shape::Critical, &format!("{} errors", trace.errors))) } @else { (state(Shape::Ok, "OK")) } }
                        td.number { (duration(trace.duration_ms)) }
                        td.number { (trace.spans) }
                        td.number.quiet { (time_of_day(trace.start_unix_ms)) }
                    }
                }
            }
        } }
    }
}
