//! A stream over the whole run and in each phase.

use super::Case;
use super::measured::Measured;
use super::text;
use super::verdict::{Check, Figures, RowOutcome, VerdictRow};
use crate::Always;

/// Fewest arrivals that a phase is judged by alone.
const FEWEST: u64 = 20;

pub(super) fn rows(case: &Case<'_>) -> Vec<VerdictRow> {
    case.scenario.expect.always.iter().flat_map(|always| of(case, always)).collect()
}

/// A stretch of the run and its name.
struct Stretch {
    name: String,
    from: f64,
    to: f64,
    /// Whether it is more than one phase.
    merged: bool,
    measured: Measured,
}

fn of(case: &Case<'_>, always: &Always) -> Vec<VerdictRow> {
    let (whole, merged) = stretches(case, always);
    let mut rows = Vec::new();
    for (position, stretch) in std::iter::once(&whole).chain(&merged).enumerate() {
        let predicted = case.prediction.window(&always.stream, stretch.from, stretch.to);
        let predicted = predicted.as_ref();
        if let Some(high) = always.error_rate_max {
            rows.push(row(
                always,
                stretch,
                Check::ErrorRate,
                (0.0, high),
                predicted.and_then(|p| p.error_rate),
                stretch.measured.error_rate(),
            ));
        }
        if let Some(high) = always.p95_ms_max {
            rows.push(row(
                always,
                stretch,
                Check::P95Ms,
                (0.0, high),
                predicted.and_then(|p| p.p95_ms),
                stretch.measured.p95_ms(),
            ));
        }
        if let Some(band) = always.arrivals_per_minute.filter(|_| position == 0) {
            let value = stretch.measured.per_real_minute(case.speed);
            rows.push(row(
                always,
                stretch,
                Check::ArrivalsPerMinute,
                band,
                predicted.map(|p| p.arrivals_per_minute),
                value,
            ));
        }
    }
    rows
}

/// The whole run, and its phases; a phase with too few arrivals to tell is merged into the one before it.
///
/// Too few: below [`FEWEST`], or so few that a single failure would be more than the greatest error rate.
fn stretches(case: &Case<'_>, always: &Always) -> (Stretch, Vec<Stretch>) {
    let measured = |from, to| Measured::of(case.evidence, &always.stream, None, (from, to));
    let end = case.scenario.minutes;
    let whole =
        Stretch { name: "the whole run".to_owned(), from: 0.0, to: end, merged: false, measured: measured(0.0, end) };
    let resolution = always.error_rate_max.filter(|max| *max > 0.0).map_or(0, |max| (1.0 / max).ceil() as u64);
    let fewest = FEWEST.max(resolution);
    let phases = &case.scenario.phases;
    let mut stretches: Vec<Stretch> = Vec::new();
    for (position, phase) in phases.iter().enumerate() {
        let to = phases.get(position + 1).map_or(end, |next| next.from);
        let short = measured(phase.from, to).completed < fewest;
        match stretches.last_mut() {
            // A first phase that is too short takes in the one after it.
            Some(before) if short || before.measured.completed < fewest => {
                before.name = format!("{} and {}", before.name, phase.name);
                before.to = to;
                before.merged = true;
                before.measured = measured(before.from, to);
            }
            _ => stretches.push(Stretch {
                name: phase.name.clone(),
                from: phase.from,
                to,
                merged: false,
                measured: measured(phase.from, to),
            }),
        }
    }
    // Everything in one stretch is the whole run again.
    stretches.retain(|s| s.measured.completed >= fewest && (s.from, s.to) != (whole.from, whole.to));
    (whole, stretches)
}

fn row(
    always: &Always,
    stretch: &Stretch,
    check: Check,
    expected: (f64, f64),
    predicted: Option<f64>,
    value: Option<f64>,
) -> VerdictRow {
    let outcome = match value {
        Some(value) if (expected.0..=expected.1).contains(&value) => RowOutcome::Pass,
        Some(_) => RowOutcome::Fail,
        None => RowOutcome::Invalid,
    };
    VerdictRow {
        what: format!("{} in {}: {}", always.stream, stretch.name, text::name(check)),
        expected: text::range(check, expected),
        predicted: predicted.map(|p| text::value(check, p)).unwrap_or_default(),
        measured: value.map_or_else(|| "nothing".to_owned(), |v| text::value(check, v)),
        outcome,
        note: if stretch.merged { "judged together: too few arrivals to tell apart".to_owned() } else { String::new() },
        figures: Figures {
            check,
            stream: Some(always.stream.clone()),
            window: Some((stretch.from, stretch.to)),
            expected: Some(expected),
            predicted,
            measured: value,
            samples: Some(stretch.measured.completed),
            ..Figures::default()
        },
    }
}
