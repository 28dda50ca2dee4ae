//! Traces that tell what happened: which to look for (pure), and looking for them through the console's API.

use std::time::Duration;

use console::api::{TraceSummary, TraceView};
use console::story::{EvidenceTrace, EvidenceTraces, MeasuredCurve, RunStory};

use crate::StageError;
use crate::load_client::get_json_asked;

/// All of it: a console that is slow to search must not hold up the end of a run.
const WITHIN: Duration = Duration::from_secs(30);
/// Traces to choose from; those that came last in the window.
const CANDIDATES: &str = "200";
/// Before the fault, in scenario minutes.
const BEFORE: f64 = 2.0;
/// After it was undone: time for those who still wait.
const SETTLED: f64 = 1.0;

/// Something to look for.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    title: String,
    why: String,
    stream: String,
    /// Scenario minutes.
    from: f64,
    to: f64,
    choose: Choose,
}

/// Which one of those that are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choose {
    /// With errors; the one that came through most services before it failed.
    Failing,
    /// Without errors; the slowest.
    Slowest,
    /// Without errors; the one in the middle.
    Typical,
}

/// Looks for them. What cannot be found is said, and holds nothing up.
pub(crate) async fn gather(client: &reqwest::Client, console: &str, story: &RunStory) -> EvidenceTraces {
    let mut traces = Vec::new();
    let mut not_found = Vec::new();
    let deadline = tokio::time::Instant::now() + WITHIN;
    let mut like: Option<(String, String)> = None;
    for wanted in wanted(story) {
        let found = tokio::time::timeout_at(deadline, find(client, console, story, &wanted, like.as_ref())).await;
        match found {
            Ok(Ok(Some((root, trace)))) => {
                like.get_or_insert(root);
                traces.push(trace);
            }
            Ok(Ok(None)) => not_found.push(format!("{}: none was kept", wanted.title)),
            Ok(Err(error)) => not_found.push(format!("{}: {error}", wanted.title)),
            Err(_) => not_found.push(format!("{}: the console took too long", wanted.title)),
        }
    }
    // Looked for by importance, read in the order in which it happened.
    traces.sort_by(|a, b| a.minute.total_cmp(&b.minute));
    EvidenceTraces::new(traces, not_found)
}

/// The most telling first.
fn wanted(story: &RunStory) -> Vec<Wanted> {
    let Some(worst) = story.worst_stream() else { return Vec::new() };
    let other = story.curves.iter().map(|curve| curve.stream.as_str()).find(|stream| *stream != worst);
    let faults = &story.play.faults;
    let end = story.facts.ended_minute;
    let one = |title: String, why: &str, stream: &str, from: f64, to: f64, choose| Wanted {
        title,
        why: why.to_owned(),
        stream: stream.to_owned(),
        from: from.max(0.0),
        to: to.min(end),
        choose,
    };
    let first = faults.iter().map(|fault| fault.from).fold(f64::INFINITY, f64::min);
    let last = faults.iter().map(|fault| fault.until).fold(0.0, f64::max);
    let peak = story.headline().worst_errors.map(|worst| worst.minute).or_else(|| slowest_minute(story, &worst));
    let mut all = Vec::new();
    if faults.is_empty() || first >= end {
        all.push(one(format!("{} request", a(&worst)), "nothing was broken", &worst, 0.0, end, Choose::Typical));
        all.extend(
            other.map(|other| {
                one(format!("{} request", a(other)), "nothing was broken", other, 0.0, end, Choose::Typical)
            }),
        );
        return all;
    }
    if let Some(peak) = peak {
        let (from, to) = (peak - 0.5, peak + 0.5);
        all.push(one(
            format!("{} request that fails", a(&worst)),
            "the middle one of the worst minute",
            &worst,
            from,
            to,
            Choose::Failing,
        ));
    }
    all.push(one(
        format!("{} request before anything was broken", a(&worst)),
        "the middle one of those without an error",
        &worst,
        first - BEFORE,
        first,
        Choose::Typical,
    ));
    let phase_ends = story.play.phases.iter().map(|phase| phase.to).find(|to| *to > first).unwrap_or(last);
    all.push(one(
        format!("{} request that is answered late", a(&worst)),
        "the slowest without an error while the first fault is in",
        &worst,
        first,
        phase_ends,
        Choose::Slowest,
    ));
    if let (Some(other), Some(peak)) = (other, peak) {
        all.push(one(
            format!("{} request in the same worst minute", a(other)),
            "the middle one of those without an error",
            other,
            peak - 0.5,
            peak + 0.5,
            Choose::Typical,
        ));
    }
    if last + SETTLED < end {
        all.push(one(
            format!("{} request after everything was put back", a(&worst)),
            "the middle one of those without an error",
            &worst,
            last + SETTLED,
            end,
            Choose::Typical,
        ));
    }
    all.extend(acts(story, &[Some(worst.as_str()), other].into_iter().flatten().collect::<Vec<_>>()).map(
        |(stream, from, to)| {
            one(
                format!("{} request at its slowest", a(stream)),
                "the slowest without an error",
                stream,
                from,
                to,
                Choose::Slowest,
            )
        },
    ));
    // A stream that came only for a while has nothing to show of the rest.
    all.retain(|wanted| is_there(story, wanted));
    all
}

/// A stream with its article.
fn a(stream: &str) -> String {
    let article = if stream.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {stream}")
}

/// Streams beside `told` with the minutes in which they were answered.
fn acts<'a>(story: &'a RunStory, told: &'a [&'a str]) -> impl Iterator<Item = (&'a str, f64, f64)> {
    story.curves.iter().filter(|curve| !told.contains(&curve.stream.as_str())).filter_map(|curve| {
        let mut answered = answered(curve);
        let first = answered.next()?;
        Some((curve.stream.as_str(), first - 0.5, answered.last().unwrap_or(first) + 0.5))
    })
}

/// Whether the stream was answered in those minutes.
fn is_there(story: &RunStory, wanted: &Wanted) -> bool {
    let curve = story.curves.iter().find(|curve| curve.stream == wanted.stream);
    curve.is_some_and(|curve| answered(curve).any(|minute| (wanted.from..=wanted.to).contains(&minute)))
}

/// Minutes in which something was answered.
fn answered(curve: &MeasuredCurve) -> impl Iterator<Item = f64> {
    let points = curve.minutes.iter().zip(&curve.error_rate);
    points.filter(|(_, rate)| rate.is_some()).map(|(minute, _)| *minute)
}

fn slowest_minute(story: &RunStory, stream: &str) -> Option<f64> {
    let curve = story.curves.iter().find(|curve| curve.stream == stream)?;
    let points = curve.minutes.iter().zip(&curve.p95_ms).filter_map(|(minute, ms)| Some((*minute, (*ms)?)));
    points.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(minute, _)| minute)
}

/// Service and operation of a root.
type Root = (String, String);

async fn find(
    client: &reqwest::Client,
    console: &str,
    story: &RunStory,
    wanted: &Wanted,
    like: Option<&Root>,
) -> Result<Option<(Root, EvidenceTrace)>, StageError> {
    let (from, to) = (story.unix_ms_at(wanted.from), story.unix_ms_at(wanted.to));
    let window = [from.to_string(), to.to_string()];
    let mut asked = vec![
        ("traffic_type", wanted.stream.as_str()),
        ("from_unix_ms", &window[0]),
        ("to_unix_ms", &window[1]),
        ("limit", CANDIDATES),
    ];
    if wanted.choose == Choose::Failing {
        asked.push(("status", "error"));
    }
    let found: Vec<TraceSummary> = get_json_asked(client, &format!("{console}/api/traces"), &asked).await?;
    let inside = found.into_iter().filter(|trace| (from as f64..=to as f64).contains(&trace.start_unix_ms)).collect();
    let Some(chosen) = choose(inside, wanted, like) else { return Ok(None) };
    let trace: TraceView = get_json_asked(client, &format!("{console}/api/traces/{}", chosen.trace_id), &[]).await?;
    let evidence = EvidenceTrace {
        title: wanted.title.clone(),
        why: wanted.why.clone(),
        minute: story.minute_at(chosen.start_unix_ms),
        stream: wanted.stream.clone(),
        duration_ms: chosen.duration_ms,
        errors: chosen.errors,
        trace,
        spans_left_out: 0,
    };
    Ok(Some(((chosen.root_service, chosen.root_operation), evidence)))
}

/// One of `found`, of the kind that was chosen before if there is one: like is compared with like.
fn choose(mut found: Vec<TraceSummary>, wanted: &Wanted, like: Option<&Root>) -> Option<TraceSummary> {
    found.retain(|trace| trace.traffic_type.as_ref().is_none_or(|stream| *stream == wanted.stream));
    found.retain(|trace| (trace.errors > 0) == (wanted.choose == Choose::Failing));
    let is_alike = |trace: &TraceSummary| {
        like.is_some_and(|(service, operation)| trace.root_service == *service && trace.root_operation == *operation)
    };
    if found.iter().any(is_alike) {
        found.retain(is_alike);
    }
    // Whatever there is only part of tells less than what is whole.
    let most = found.iter().map(|trace| trace.services).max()?;
    found.retain(|trace| trace.services == most);
    found.sort_by(|a, b| a.duration_ms.total_cmp(&b.duration_ms).then_with(|| a.trace_id.cmp(&b.trace_id)));
    match wanted.choose {
        Choose::Slowest => found.pop(),
        Choose::Failing | Choose::Typical => {
            let middle = found.len() / 2;
            (!found.is_empty()).then(|| found.swap_remove(middle))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::api::{PlayFault, PlayPhase};

    fn story() -> RunStory {
        let curve = |stream: &str, errors: Vec<Option<f64>>| MeasuredCurve {
            stream: stream.into(),
            minutes: (0..errors.len()).map(|minute| minute as f64 + 0.5).collect(),
            p95_ms: errors.iter().map(|_| Some(20.0)).collect(),
            error_rate: errors,
            ..MeasuredCurve::default()
        };
        let mut story = RunStory::default();
        story.facts.speed = 10.0;
        story.facts.ended_minute = 33.0;
        story.curves = vec![
            curve("baseline", vec![Some(0.0); 33]),
            curve("demo", (0..33).map(|minute| Some(if minute == 22 { 0.8 } else { 0.0 })).collect()),
        ];
        let phase = |name: &str, from, to| PlayPhase { name: name.into(), from, to };
        story.play.phases =
            vec![phase("peak", 10.0, 15.0), phase("degradation", 15.0, 20.0), phase("critical", 20.0, 30.0)];
        story.play.faults = vec![PlayFault { from: 15.0, until: 30.0, ..PlayFault::default() }];
        story
    }

    #[test]
    fn what_is_looked_for_follows_from_faults_phases_and_the_worst_minute() {
        let all = wanted(&story());
        let seen: Vec<_> = all.iter().map(|one| (one.stream.as_str(), one.from, one.to, one.choose)).collect();
        assert_eq!(
            seen,
            [
                ("demo", 22.0, 23.0, Choose::Failing),
                ("demo", 13.0, 15.0, Choose::Typical),
                ("demo", 15.0, 20.0, Choose::Slowest),
                ("baseline", 22.0, 23.0, Choose::Typical),
                ("demo", 31.0, 33.0, Choose::Typical),
            ]
        );
        let mut calm = story();
        calm.play.faults.clear();
        assert!(wanted(&calm).iter().all(|one| one.choose == Choose::Typical));
        assert_eq!(wanted(&RunStory::default()), []);
    }

    #[test]
    fn acts_are_looked_for_in_their_own_minutes_only() {
        let mut story = story();
        let rate =
            |from: usize, to: usize, rate: f64| (0..33).map(move |m| (from..to).contains(&m).then_some(rate)).collect();
        let act = |stream: &str, error_rate| MeasuredCurve {
            stream: stream.into(),
            minutes: (0..33).map(|minute| f64::from(minute) + 0.5).collect(),
            error_rate,
            ..MeasuredCurve::default()
        };
        story.curves =
            vec![act("normal", rate(0, 33, 0.0)), act("slow", rate(2, 4, 0.0)), act("errors", rate(15, 20, 0.5))];
        let all = wanted(&story);
        let seen: Vec<_> = all.iter().map(|one| (one.title.as_str(), one.from, one.to)).collect();
        assert!(seen.contains(&("a slow request at its slowest", 2.0, 4.0)), "{seen:?}");
        assert!(!seen.iter().any(|(title, ..)| title.starts_with("an errors request before")), "{seen:?}");
        assert!(seen.iter().any(|(title, ..)| *title == "an errors request that fails"), "{seen:?}");
    }

    fn summary(id: &str, operation: &str, errors: usize, services: usize, duration_ms: f64) -> TraceSummary {
        TraceSummary {
            trace_id: id.into(),
            root_service: "load-generator".into(),
            root_operation: operation.into(),
            traffic_type: Some("demo".into()),
            start_unix_ms: 0.0,
            duration_ms,
            spans: services * 3,
            errors,
            services,
        }
    }

    #[test]
    fn like_is_compared_with_like_and_whole_traces_win() {
        let found = || {
            vec![
                summary("failed", "checkout", 2, 5, 2200.0),
                summary("part", "checkout", 0, 1, 9000.0),
                summary("fast", "checkout", 0, 6, 20.0),
                summary("middle", "checkout", 0, 6, 30.0),
                summary("slow", "checkout", 0, 6, 90.0),
                summary("other", "browse", 0, 7, 500.0),
            ]
        };
        let like = ("load-generator".to_owned(), "checkout".to_owned());
        let chosen = |choose, like: Option<&Root>| {
            let wanted = Wanted { choose, ..wanted(&story()).remove(0) };
            super::choose(found(), &wanted, like).map(|trace| trace.trace_id)
        };
        assert_eq!(chosen(Choose::Failing, None).as_deref(), Some("failed"));
        assert_eq!(chosen(Choose::Typical, Some(&like)).as_deref(), Some("middle"));
        assert_eq!(chosen(Choose::Slowest, Some(&like)).as_deref(), Some("slow"));
        assert_eq!(chosen(Choose::Typical, None).as_deref(), Some("other"), "it came through most services");
        let none = super::choose(Vec::new(), &wanted(&story()).remove(0), None);
        assert_eq!(none, None);
    }
}
