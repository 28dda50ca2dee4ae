//! Conditions and readings in words.

use std::fmt::Write;

use crate::monitor::{Direction, Threshold, When};
use crate::signal::{LogFilter, Quantile, Signal, SpanFilter, SpanMeasure};

/// The condition in words, such as `p95 of SELECT orders on checkout > 500 ms`.
pub(crate) fn condition(when: &When) -> String {
    match when {
        When::Threshold(threshold) => {
            let sign = match threshold.direction {
                Direction::Above => '>',
                Direction::Below => '<',
            };
            format!("{} {sign} {}", quantity(&threshold.signal), value(&threshold.signal, threshold.fire))
        }
        When::Monitor(key) => key.clone(),
        When::All(parts) => joined(parts, " and "),
        When::Any(parts) => joined(parts, " or "),
        When::Not(inner) => format!("not ({})", condition(inner)),
    }
}

/// A reading in words, such as `p95 of SELECT orders on checkout is 2.90 s, limit 500 ms`.
pub(crate) fn reading(threshold: &Threshold, measured: f64) -> String {
    let limit = value(&threshold.signal, threshold.fire);
    format!("{} is {}, limit {limit}", quantity(&threshold.signal), value(&threshold.signal, measured))
}

/// A reading in a few words, such as `p95 2.90 s, limit 500 ms`; the limits alone while there is none.
pub(crate) fn short(when: &When, found: Option<(&Threshold, f64)>) -> String {
    let label = |threshold: &Threshold| match &threshold.signal {
        Signal::Spans { measure, .. } => measure_word(measure),
        Signal::Logs { .. } => "records".to_owned(),
    };
    match found {
        Some((threshold, measured)) => {
            let limit = value(&threshold.signal, threshold.fire);
            format!("{} {}, limit {limit}", label(threshold), value(&threshold.signal, measured))
        }
        None => {
            let mut limits = Vec::new();
            when.each_threshold(&mut |threshold| {
                limits.push(format!("{}, limit {}", label(threshold), value(&threshold.signal, threshold.fire)));
            });
            if limits.is_empty() { condition(when) } else { limits.join("; ") }
        }
    }
}

fn measure_word(measure: &SpanMeasure) -> String {
    match measure {
        SpanMeasure::Count => "spans".into(),
        SpanMeasure::RatePerMinute => "rate".into(),
        SpanMeasure::ErrorRate => "error rate".into(),
        SpanMeasure::QuantileMs(Quantile::P50) => "p50".into(),
        SpanMeasure::QuantileMs(Quantile::P95) => "p95".into(),
        SpanMeasure::QuantileMs(Quantile::P99) => "p99".into(),
        SpanMeasure::Share { flag } => {
            // The last two words of the key say enough beside the monitor's name.
            let words: Vec<&str> = flag.rsplitn(3, '.').take(2).collect();
            words.into_iter().rev().collect::<Vec<_>>().join(" ")
        }
    }
}

fn joined(parts: &[When], word: &str) -> String {
    parts.iter().map(condition).collect::<Vec<_>>().join(word)
}

/// What is measured, in words.
fn quantity(signal: &Signal) -> String {
    match signal {
        Signal::Spans { filter, measure } => {
            let of = spans(filter);
            match measure {
                SpanMeasure::Share { flag } => format!("share of {of} with {flag}"),
                measure => format!("{} of {of}", measure_word(measure)),
            }
        }
        Signal::Logs { filter } => logs(filter),
    }
}

fn spans(filter: &SpanFilter) -> String {
    let mut text = filter.operation.clone().unwrap_or_else(|| "all operations".into());
    if let Some(service) = &filter.service {
        let _ = write!(text, " on {service}");
    }
    text
}

fn logs(filter: &LogFilter) -> String {
    let mut text = match &filter.event {
        Some(event) => format!("log records {event}"),
        None => "log records".into(),
    };
    if let Some(service) = &filter.service {
        let _ = write!(text, " of {service}");
    }
    text
}

/// A value in the signal's own unit.
fn value(signal: &Signal, value: f64) -> String {
    match signal {
        Signal::Spans { measure: SpanMeasure::ErrorRate | SpanMeasure::Share { .. }, .. } => {
            format!("{:.1} %", value * 100.0)
        }
        Signal::Spans { measure: SpanMeasure::QuantileMs(_), .. } if value >= 1000.0 => {
            format!("{:.2} s", value / 1000.0)
        }
        Signal::Spans { measure: SpanMeasure::QuantileMs(_), .. } => format!("{value:.0} ms"),
        Signal::Spans { measure: SpanMeasure::RatePerMinute, .. } => format!("{value:.0}/min"),
        Signal::Spans { measure: SpanMeasure::Count, .. } | Signal::Logs { .. } => format!("{value:.0}"),
    }
}
