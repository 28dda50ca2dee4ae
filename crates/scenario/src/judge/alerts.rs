//! Alerts: on time, early, late, missed, false; resolved in time; silence where there must be silence.

use super::Case;
use super::text;
use super::verdict::{AlertTiming, Check, Figures, RowOutcome, VerdictRow};
use crate::{AlertEvent, AlertState, ExpectedAlert, Quiet};

pub(super) fn rows(case: &Case<'_>) -> Vec<VerdictRow> {
    let expect = &case.scenario.expect;
    let mut events: Vec<&AlertEvent> = case.evidence.alerts.iter().collect();
    events.sort_by(|a, b| a.minute.total_cmp(&b.minute));
    let mut rows = Vec::new();
    for expected in &expect.alerts {
        rows.push(fires(expected, &events));
        rows.extend(expected.resolves_by.and_then(|by| resolves(expected, by, &events)));
    }
    rows.extend(expect.quiet.iter().map(|quiet| silence(quiet, &events)));
    if !(expect.alerts.is_empty() && expect.quiet.is_empty()) {
        rows.push(nothing_else(&expect.alerts, &events));
    }
    rows
}

fn is_about(event: &AlertEvent, expected: &ExpectedAlert) -> bool {
    event.monitor == expected.monitor && (expected.stream.is_none() || event.stream == expected.stream)
}

fn firings<'a>(events: &'a [&'a AlertEvent]) -> impl Iterator<Item = &'a AlertEvent> {
    events.iter().copied().filter(|e| e.state == AlertState::Firing)
}

fn fires(expected: &ExpectedAlert, events: &[&AlertEvent]) -> VerdictRow {
    let (low, high) = expected.fires;
    let mine: Vec<&AlertEvent> = firings(events).filter(|e| is_about(e, expected)).collect();
    let first = mine.first().map(|e| e.minute);
    let (timing, measured) = match first {
        None => (AlertTiming::Missed, "missed: it never fired".to_owned()),
        Some(at) if at < low => (AlertTiming::Early, format!("early: {}", text::minute(at))),
        Some(at) if at > high => (AlertTiming::Late, format!("late: {}", text::minute(at))),
        Some(at) => (AlertTiming::OnTime, text::minute(at)),
    };
    VerdictRow {
        what: format!("{} fires{}", expected.monitor, about(expected.stream.as_deref())),
        expected: text::range(Check::AlertFires, expected.fires),
        predicted: String::new(),
        measured,
        outcome: if timing == AlertTiming::OnTime { RowOutcome::Pass } else { RowOutcome::Fail },
        note: if mine.len() > 1 { format!("it fired {} times", mine.len()) } else { String::new() },
        figures: Figures {
            check: Check::AlertFires,
            stream: expected.stream.clone(),
            subject: Some(expected.monitor.clone()),
            expected: Some(expected.fires),
            measured: first,
            timing: Some(timing),
            ..Figures::default()
        },
    }
}

/// `None` for an alert that never fired: that is said already.
fn resolves(expected: &ExpectedAlert, by: f64, events: &[&AlertEvent]) -> Option<VerdictRow> {
    let mine: Vec<&AlertEvent> = events.iter().copied().filter(|e| is_about(e, expected)).collect();
    let fired = mine.iter().position(|e| e.state == AlertState::Firing)?;
    let mine = &mine[fired..];
    // A monitor may fire for several streams, each of which has to resolve.
    let mut streams: Vec<&Option<String>> = mine.iter().map(|e| &e.stream).collect();
    streams.sort();
    streams.dedup();
    let of = |stream: &Option<String>| mine.iter().rfind(|e| e.stream == *stream);
    let last: Vec<&&AlertEvent> = streams.into_iter().filter_map(of).collect();
    let firing = last.iter().find(|e| e.state == AlertState::Firing);
    let resolved = last.iter().filter(|e| e.state == AlertState::Resolved).map(|e| e.minute).fold(f64::MIN, f64::max);
    let (outcome, measured, figure) = match firing {
        Some(event) => (RowOutcome::Fail, format!("still firing since {}", text::minute(event.minute)), None),
        None if resolved > by => (RowOutcome::Fail, format!("late: {}", text::minute(resolved)), Some(resolved)),
        None => (RowOutcome::Pass, text::minute(resolved), Some(resolved)),
    };
    Some(VerdictRow {
        what: format!("{} resolves{}", expected.monitor, about(expected.stream.as_deref())),
        expected: format!("by minute {}", text::number(by)),
        predicted: String::new(),
        measured,
        outcome,
        note: String::new(),
        figures: Figures {
            check: Check::AlertResolves,
            stream: expected.stream.clone(),
            subject: Some(expected.monitor.clone()),
            expected: Some((expected.fires.0, by)),
            measured: figure,
            ..Figures::default()
        },
    })
}

fn silence(quiet: &Quiet, events: &[&AlertEvent]) -> VerdictRow {
    let inside = |e: &&AlertEvent| (quiet.from..quiet.until).contains(&e.minute);
    let mine = |e: &&AlertEvent| quiet.stream.is_none() || e.stream == quiet.stream;
    let noise: Vec<&AlertEvent> = firings(events).filter(inside).filter(mine).collect();
    let minutes = format!("minutes {}-{}", text::number(quiet.from), text::number(quiet.until));
    VerdictRow {
        what: format!("quiet in {minutes}{}", about(quiet.stream.as_deref())),
        expected: "nothing fires".to_owned(),
        predicted: String::new(),
        measured: list(&noise),
        outcome: if noise.is_empty() { RowOutcome::Pass } else { RowOutcome::Fail },
        note: String::new(),
        figures: Figures {
            check: Check::Quiet,
            stream: quiet.stream.clone(),
            window: Some((quiet.from, quiet.until)),
            measured: noise.first().map(|e| e.minute),
            ..Figures::default()
        },
    }
}

/// Alerts that nobody expects at any time.
fn nothing_else(expected: &[ExpectedAlert], events: &[&AlertEvent]) -> VerdictRow {
    let stray: Vec<&AlertEvent> = firings(events).filter(|e| !expected.iter().any(|x| is_about(e, x))).collect();
    VerdictRow {
        what: "no other alert".to_owned(),
        expected: "nothing else fires".to_owned(),
        predicted: String::new(),
        measured: list(&stray),
        outcome: if stray.is_empty() { RowOutcome::Pass } else { RowOutcome::Fail },
        note: String::new(),
        figures: Figures {
            check: Check::FalseAlerts,
            subject: stray.first().map(|e| e.monitor.clone()),
            measured: stray.first().map(|e| e.minute),
            timing: (!stray.is_empty()).then_some(AlertTiming::False),
            ..Figures::default()
        },
    }
}

fn about(stream: Option<&str>) -> String {
    stream.map(|s| format!(" for {s}")).unwrap_or_default()
}

fn list(events: &[&AlertEvent]) -> String {
    /// More would drown the rest of the table.
    const SHOWN: usize = 5;
    if events.is_empty() {
        return "nothing".to_owned();
    }
    let one = |e: &&AlertEvent| format!("{}{} at {}", e.monitor, about(e.stream.as_deref()), text::minute(e.minute));
    let mut shown: Vec<String> = events.iter().take(SHOWN).map(one).collect();
    if events.len() > SHOWN {
        shown.push(format!("{} more", events.len() - SHOWN));
    }
    shown.join(", ")
}
