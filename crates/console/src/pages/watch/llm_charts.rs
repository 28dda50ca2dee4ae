//! The curves of the page about language models.

use store::{LlmPoint, LlmSummary};

use crate::models::LlmView;
use crate::pages::chart::{Band, Chart, Line, Tone};
use crate::pages::format::{dollars_exactly, duration, plain, rate};

/// A curve of those points at which there is a value.
fn line<'a>(name: &'a str, tone: Tone, points: &[LlmPoint], value: impl Fn(&LlmPoint) -> Option<f64>) -> Line<'a> {
    let points = points.iter().filter_map(|point| Some((point.at_unix_ms, value(point)?))).collect();
    Line { name, tone, points }
}

/// Requests, latency, tokens beside what is usual, and money.
pub(super) fn charts(view: &LlmView) -> [Chart<'_>; 4] {
    let figures = &view.figures;
    let points = &figures.points[..];
    let has_requests = figures.requests.count > 0;
    let main = move |point: &'_ LlmPoint| if has_requests { point.requests.clone() } else { point.calls.clone() };
    let took = |of: &LlmSummary, value: f64| (of.count > 0).then_some(value);
    let chart = |title, lines, words| Chart {
        title,
        stretch: (figures.from_unix_ms, figures.to_unix_ms),
        step_ms: figures.step_seconds * 1000,
        lines,
        band: None,
        words,
    };
    // The band belongs to the attribute that the curve is of; the monitor of all traffic goes before others.
    let attribute = if has_requests { "llm.usage.total_tokens" } else { "gen_ai.usage.input_tokens" };
    let learned = view.baselines.iter().filter(|one| one.attribute == attribute);
    let band = learned
        .filter_map(|one| Some((one.traffic_type.is_some(), one.baseline?, one.limit?)))
        .min_by_key(|(is_narrow, ..)| *is_narrow)
        .map(|(_, usual, limit)| Band { usual, limit });
    let tokens = if has_requests {
        vec![line("tokens", Tone::First, points, |point| point.requests.tokens)]
    } else {
        vec![
            line("in", Tone::First, points, |point| point.calls.tokens_in),
            line("out", Tone::Second, points, |point| point.calls.tokens_out),
        ]
    };
    [
        chart(
            if has_requests { "Requests a minute" } else { "Calls a minute" },
            vec![
                line("all", Tone::First, points, |point| Some(main(point).rate_per_minute)),
                line("failed", Tone::Bad, points, |point| {
                    let summary = main(point);
                    (figures.requests.failed + figures.calls.failed > 0)
                        .then(|| summary.rate_per_minute * summary.failed as f64 / summary.count.max(1) as f64)
                }),
            ],
            rate,
        ),
        chart(
            "Latency",
            vec![
                line("requests p95", Tone::First, points, |point| took(&point.requests, point.requests.p95_ms)),
                line("requests p50", Tone::Third, points, |point| took(&point.requests, point.requests.p50_ms)),
                line("calls p95", Tone::Second, points, |point| took(&point.calls, point.calls.p95_ms)),
            ],
            |ms| duration(ms).to_string(),
        ),
        Chart { band, ..chart(if has_requests { "Tokens a request" } else { "Tokens a call" }, tokens, plain) },
        chart(
            "Cost an hour",
            vec![line("cost", Tone::First, points, |point| {
                main(point).cost_usd_per_hour.or(point.calls.cost_usd_per_hour)
            })],
            dollars_exactly,
        ),
    ]
}
