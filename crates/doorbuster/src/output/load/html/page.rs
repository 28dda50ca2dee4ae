//! The page itself.

use console::report::Document;
use jiff::Timestamp;
use maud::{Markup, PreEscaped, html};
use scenario::{Outcome, ThresholdResult};

use super::series::Series;
use crate::output::load::figures::{Level, OutcomeFigures, Percentiles, Row, Totals};
use crate::output::load::summary::differ;
use crate::output::load::{Judged, bound};
use crate::output::style;

const LOAD_CSS: &str = include_str!("../../../../assets/load.css");
const LOAD_JS: &str = include_str!("../../../../assets/load.js");

/// The whole file.
pub(crate) fn render(judged: &Judged) -> String {
    let series = Series::of(&judged.report);
    let title = format!("{} · {}", judged.word(), judged.report.title);
    let kind = format!("load test {}", judged.report.name);
    let document = Document { title: &title, kind: &kind, style: LOAD_CSS, script: LOAD_JS, data: &series.to_json() };
    document.render(&html! {
        (head(judged))
        (thresholds(&judged.results))
        (tools(&series))
        (charts())
        (steps(&judged.rows))
        (facts(judged))
    })
}

fn head(judged: &Judged) -> Markup {
    let (tone, state) = match judged.outcome {
        Outcome::Pass => ("pass", "ok"),
        Outcome::Fail => ("fail", "critical"),
        Outcome::Invalid => ("invalid", "warn"),
    };
    let totals = &judged.totals;
    html! {
        section.panel.head.(tone) {
            h1 { (judged.report.title) }
            p.outcome {
                span.state.(state) { (shape(judged.outcome)) (judged.word()) }
                span { (judged.meaning()) }
            }
            @if judged.reasons().next().is_some() {
                ul.reasons { @for reason in judged.reasons() { li { (reason) } } }
            }
            dl.figures { (figures(totals, judged.report.elapsed_seconds)) }
        }
    }
}

fn figures(totals: &Totals, seconds: f64) -> Markup {
    let rate = if seconds > 0.0 { totals.completed as f64 / seconds } else { 0.0 };
    let latency = &totals.latency_ms;
    html! {
        (figure("visits answered", &style::count(totals.completed), false))
        (figure("visits a second", style::rate(rate).trim_end_matches("/s"), false))
        (figure("failed", &style::percent(totals.error_rate), totals.errors > 0))
        (figure("median", &style::fine_latency(latency.p50), false))
        (figure("95th percentile", &style::fine_latency(latency.p95), false))
        (figure("99th percentile", &style::fine_latency(latency.p99), false))
        (figure("slowest", &style::fine_latency(latency.max), false))
        (figure("dropped", &style::count(totals.dropped), totals.dropped > 0))
    }
}

fn figure(name: &str, value: &str, is_bad: bool) -> Markup {
    html! { div class=[is_bad.then_some("bad")] { dt { (name) } dd { (value) } } }
}

/// A shape beside the colour and the word.
fn shape(outcome: Outcome) -> Markup {
    let inner = match outcome {
        Outcome::Pass => r#"<circle cx="8" cy="8" r="7" fill="currentColor"/>"#,
        Outcome::Fail => r#"<rect x="1.5" y="1.5" width="13" height="13" fill="currentColor"/>"#,
        Outcome::Invalid => r#"<path d="M8 1 15.5 15H.5z" fill="currentColor"/>"#,
    };
    html! { svg viewBox="0 0 16 16" aria-hidden="true" { (PreEscaped(inner)) } }
}

fn thresholds(results: &[ThresholdResult]) -> Markup {
    html! {
        section.panel {
            h2 { "Thresholds" }
            @if results.is_empty() {
                p.quiet { "The file says nothing of what is good enough." }
            } @else {
                div.scroll {
                    table {
                        thead { tr { th { "" } th { "of" } th { "measure" } th.number { "limit" } th.number { "measured" } } }
                        tbody {
                            @for result in results {
                                @let outcome = if result.holds { Outcome::Pass } else { Outcome::Fail };
                                tr {
                                    td { span.state.(if result.holds { "ok" } else { "critical" }) { (shape(outcome)) (if result.holds { "holds" } else { "broken" }) } }
                                    td.name { (result.subject) }
                                    td { (result.limit.name()) }
                                    td.number { (bound(result)) }
                                    td.number { (result.seen) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn tools(series: &Series) -> Markup {
    html! {
        div.tools {
            @if series.streams.len() > 1 {
                div.choice role="group" aria-label="Stream shown in the charts" {
                    @for (index, stream) in series.streams.iter().enumerate() {
                        button type="button" data-stream=(index) aria-pressed=(index == 0) { (stream.name) }
                    }
                }
            }
            div.choice role="group" aria-label="Scale of latencies" {
                button type="button" data-log="false" aria-pressed="true" { "linear" }
                button type="button" data-log="true" aria-pressed="false" { "logarithmic" }
            }
        }
    }
}

fn charts() -> Markup {
    html! {
        div.charts {
            (chart("rate", true, "Arrivals a second", "By the moment at which they were due. What is due and not answered is under way, failed, or never left."))
            (chart("latency", true, "Latency over time", "From the moment at which a visit was due to its last answer, by the moment at which it was due."))
            (chart("percentiles", false, "Latency by percentile", "How slow the slowest share is. Where the two lines part, the generator was late and a tool that forgets it would not have told."))
            (chart("lag", false, "Schedule lag by percentile", "How late the generator itself let arrivals go. It is part of every latency above."))
        }
    }
}

fn chart(kind: &str, is_wide: bool, title: &str, about: &str) -> Markup {
    html! {
        section.panel.wide[is_wide] {
            h2 { (title) }
            p { (about) }
            ul.key {}
            div.plot data-kind=(kind) role="img" aria-label=(title) { noscript { "Curves need this page's script; all figures stand in the tables." } }
        }
    }
}

fn steps(rows: &[Row]) -> Markup {
    html! {
        section.panel.long {
            h2 { "Streams, journeys, steps" }
            p.below { "Streams and journeys count visits, steps count requests. Small below a latency: from the actual start, where that is another number." }
            div.scroll {
                table.steps {
                    thead {
                        tr {
                            th { "" } th.number { "count" } th.number { "a second" } th.number { "failed" }
                            th.number { "p50" } th.number { "p90" } th.number { "p95" } th.number { "p99" } th.number { "max" } th { "outcomes" }
                        }
                    }
                    tbody { @for row in rows { (step_row(row)) } }
                }
            }
        }
    }
}

fn step_row(row: &Row) -> Markup {
    let level = match row.level {
        Level::Stream => "stream",
        Level::Journey => "journey",
        Level::Step => "step",
    };
    html! {
        tr.(level) {
            td.name.{ "level-" (level) } { (row.name()) }
            td.number { (style::count(row.completed)) }
            td.number { (style::rate(row.per_second).trim_end_matches("/s")) }
            td.number { (style::percent(row.error_rate)) }
            (latencies(&row.latency_ms, &row.uncorrected_latency_ms))
            td { div.outcomes { @for outcome in &row.outcomes { (chip(outcome)) } } }
        }
    }
}

fn latencies(corrected: &Percentiles, uncorrected: &Percentiles) -> Markup {
    html! {
        @for (corrected, uncorrected) in corrected.all().into_iter().zip(uncorrected.all()) {
            td.number {
                (style::fine_latency(corrected))
                @if differ(corrected, uncorrected) { span.also { (style::fine_latency(uncorrected)) } }
            }
        }
    }
}

fn chip(outcome: &OutcomeFigures) -> Markup {
    let latency = format!("p50 {}, p99 {}", style::fine_latency(outcome.p50_ms), style::fine_latency(outcome.p99_ms));
    html! { span.chip.bad[outcome.is_error] title=(latency) { (outcome.outcome) " × " (style::count(outcome.count)) } }
}

fn facts(judged: &Judged) -> Markup {
    let (report, totals) = (&judged.report, &judged.totals);
    let cost = &report.generator;
    let each = |us: Option<f64>| us.map_or_else(|| "–".to_owned(), |us| format!("{us:.1} µs"));
    let lag = &totals.schedule_lag_ms;
    let rows = [
        ("started", started(report.started_unix)),
        ("took", format!("{:.1} s of {:.1} s", report.elapsed_seconds, report.planned_seconds)),
        ("model", format!("{}{}", report.model, judged.shares().replace('`', ""))),
        ("seed", report.seed.to_string()),
        ("schedule", if report.request_digest.is_empty() { "–".to_owned() } else { report.request_digest.clone() }),
        ("arrivals due", style::count(totals.due)),
        ("requests", style::count(totals.requests)),
        ("under way at most", style::count(report.most_in_flight)),
        (
            "schedule lag",
            format!(
                "p50 {}, p99 {}, max {}",
                style::fine_latency(lag.p50),
                style::fine_latency(lag.p99),
                style::fine_latency(lag.max)
            ),
        ),
        (
            "generator",
            format!(
                "{:.2} s of CPU, {} a request ({} in user mode), {:.0} MiB of memory at most",
                cost.user_cpu_seconds + cost.system_cpu_seconds,
                each(totals.cpu_us_per_request),
                each(totals.user_cpu_us_per_request),
                cost.peak_memory_bytes as f64 / 1_048_576.0
            ),
        ),
    ];
    html! {
        section.panel {
            h2 { "This run" }
            dl.facts { @for (name, value) in rows { dt { (name) } dd { (value) } } }
        }
    }
}

/// In UTC, to the second.
fn started(unix: f64) -> String {
    match Timestamp::from_second(unix as i64) {
        Ok(moment) if unix > 0.0 => moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        _ => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::load::testing;

    #[test]
    fn the_page_stands_alone_and_shows_what_came_of_it() {
        let page = render(&testing::judged());
        for part in [
            "<!DOCTYPE html>",
            "Checkout holds",
            "FAIL",
            "p95",
            "POST /cart/${cart_id}/add",
            "default-src 'none'",
            "new uPlot",
        ] {
            assert!(page.contains(part), "{part:?} is missing");
        }
        // uPlot names its home in a comment, SVG its namespace: neither is fetched.
        for foreign in [" src=", "@import", "url(", "fetch(", "XMLHttpRequest", "EventSource", "<iframe"] {
            assert!(!page.contains(foreign), "{foreign:?} would load something");
        }
    }

    #[test]
    fn names_from_a_file_are_text_and_nothing_else() {
        let mut report = testing::report();
        report.title = "<img onerror=alert(1)>".to_owned();
        report.streams[0].journeys[0].steps[0].step = "</td><script>alert(2)</script>".to_owned();
        let page = render(&testing::judged_of(report));
        assert!(!page.contains("<img") && !page.contains("<script>alert"), "{page}");
    }
}
