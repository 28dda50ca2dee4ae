//! All parts in the order to read them.

use maud::{Markup, html};

use crate::report::charts::{ChartData, charts};
use crate::report::document::Document;
use crate::report::traces::Linked;
use crate::report::{alerts, cost, expectations, facts, head, proofs, timeline, traces};
use crate::story::{EvidenceTraces, RunStory};

const RUN_CSS: &str = include_str!("../../assets/run.css");
const RUN_JS: &str = include_str!("../../assets/run.js");

/// A finished run as one HTML file that needs nothing else.
pub fn render(story: &RunStory, kept: &EvidenceTraces) -> String {
    let title = format!("{} · {}", story.outcome().word(), story.facts.title);
    let kind = format!("run {}", story.facts.id);
    let data = ChartData::of(story);
    let document = Document { title: &title, kind: &kind, style: RUN_CSS, script: RUN_JS, data: &data.to_json() };
    document.render(&parts(story, kept, &data, Linked::No))
}

/// What a run's page shows, in a report and in the console.
pub(crate) fn parts(story: &RunStory, kept: &EvidenceTraces, data: &ChartData, linked: Linked) -> Markup {
    html! {
        (head::head(story))
        (timeline::timeline(story))
        (charts(data))
        (alerts::alerts(story))
        (proofs::proofs(story))
        (traces::traces(kept, linked))
        (expectations::expectations(story))
        (cost::cost(story))
        (facts::facts(story))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Alert, PlayFault, PlayPhase, PlayProof, PlayVerdict, TransitionState};
    use crate::story::{AlertTiming, AlertWindow, Cost, EvidenceTrace, MeasuredCurve, Restoration};
    use detect::{SpanKind, SpanStatus};
    use store::{SpanView, TraceView};

    const EVIL: &str = "</script><img src=x onerror=alert(1)>";

    fn story() -> RunStory {
        let mut story = RunStory { format: 1, ..RunStory::default() };
        story.facts.id = "black-friday-1".into();
        story.facts.title = "An index is dropped".into();
        story.facts.speed = 10.0;
        story.facts.ended_minute = 33.0;
        story.facts.start_unix = 1000.0;
        story.facts.cost =
            Some(Cost { failed_checkouts: 4200, lost_revenue_usd: 123_456.0, by_stream_usd: Vec::new() });
        story.play.minutes = 33.0;
        story.play.phases = vec![PlayPhase { name: "peak".into(), from: 0.0, to: 33.0 }];
        story.play.faults = vec![PlayFault {
            id: "missing-index".into(),
            kind: "drop_index".into(),
            from: 15.0,
            until: 30.0,
            state: "undone".into(),
        }];
        story.play.proofs = vec![PlayProof {
            fault: "missing-index".into(),
            claim: "it is gone".into(),
            holds: Some(true),
            seen: "no".into(),
        }];
        story.play.verdict = Some(PlayVerdict { outcome: "fail".into(), reasons: vec!["too late".into()] });
        story.restored = vec![Restoration { fault: "missing-index".into(), restored: true, seen: "it is back".into() }];
        story.alert_windows = vec![AlertWindow {
            monitor: "flow".into(),
            stream: Some("demo".into()),
            from: 22.0,
            to: 23.0,
            resolves_by: Some(33.0),
            fired: Some(24.25),
            resolved: Some(31.0),
            timing: AlertTiming::Late,
            is_flow: true,
        }];
        story.alerts = vec![Alert {
            seq: 1,
            monitor: "nobody-expects".into(),
            state: TransitionState::Firing,
            at_unix_ms: 1_060_000,
            traffic_type: None,
            value: None,
            threshold: None,
            summary: "it was so".into(),
        }];
        let curve = |stream: &str, rate| MeasuredCurve {
            stream: stream.into(),
            minutes: vec![21.5, 22.5],
            arrivals_per_minute: vec![100.0, 100.0],
            error_rate: vec![Some(0.0), Some(rate)],
            p50_ms: vec![Some(10.0), None],
            p95_ms: vec![Some(20.0), Some(3400.0)],
            requests: 200,
            errors: (rate * 100.0) as u64,
        };
        story.curves = vec![curve("baseline", 0.0), curve("demo", 0.783)];
        story
    }

    fn traces() -> EvidenceTraces {
        let span = |id: &str, parent: Option<&str>, status| SpanView {
            span_id: id.into(),
            parent_span_id: parent.map(str::to_owned),
            service: "frontend".into(),
            name: format!("span {id}"),
            kind: SpanKind::Server,
            start_unix_nanos: "1000000000".into(),
            duration_ms: 2125.0,
            status,
            status_message: EVIL.into(),
            attributes: Default::default(),
            resource: Default::default(),
            events: Vec::new(),
            links: Vec::new(),
            scope: Default::default(),
            trace_state: Default::default(),
        };
        let trace = EvidenceTrace {
            title: "a demo request that fails".into(),
            why: "in the worst minute".into(),
            minute: 22.4,
            stream: "demo".into(),
            duration_ms: 2125.0,
            errors: 1,
            trace: TraceView {
                trace_id: "00000000000000000000000000000001".into(),
                spans: vec![span("a", None, SpanStatus::Ok), span("b", Some("a"), SpanStatus::Error)],
                left_out: 0,
            },
            spans_left_out: 0,
        };
        EvidenceTraces::new(vec![trace], vec!["a slow demo request: none was kept".into()])
    }

    #[test]
    fn the_page_tells_the_whole_story_and_stands_alone() {
        let page = render(&story(), &traces());
        for part in [
            "<!DOCTYPE html>",
            "FAIL",
            "An index is dropped",
            "78.3 % of the arrivals of demo failed",
            "baseline went through the same services all the while: 0 % failed",
            "flow fired at minute 24.2 (late)",
            "22 to 23",
            "$123\u{2009}456",
            "too late",
            "it is gone",
            "it is back",
            "a demo request that fails",
            "a slow demo request: none was kept",
            "expected by nobody",
            "default-src 'none'",
            "new uPlot",
        ] {
            assert!(page.contains(part), "{part:?} is missing");
        }
        // uPlot names its home in a comment, SVG its namespace: neither is fetched.
        for foreign in [" src=", "@import", "url(", "fetch(", "XMLHttpRequest", "EventSource", "<iframe"] {
            assert!(!page.replace(" src=x", "").contains(foreign), "{foreign:?} would load something");
        }
    }

    #[test]
    fn names_from_anywhere_are_text_and_nothing_else() {
        let mut story = story();
        story.facts.title = EVIL.into();
        story.curves[0].stream = EVIL.into();
        story.alert_windows[0].monitor = EVIL.into();
        let page = render(&story, &traces());
        assert!(!page.contains("<img") && page.contains("&lt;img"), "markup in names is text");
    }

    #[test]
    fn an_empty_story_is_a_page_too() {
        let page = render(&RunStory::default(), &EvidenceTraces::default());
        assert!(page.contains("UNKNOWN") && page.contains("Nothing fired."));
    }
}
