//! What was asked, and how to play it again.

use maud::{Markup, html};

use crate::pages::format::{bytes, count, share, stretch};
use crate::report::shown::{edge, minute, moment};
use crate::story::{RunStory, ServiceTimes};

/// The facts.
pub(super) fn facts(story: &RunStory) -> Markup {
    let facts = &story.facts;
    let or_dash = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    let took = story.real_seconds(facts.ended_minute);
    let mut rows = vec![
        ("started", moment(&facts.started_at)),
        (
            "ended",
            format!("minute {} of {}, after {}", minute(facts.ended_minute), edge(story.play.minutes), stretch(took)),
        ),
        (
            "monitors",
            if facts.monitors == "own" { "a file of the user's own".to_owned() } else { "as shipped".to_owned() },
        ),
        ("service times", calibration(&facts.calibration, facts.service_times.as_ref())),
        (
            "first trace",
            facts.first_trace_seconds.map_or_else(|| "–".to_owned(), |s| format!("{s:.1} s after the command")),
        ),
        ("request sequence", or_dash(&facts.request_digest)),
        ("Doorbuster", or_dash(&facts.doorbuster)),
    ];
    if let Some(kept) = &story.telemetry {
        let kept = format!(
            "{} spans, {} log records, {} points of metrics, {} of Parquet",
            count(kept.spans),
            count(kept.logs),
            count(kept.metric_points),
            bytes(kept.bytes)
        );
        rows.push(("kept", kept));
    }
    html! {
        section.panel {
            h2 { "Play it again" }
            pre.command { code { (facts.reproduce) } }
            p.below { "The same seed gives the same arrivals, journeys, users and products." }
        }
        section.panel {
            h2 { "This run" }
            dl.facts { @for (name, value) in rows { dt { (name) } dd { (value) } } }
        }
    }
}

fn calibration(calibration: &str, times: Option<&ServiceTimes>) -> String {
    let how = match calibration {
        "none" => "as this machine scans",
        _ => "held to the scenario's target",
    };
    match times {
        None => how.to_owned(),
        Some(times) => format!(
            "{how}; within {} of it in {} looks, the scan alone took {:.0} ms (median)",
            share(times.worst_deviation),
            times.looks,
            times.scan_median_ms
        ),
    }
}
