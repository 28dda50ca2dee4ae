//! What is wrong with the console itself, said above every page for as long as it is so, and the honest line below.

use maud::{Markup, html};

use crate::api::{FinishedRun, Health, Lately};
use crate::pages::format::{bytes, count, stretch, time_of_day};
use crate::pages::shape::{Shape, state};

/// Whatever was not taken in the last minute; hidden if all was.
pub(crate) fn banner(health: &Health, refresh: Option<u32>) -> Markup {
    let Lately { seconds, requests_refused, requests_invalid, spans_rejected } = health.lately;
    let (shape, word) = if requests_refused > 0 {
        (Shape::Critical, "OVERLOAD")
    } else if requests_invalid + spans_rejected > 0 {
        (Shape::Warn, "NOT TAKEN")
    } else {
        return html! { div #banner .banner hidden data-refresh=[refresh] {} };
    };
    html! {
        div #banner class={ "banner " (shape.class()) } role="status" data-refresh=[refresh] {
            (state(shape, word))
            @if requests_refused > 0 {
                span {
                    b { (count(requests_refused)) } " messages were turned away in the last " (stretch(seconds)) ": more came than this console takes. "
                    "Their senders try again; what they give up is missing here."
                }
            }
            @if requests_invalid > 0 {
                span { b { (count(requests_invalid)) } " messages of the last " (stretch(seconds)) " could not be read: too large, or no OTLP." }
            }
            @if spans_rejected > 0 {
                span { b { (count(spans_rejected)) } " spans of the last " (stretch(seconds)) " were invalid: without identifiers, or ended before they began." }
            }
        }
    }
}

/// The page gets no answer any more; `console.js` shows it and says since when.
pub(crate) fn lost() -> Markup {
    html! {
        div #lost .banner.warn hidden role="alert" {
            (state(Shape::Warn, "NO ANSWER"))
            span { "The console does not answer. What you see is from " time {} "; it goes on by itself." }
        }
    }
}

/// Says on every page that what is shown is over.
pub(crate) fn finished(run: &FinishedRun) -> Markup {
    html! {
        aside.finished-run aria-label="Finished run" {
            (state(Shape::NoData, "FINISHED RUN"))
            span { b { (run.id) } ", opened from " code { (run.folder) } }
            span { "The clock stands at " b { (time_of_day(run.at_unix_ms as f64)) " UTC" } ", the end of the run; nothing comes in." }
            @if let Some(lack) = &run.telemetry_lack { span { (state(Shape::Warn, "NO TELEMETRY")) " " (lack) } }
        }
    }
}

/// What came, what was lost, how far back it goes.
pub(crate) fn footer(health: &Health, refresh: Option<u32>) -> Markup {
    let store = &health.store;
    let now = health.at_unix_ms;
    let back = |oldest: u64| (oldest > 0).then(|| stretch(now.saturating_sub(oldest) as f64 / 1000.0));
    let lost = |number: u64, what: &str| {
        html! { span class=[(number > 0).then_some("bad")] { b { (count(number)) } " " (what) } }
    };
    html! {
        footer #footer .foot data-refresh=[refresh] {
            span { b { (count(health.spans_received)) } " spans received" }
            (lost(health.spans_dropped, "rejected as invalid"))
            (lost(health.requests_refused, "messages refused"))
            @if health.requests_invalid > 0 { (lost(health.requests_invalid, "messages unreadable")) }
            @if store.spans_in_overflow > 0 { (lost(store.spans_in_overflow, "counted as “other”")) }
            @if store.spans_out_of_time > 0 { (lost(store.spans_out_of_time, "outside all windows")) }
            @if store.attributes_dropped > 0 { (lost(store.attributes_dropped, "attributes dropped")) }
            @if store.metric_points_dropped > 0 { (lost(store.metric_points_dropped, "metric points dropped")) }
            span { b { (count(store.spans_evicted)) } " evicted to keep the budget, oldest traces first" }
            @if let Some(back) = back(store.oldest_span_unix_ms) { span { "traces of the last " b { (back) } } }
            @if let Some(back) = back(store.oldest_second_unix_ms) { span { "figures of the last " b { (back) } } }
            span { b { (bytes(store.bytes_kept)) } " of " (bytes(store.budget_bytes)) }
            @if store.disk_bytes > 0 { span { b { (bytes(store.disk_bytes)) } " on disk" } }
            @if store.is_disk_failing { span.bad { "the disk can’t be written to" } }
            @if store.disk_files_damaged > 0 { (lost(store.disk_files_damaged, "files damaged and set aside")) }
            @if let Some(recovered) = health.recovered.filter(|recovered| !recovered.clean) {
                (lost(recovered.lost_spans, "spans lost when the console before was killed"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::StoreStats;

    fn health(lately: Lately) -> Health {
        Health {
            status: "ok".into(),
            version: "0".into(),
            uptime_seconds: 1.0,
            spans_received: 0,
            spans_dropped: 0,
            requests_refused: 0,
            requests_invalid: 0,
            otlp_grpc_port: 0,
            otlp_http_port: 0,
            at_unix_ms: 0,
            finished_run: None,
            recovered: None,
            lately,
            store: StoreStats::default(),
        }
    }

    #[test]
    fn the_banner_says_what_was_lost_lately_and_is_hidden_otherwise() {
        let calm = Lately { seconds: 60.0, ..Lately::default() };
        assert!(banner(&health(calm), None).into_string().contains(" hidden>"));
        let refused = banner(&health(Lately { requests_refused: 1200, ..calm }), None).into_string();
        assert!(refused.contains("OVERLOAD") && refused.contains("1\u{2009}200") && !refused.contains(" hidden>"));
        let invalid = banner(&health(Lately { requests_invalid: 3, ..calm }), None).into_string();
        assert!(invalid.contains("NOT TAKEN") && invalid.contains("could not be read"), "{invalid}");
    }
}
