//! Conditions and readings in words.

use std::fmt::Write;

use crate::monitor::{Direction, Limit, Threshold, When};
use crate::signal::{LogFilter, Quantile, Signal, SpanFilter, SpanMeasure};
use crate::truth::Reading;

/// The condition in words, such as `p95 of SELECT orders on checkout > 500 ms`.
pub(crate) fn condition(when: &When) -> String {
    match when {
        When::Threshold(threshold) => {
            let sign = match threshold.direction {
                Direction::Above => '>',
                Direction::Below => '<',
            };
            format!("{} {sign} {}", quantity(&threshold.signal), written(threshold))
        }
        When::Monitor(key) => key.clone(),
        When::All(parts) => joined(parts, " and "),
        When::Any(parts) => joined(parts, " or "),
        When::Not(inner) => format!("not ({})", condition(inner)),
    }
}

/// A reading in words, such as `p95 of SELECT orders on checkout is 2.90 s, limit 500 ms`.
pub(crate) fn reading(threshold: &Threshold, reading: Reading) -> String {
    let quantity = quantity(&threshold.signal);
    format!("{quantity} is {}, limit {}", value(&threshold.signal, reading.value), in_force(threshold, reading.limit))
}

/// A reading in a few words, such as `p95 2.90 s, limit 500 ms`; the limits alone while there is none.
pub(crate) fn short(when: &When, found: Option<(&Threshold, Reading)>) -> String {
    let label = |threshold: &Threshold| match &threshold.signal {
        Signal::Spans { measure, .. } => measure_word(measure),
        Signal::Logs { .. } => "records".to_owned(),
    };
    match found {
        Some((threshold, reading)) => {
            let measured = value(&threshold.signal, reading.value);
            format!("{} {measured}, limit {}", label(threshold), in_force(threshold, reading.limit))
        }
        None => {
            let mut limits = Vec::new();
            when.each_threshold(&mut |threshold| {
                limits.push(format!("{}, limit {}", label(threshold), written(threshold)));
            });
            if limits.is_empty() { condition(when) } else { limits.join("; ") }
        }
    }
}

/// The limit as the file has it, such as `500 ms` or `3 × the baseline`.
fn written(threshold: &Threshold) -> String {
    match threshold.limit {
        Limit::Fixed(bounds) => value(&threshold.signal, bounds.fire),
        Limit::TimesBaseline { factors, .. } => format!("{} × the baseline", factors.fire),
    }
}

/// The limit as it stands, such as `500 ms` or `612 (3 × the baseline of 204)`.
fn in_force(threshold: &Threshold, limit: f64) -> String {
    let in_unit = value(&threshold.signal, limit);
    match threshold.limit {
        Limit::Fixed(_) => in_unit,
        Limit::TimesBaseline { factors, .. } => {
            let usual = value(&threshold.signal, limit / factors.fire);
            format!("{in_unit} ({} × the baseline of {usual})", factors.fire)
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
        SpanMeasure::HttpErrorRate => "HTTP error rate".into(),
        SpanMeasure::Mean { attribute } => format!("mean {attribute}"),
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
        Signal::Spans {
            measure: SpanMeasure::ErrorRate | SpanMeasure::HttpErrorRate | SpanMeasure::Share { .. },
            ..
        } => {
            format!("{:.1} %", value * 100.0)
        }
        Signal::Spans { measure: SpanMeasure::QuantileMs(_), .. } if value >= 1000.0 => {
            format!("{:.2} s", value / 1000.0)
        }
        Signal::Spans { measure: SpanMeasure::QuantileMs(_), .. } => format!("{value:.0} ms"),
        Signal::Spans { measure: SpanMeasure::RatePerMinute, .. } => format!("{value:.0}/min"),
        Signal::Spans { measure: SpanMeasure::Mean { .. }, .. } => plain(value),
        Signal::Spans { measure: SpanMeasure::Count, .. } | Signal::Logs { .. } => format!("{value:.0}"),
    }
}

/// A number of no known unit: whole from a hundred on, three digits that count below.
fn plain(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 || size == 0.0 {
        return format!("{value:.0}");
    }
    // Three digits that count, from the first that is not zero; a cost of 0.000012 is not nothing.
    let decimals = (2.0 - size.log10().floor()).clamp(1.0, 12.0) as usize;
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_unit_have_the_digits_that_count() {
        let cases =
            [(5988.4, "5988"), (204.0, "204"), (12.34, "12.3"), (2.0, "2"), (0.000_012_34, "0.0000123"), (0.0, "0")];
        for (value, expected) in cases {
            assert_eq!(plain(value), expected);
        }
    }
}
