//! Language models: figures of requests and of the models' calls, curves, errors by kind, tokens and money, and traces.

use maud::{Markup, html};
use store::{LlmError, LlmGroup, LlmKind, LlmSummary, TraceSummary};

use super::llm_charts::charts;
use crate::api::Health;
use crate::models::{LlmBaseline, LlmView};
use crate::pages::format::{count, dollars_exactly, duration, plain, rate, share, stretch, time_of_day};
use crate::pages::layout::{Page, REFRESH_S, heading};
use crate::pages::narrow::{traffic_types, windows};
use crate::pages::shape::{Shape, of_error_rate, state, state_of};
use crate::pages::states::{empty, mistake};
use crate::web::Fields;

/// The stretch that the page shows if none is asked for: an act of some minutes and what was before it.
pub(crate) const LLM_WINDOW: &str = "15m";
/// Kinds of errors that are listed; the rest is in the JSON.
const MOST_ERRORS: usize = 20;

/// The page.
pub(crate) fn llm(view: &LlmView, asked: &Fields, bad: Option<&str>, health: &Health) -> Markup {
    let page =
        Page { title: "LLM", section: "/llm", styles: &["explore.css", "watch.css"], scripts: &[], is_live: true };
    let line = html! {
        "Requests that want an answer of a language model, and the models' own calls. Also as " a href=(asked.address("/api/llm", &[])) { "JSON" } "."
    };
    let controls = html! {
        (traffic_types("/llm", asked, &view.figures.traffic_types))
        (windows("/llm", asked, LLM_WINDOW))
    };
    let main = html! {
        (heading("LLM", &line, &controls))
        @if let Some(message) = bad { (mistake(message)) }
        div #llm data-refresh=(REFRESH_S) { (content(view, health)) }
    };
    page.render(&main, Some(health))
}

fn content(view: &LlmView, health: &Health) -> Markup {
    let figures = &view.figures;
    if figures.requests.count + figures.calls.count == 0 {
        return html! { section.panel { (nothing(health)) (learning(&view.baselines)) } };
    }
    html! {
        section.panel aria-labelledby="llm-figures" {
            h2 #llm-figures.out-of-sight { "Figures of the stretch" }
            (numbers(view))
            (learning(&view.baselines))
        }
        section.panel aria-labelledby="llm-curves" {
            header { h2 #llm-curves { "Over time" } p { "A point for each " (stretch(figures.step_seconds as f64)) "." } }
            div.charts { @for chart in charts(view) { (chart.draw()) } }
        }
        @if !figures.errors.is_empty() { (errors(&figures.errors, figures.requests.count, figures.calls.count)) }
        (groups("llm-traffic", "By traffic", "traffic.type", &figures.traffic))
        @if !figures.models.is_empty() { (models(&figures.models)) }
        (traces("llm-failed", "Failed lately", &view.failed))
        (traces("llm-newest", "The newest", &view.newest))
    }
}

/// What to send, in words.
fn nothing(health: &Health) -> Markup {
    let hint = match health.finished_run {
        Some(_) => {
            html! { "No span of this stretch is about a model. Try " a href="/llm?window=all" { "all of the run" } "." }
        }
        None => html! {
            "Calls appear as soon as spans with " code { "gen_ai.operation.name" } " end: the OpenTelemetry instrumentation of your model's library sets it, with "
            code { "gen_ai.request.model" } " and " code { "gen_ai.usage.input_tokens" } ". Requests are server spans with " code { "llm.endpoint" } "; "
            code { "llm.usage.total_tokens" } " and " code { "llm.cost_usd" } " say what they cost. Send them to "
            code { "http://127.0.0.1:" (health.otlp_http_port) } " (OTLP/HTTP) or " code { ":" (health.otlp_grpc_port) } " (gRPC), or choose a longer stretch above."
        },
    };
    empty("No model was asked in this stretch", &hint)
}

/// Requests where there are any, else calls: what the page is about first.
fn mainly(view: &LlmView) -> (&LlmSummary, &'static str) {
    let figures = &view.figures;
    if figures.requests.count > 0 { (&figures.requests, "request") } else { (&figures.calls, "call") }
}

fn numbers(view: &LlmView) -> Markup {
    let (requests, calls) = (&view.figures.requests, &view.figures.calls);
    let (main, word) = mainly(view);
    let tokens = main.tokens.or(calls.tokens);
    let cost = if main.cost_usd.is_some() { main } else { calls };
    let number = |words: Option<f64>, show: fn(f64) -> String| words.map_or_else(|| "–".to_owned(), show);
    let part = |of: &LlmSummary, part: u64| share(part as f64 / of.count.max(1) as f64).to_string();
    html! {
        dl.figures {
            @if requests.count > 0 { (figure("Requests", &format!("{} /min", rate(requests.rate_per_minute)), &format!("{} ended", count(requests.count)))) }
            @if calls.count > 0 { (figure("Calls of models", &format!("{} /min", rate(calls.rate_per_minute)), &format!("{} ended", count(calls.count)))) }
            (figure("Failed", &part(main, main.failed), &format!("{} of {} {word}s", count(main.failed), count(main.count))))
            @if requests.count > 0 { (latency("Requests, p95", requests)) }
            @if calls.count > 0 { (latency("Calls, p95", calls)) }
            (figure(&format!("Tokens a {word}"), &number(tokens, plain), &format!("in {}, out {}", number(calls.tokens_in, plain), number(calls.tokens_out, plain))))
            (figure(&format!("Cost a {word}"), &number(cost.cost_usd_each, dollars_exactly), &format!("{} in this stretch", number(cost.cost_usd, dollars_exactly))))
            (figure("Cost an hour", &number(cost.cost_usd_per_hour, dollars_exactly), "at the rate of this stretch"))
            (figure("Prompts cut", &count(requests.truncated.max(calls.truncated)), &format!("to fit a limit, of {}", count(main.count))))
            (figure("Fallbacks", &count(requests.fallbacks.max(calls.fallbacks)), "answered by another model"))
        }
    }
}

fn figure(name: &str, value: &str, beside: &str) -> Markup {
    html! { div { dt { (name) } dd { b { (value) } small { (beside) } } } }
}

fn latency(name: &str, summary: &LlmSummary) -> Markup {
    let beside = format!("p50 {}, p99 {}", duration(summary.p50_ms), duration(summary.p99_ms));
    figure(name, &duration(summary.p95_ms).to_string(), &beside)
}

/// Baselines, and those that are still learned.
fn learning(baselines: &[LlmBaseline]) -> Markup {
    html! {
        @for one in baselines {
            p.baseline {
                @if one.is_firing { (state(Shape::Critical, "FIRING")) }
                @else if one.baseline.is_some() { (state(Shape::Ok, "watched")) }
                @else { (state(Shape::NoData, "learning")) }
                a href={ "/monitors#" (one.monitor) } { (one.name) }
                @if let Some(traffic) = &one.traffic_type { span class={ "chip " (traffic) } { (traffic) } }
                span.quiet {
                    code { (one.attribute) } ": "
                    @match (one.baseline, one.limit) {
                        (Some(usual), Some(limit)) => { "usual " b { (plain(usual)) } ", fires above " b { (plain(limit)) } }
                        _ => { "what is usual is not known yet" @if let Some(left) = one.learning_left_ms { ", for " (stretch(left as f64 / 1000.0)) " of traffic more" } }
                    }
                }
            }
        }
    }
}

fn errors(errors: &[LlmError], requests: u64, calls: u64) -> Markup {
    html! {
        section.panel aria-labelledby="llm-errors" {
            header { h2 #llm-errors { "Errors by kind" } p { "By " code { "error.type" } " and the status of HTTP." } }
            div.scroll tabindex="0" role="region" aria-label="Errors by kind, scrolls sideways" { table {
                thead { tr { th scope="col" { "error.type" } th scope="col" { "Status" } th scope="col" { "Of" } th scope="col" { "traffic.type" } th.number scope="col" { "How many" } th.number scope="col" { "Share" } } }
                tbody {
                    @for one in errors.iter().take(MOST_ERRORS) {
                        @let (word, all) = match one.kind { LlmKind::Request => ("requests", requests), LlmKind::Call => ("calls", calls) };
                        tr {
                            td.name { @match &one.error_type { Some(kind) => b { (kind) }, None => span.faint { "not said" } } }
                            td { @match one.status { Some(status) => (status), None => span.faint { "–" } } }
                            td { (word) }
                            td { (traffic(one.traffic_type.as_deref().unwrap_or_default())) }
                            td.number { (count(one.count)) }
                            td.number { (share(one.count as f64 / all.max(1) as f64)) }
                        }
                    }
                }
            } }
            @if errors.len() > MOST_ERRORS { p.quiet { (errors.len() - MOST_ERRORS) " more kinds are in the JSON." } }
        }
    }
}

fn traffic(name: &str) -> Markup {
    html! { @if name.is_empty() { span.faint { "none" } } @else { span class={ "chip " (name) } { (name) } } }
}

fn heads(first: &str) -> Markup {
    html! {
        thead { tr {
            th scope="col" { (first) } th scope="col" { "State" } th.number scope="col" { "Rate" } th.number scope="col" { "Failed" }
            th.number scope="col" { "p50" } th.number scope="col" { "p95" } th.number.roomy scope="col" { "p99" }
            th.number scope="col" { "Tokens" } th.number.roomy scope="col" { "in" } th.number.roomy scope="col" { "out" }
            th.number scope="col" { "Cost each" } th.number scope="col" { "an hour" }
        } }
    }
}

/// One row: figures of requests or of calls, and tokens as those said that know them.
fn row(name: &Markup, summary: &LlmSummary, calls: &LlmSummary) -> Markup {
    let failed = summary.failed as f64 / summary.count.max(1) as f64;
    let number = |value: Option<f64>, show: fn(f64) -> String| html! { td.number { @match value { Some(value) => (show(value)), None => span.faint { "–" } } } };
    let roomy = |value: Option<f64>| html! { td.number.roomy { @match value { Some(value) => (plain(value)), None => span.faint { "–" } } } };
    let cost = if summary.cost_usd.is_some() { summary } else { calls };
    html! {
        tr {
            td.name { (name) }
            td { (state_of(of_error_rate(failed))) }
            td.number { (rate(summary.rate_per_minute)) span.faint { " /min" } }
            td.number { (share(failed)) }
            td.number { (duration(summary.p50_ms)) }
            td.number { (duration(summary.p95_ms)) }
            td.number.roomy { (duration(summary.p99_ms)) }
            (number(summary.tokens.or(calls.tokens), plain))
            (roomy(calls.tokens_in))
            (roomy(calls.tokens_out))
            (number(cost.cost_usd_each, dollars_exactly))
            (number(cost.cost_usd_per_hour, dollars_exactly))
        }
    }
}

fn groups(id: &str, title: &str, first: &str, groups: &[LlmGroup]) -> Markup {
    html! {
        section.panel aria-labelledby=(id) {
            header { h2 id=(id) { (title) } p { "Requests; calls where no request came." } }
            div.scroll tabindex="0" role="region" aria-label={ (title) ", scrolls sideways" } { table {
                (heads(first))
                tbody {
                    @for group in groups {
                        @let summary = if group.requests.count > 0 { &group.requests } else { &group.calls };
                        (row(&traffic(&group.name), summary, &group.calls))
                    }
                }
            } }
        }
    }
}

fn models(models: &[LlmGroup]) -> Markup {
    html! {
        section.panel aria-labelledby="llm-models" {
            header { h2 #llm-models { "By model" } p { "Calls, by the model that was asked for." } }
            div.scroll tabindex="0" role="region" aria-label="By model, scrolls sideways" { table {
                (heads("Model"))
                tbody {
                    @for group in models {
                        @let name = html! { @if group.name.is_empty() { span.faint { "not said" } } @else { b { (group.name) } } };
                        (row(&name, &group.calls, &group.calls))
                    }
                }
            } }
        }
    }
}

/// Traces, if there are any.
pub(super) fn traces(id: &str, title: &str, traces: &[TraceSummary]) -> Markup {
    html! {
        @if !traces.is_empty() {
            section.panel aria-labelledby=(id) {
                h2 id=(id) { (title) }
                (trace_table(title, traces))
            }
        }
    }
}

/// Traces as rows.
pub(super) fn trace_table(label: &str, traces: &[TraceSummary]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label={ (label) ", scrolls sideways" } { table {
            thead { tr { th scope="col" { "Trace" } th scope="col" { "traffic.type" } th.number scope="col" { "Took" } th.number scope="col" { "Span errors" } th.number.roomy scope="col" { "Spans" } th.number scope="col" { "When (UTC)" } } }
            tbody {
                @for trace in traces {
                    tr {
                        td.name { a href={ "/traces/" (trace.trace_id) } { b { (trace.root_operation) } } " " span.quiet { (trace.root_service) } }
                        td { (traffic(trace.traffic_type.as_deref().unwrap_or_default())) }
                        td.number { (duration(trace.duration_ms)) }
                        td.number { @if trace.errors > 0 { (state(Shape::Critical, &count(trace.errors as u64))) } @else { "0" } }
                        td.number.roomy { (trace.spans) }
                        td.number.quiet { (time_of_day(trace.start_unix_ms)) }
                    }
                }
            }
        } }
    }
}
