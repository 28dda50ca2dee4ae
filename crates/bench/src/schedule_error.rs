//! How far arrivals at the server lie from an even schedule, whoever sent them and whatever it says of itself.

use serde::Serialize;

use crate::spread::quantile;

/// Distances from the even schedule, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct ScheduleError {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) greatest_ms: f64,
}

/// Compares arrivals (in their order, nanoseconds) with one each `1 / per_second`.
///
/// Nobody outside the generator knows when its schedule began, so the origin is fitted: the earliest arrival, relative to
/// its place, counts as on time, and every other is late by what it is later. That is the kindest origin that leaves none
/// early; a constant delay on the way does not count. The k-th arrival is held against the k-th place: what is never sent
/// makes all that follow late, and so does a rate that is a little low.
pub(crate) fn schedule_error(at_ns: &[u64], per_second: f64) -> Option<ScheduleError> {
    let first = *at_ns.first()?;
    let interval_ns = 1e9 / per_second;
    let mut late: Vec<f64> =
        at_ns.iter().enumerate().map(|(k, at)| (at - first) as f64 - k as f64 * interval_ns).collect();
    let on_time = late.iter().copied().fold(f64::INFINITY, f64::min);
    for error in &mut late {
        *error = (*error - on_time) / 1e6;
    }
    late.sort_by(f64::total_cmp);
    Some(ScheduleError {
        p50_ms: quantile(&late, 0.5),
        p99_ms: quantile(&late, 0.99),
        greatest_ms: quantile(&late, 1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn an_even_schedule_has_no_error_wherever_it_begins() {
        let even: Vec<u64> = (0..1000).map(|k| 77 * MS + k * MS).collect();
        let error = schedule_error(&even, 1000.0).expect("arrivals");
        assert_eq!((error.p50_ms, error.p99_ms, error.greatest_ms), (0.0, 0.0, 0.0));
    }

    #[test]
    fn lateness_is_counted_from_the_earliest_place() {
        // All but one are 3 ms late; that one, in the middle, tells where the schedule lies.
        let at: Vec<u64> = (0..100).map(|k| k * 10 * MS + if k == 40 { 0 } else { 3 * MS }).collect();
        let error = schedule_error(&at, 100.0).expect("arrivals");
        assert!((error.p50_ms - 3.0).abs() < 1e-6, "{error:?}");
    }

    #[test]
    fn bursts_are_late_by_what_they_wait() {
        // A hundred a second, all of a second at its end.
        let at: Vec<u64> = (0..500_u64).map(|k| (k / 100 + 1) * 1000 * MS).collect();
        let error = schedule_error(&at, 100.0).expect("arrivals");
        assert!((error.p50_ms - 490.0).abs() < 11.0, "{error:?}");
        assert!((error.greatest_ms - 990.0).abs() < 1e-6, "{error:?}");
    }

    #[test]
    fn a_rate_that_is_low_falls_ever_further_behind() {
        let at: Vec<u64> = (0..900).map(|k| k * 10 * MS / 9).collect();
        let error = schedule_error(&at, 1000.0).expect("arrivals");
        assert!((error.greatest_ms - 99.9).abs() < 0.2, "{error:?}");
    }

    #[test]
    fn nobody_came() {
        assert_eq!(schedule_error(&[], 1.0), None);
    }
}
