//! How outcomes, moments and differences are shown, in reports and on pages.

use maud::Markup;

use crate::pages::format::rate;
use crate::pages::shape::{Shape, state};
use crate::story::{AlertTiming, Outcome, RowOutcome};

/// A run's outcome: shape and word.
pub(crate) fn outcome(outcome: Outcome) -> Markup {
    let shape = match outcome {
        Outcome::Pass => Shape::Ok,
        Outcome::Fail | Outcome::Broke => Shape::Critical,
        Outcome::Invalid => Shape::Warn,
        Outcome::Interrupted | Outcome::Unknown => Shape::NoData,
    };
    state(shape, outcome.word())
}

/// An expectation's outcome.
pub(crate) fn row(outcome: RowOutcome) -> Markup {
    match outcome {
        RowOutcome::Pass => state(Shape::Ok, "ok"),
        RowOutcome::Fail => state(Shape::Critical, "FAIL"),
        RowOutcome::Invalid => state(Shape::Warn, "INVALID"),
    }
}

/// When an alert came, against its window.
pub(crate) fn timing(timing: AlertTiming) -> Markup {
    let shape = match timing {
        AlertTiming::OnTime => Shape::Ok,
        AlertTiming::Early | AlertTiming::Late => Shape::Warn,
        AlertTiming::Missed => Shape::Critical,
        AlertTiming::NotReached => Shape::NoData,
    };
    state(shape, timing.word())
}

/// RFC 3339 in UTC as people read it: `2026-11-27 10:15:00 UTC`.
pub(crate) fn moment(rfc3339: &str) -> String {
    match (rfc3339.get(..10), rfc3339.get(11..19)) {
        (Some(day), Some(time)) if rfc3339.ends_with('Z') => format!("{day} {time} UTC"),
        _ => rfc3339.to_owned(),
    }
}

/// Dollars: `$12 345`; cents below a hundred.
pub(crate) fn dollars(usd: f64) -> String {
    if usd.abs() < 100.0 { format!("${usd:.2}") } else { format!("${}", rate(usd)) }
}

/// A scenario minute: `22.4`.
pub(crate) fn minute(minute: f64) -> String {
    format!("{minute:.1}")
}

/// A whole minute without its zeros, any other with one digit: a window's edge.
pub(crate) fn edge(minute: f64) -> String {
    let text = format!("{minute:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A difference with its sign: `+0.4`, `−3`, `±0`.
pub(crate) fn signed(difference: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", difference.abs());
    let is_nothing = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    match (is_nothing, difference > 0.0) {
        (true, _) => format!("±{text}"),
        (_, true) => format!("+{text}"),
        (_, false) => format!("−{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_minutes_money_and_differences_read_well() {
        assert_eq!(moment("2026-11-27T10:15:00.123Z"), "2026-11-27 10:15:00 UTC");
        assert_eq!(moment("long ago"), "long ago");
        assert_eq!((dollars(12_345.6), dollars(7.5)), ("$12\u{2009}346".to_owned(), "$7.50".to_owned()));
        assert_eq!((edge(20.0), edge(21.5), minute(22.44)), ("20".to_owned(), "21.5".to_owned(), "22.4".to_owned()));
        for (value, text) in [(0.42, "+0.4"), (-3.0, "−3.0"), (0.04, "±0.0"), (-0.01, "±0.0")] {
            assert_eq!(signed(value, 1), text);
        }
    }
}
