//! Figures in words, the same everywhere in a verdict.

use super::verdict::Check;

/// What is measured by `check`.
pub(super) fn name(check: Check) -> &'static str {
    match check {
        Check::ErrorRate => "error rate",
        Check::RequestErrorRate => "request error rate",
        Check::P95Ms => "p95",
        _ => "arrivals",
    }
}

/// `value` in the unit of `check`.
pub(super) fn value(check: Check, value: f64) -> String {
    match check {
        Check::ErrorRate | Check::RequestErrorRate => format!("{:.1} %", value * 100.0),
        Check::P95Ms if value >= 1000.0 => format!("{:.2} s", value / 1000.0),
        Check::P95Ms if value >= 10.0 || value == 0.0 => format!("{value:.0} ms"),
        Check::P95Ms => format!("{value:.1} ms"),
        Check::ArrivalsPerMinute => format!("{value:.1}/min"),
        _ => minute(value),
    }
}

/// `low` to `high` in the unit of `check`.
pub(super) fn range(check: Check, (low, high): (f64, f64)) -> String {
    match check {
        Check::ErrorRate | Check::RequestErrorRate if low <= 0.0 => format!("<= {:.1} %", high * 100.0),
        Check::ErrorRate | Check::RequestErrorRate => format!("{:.1}-{:.1} %", low * 100.0, high * 100.0),
        Check::P95Ms if low <= 0.0 => format!("<= {}", value(check, high)),
        Check::P95Ms => format!("{}-{}", value(check, low), value(check, high)),
        Check::ArrivalsPerMinute => format!("{}-{}/min", number(low), number(high)),
        _ => format!("minute {}-{}", number(low), number(high)),
    }
}

/// A scenario minute.
pub(super) fn minute(minute: f64) -> String {
    format!("minute {minute:.2}")
}

/// A number as somebody would write it in a file: no trailing zeros.
pub(super) fn number(value: f64) -> String {
    format!("{}", (value * 1000.0).round() / 1000.0)
}
