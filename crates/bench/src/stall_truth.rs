//! What visitors of a stalling server wait, computed: the measure of what generators report.
//!
//! Visitors come evenly, whether or not the server answers. Who comes while it is up waits a loopback round trip, a
//! fraction of a millisecond that is left out. Who comes during a stall waits for its end, and for those who queued
//! before them. With a stall of 1 s in every 5 s a fifth of them wait, evenly 0 to 1 s: half of all wait nothing, and
//! p90, p95, p99 are 500, 750 and 950 ms and a little for the queue.

use serde::Serialize;

use crate::server::Stall;
use crate::spread::quantile;

/// Percentiles of latency in milliseconds; `None` where a generator does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Percentiles {
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p90_ms: Option<f64>,
    pub(crate) p95_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
}

impl Percentiles {
    /// From latencies in milliseconds, in any order; all `None` without any.
    pub(crate) fn of(mut latencies_ms: Vec<f64>) -> Self {
        if latencies_ms.is_empty() {
            return Self::default();
        }
        latencies_ms.sort_by(f64::total_cmp);
        let at = |q| Some(quantile(&latencies_ms, q));
        Self { p50_ms: at(0.5), p90_ms: at(0.9), p95_ms: at(0.95), p99_ms: at(0.99) }
    }

    /// The greatest share by which p90, p95 and p99 are off `truth`, of those that are said; `None` without p99.
    pub(crate) fn off(&self, truth: &Self) -> Option<f64> {
        let off = |said: Option<f64>, true_ms: Option<f64>| Some((said? - true_ms?).abs() / true_ms?);
        let p90 = off(self.p90_ms, truth.p90_ms).unwrap_or(0.0);
        let p95 = off(self.p95_ms, truth.p95_ms).unwrap_or(0.0);
        let p99 = off(self.p99_ms, truth.p99_ms)?;
        Some(p90.max(p95).max(p99))
    }
}

/// A schedule on the monotonic clock: one visitor each `1 / per_second` from `from_ns` on, for `seconds`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EvenSchedule {
    pub(crate) from_ns: u64,
    pub(crate) per_second: f64,
    pub(crate) seconds: f64,
}

/// What the visitors of `schedule` waited, by the stalls as they were.
///
/// The queue of a stall is answered first come, first served, each in the time that the server needed on average for
/// those it found waiting.
pub(crate) fn truth(schedule: EvenSchedule, stalls: &[Stall]) -> Percentiles {
    let visitors = (schedule.per_second * schedule.seconds).round() as u64;
    let interval_ns = 1e9 / schedule.per_second;
    let latencies_ms = (0..visitors).map(|k| {
        let due_ns = schedule.from_ns as f64 + k as f64 * interval_ns;
        stalls.iter().find_map(|stall| waited_ns(stall, due_ns, interval_ns)).unwrap_or(0.0) / 1e6
    });
    Percentiles::of(latencies_ms.collect())
}

/// What a visitor waited who was due during this stall or while its queue was answered; `None` if it was another time.
fn waited_ns(stall: &Stall, due_ns: f64, interval_ns: f64) -> Option<f64> {
    let (from, until) = (stall.from_ns as f64, stall.until_ns as f64);
    if due_ns < from {
        return None;
    }
    let each_ns = if stall.drained == 0 {
        0.0
    } else {
        stall.drained_ns.saturating_sub(stall.until_ns) as f64 / stall.drained as f64
    };
    let ahead = ((due_ns - from) / interval_ns).floor();
    let answered = until + (ahead + 1.0) * each_ns;
    // Later visitors find the queue gone.
    (answered > due_ns).then_some(answered - due_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn stall(from_s: u64, drain_us_each: u64) -> Stall {
        let until_ns = (from_s + 1) * SECOND;
        Stall { from_ns: from_s * SECOND, until_ns, drained_ns: until_ns + 500 * drain_us_each * 1000, drained: 500 }
    }

    fn twenty_seconds(stalls: &[Stall]) -> Percentiles {
        truth(EvenSchedule { from_ns: 0, per_second: 500.0, seconds: 20.0 }, stalls)
    }

    fn about(said: Option<f64>, expected: f64, within: f64) {
        let said = said.expect("said");
        assert!((said - expected).abs() <= within, "{said} is not {expected}");
    }

    #[test]
    fn a_second_in_every_five_makes_half_a_second_three_quarters_and_95_hundredths() {
        let truth = twenty_seconds(&[2, 7, 12, 17].map(|s| stall(s, 0)));
        about(truth.p50_ms, 0.0, 0.0);
        about(truth.p90_ms, 500.0, 2.0);
        about(truth.p95_ms, 750.0, 2.0);
        about(truth.p99_ms, 950.0, 2.0);
    }

    #[test]
    fn who_queued_last_waits_for_the_queue_as_well() {
        let truth = twenty_seconds(&[2, 7, 12, 17].map(|s| stall(s, 8)));
        about(truth.p90_ms, 502.0, 2.0);
        about(truth.p99_ms, 950.2, 2.0);
        let ahead_of_500 = waited_ns(&stall(2, 8), 2.998e9, 2e6).expect("during the stall");
        about(Some(ahead_of_500 / 1e6), 2.0 + 500.0 * 0.008, 0.001);
    }

    #[test]
    fn who_comes_while_the_queue_is_answered_waits_for_it() {
        let slow = stall(2, 100);
        assert!(waited_ns(&slow, 3.02e9, 2e6).is_some());
        assert!(waited_ns(&slow, 3.06e9, 2e6).is_none());
        assert!(waited_ns(&slow, 1.999e9, 2e6).is_none());
    }

    #[test]
    fn without_stalls_nobody_waits() {
        assert_eq!(twenty_seconds(&[]).p99_ms, Some(0.0));
    }

    #[test]
    fn being_off_is_the_worst_of_those_said_and_unknown_without_p99() {
        let truth = Percentiles { p50_ms: None, p90_ms: Some(500.0), p95_ms: Some(750.0), p99_ms: Some(950.0) };
        let said = Percentiles { p90_ms: Some(505.0), p95_ms: Some(750.0), p99_ms: Some(9.5), ..truth };
        assert!((said.off(&truth).expect("all said") - 0.99).abs() < 1e-9);
        assert_eq!(Percentiles { p95_ms: None, ..said }.off(&truth), said.off(&truth), "wrk says no p95");
        assert_eq!(Percentiles { p99_ms: None, ..said }.off(&truth), None);
        assert_eq!(Percentiles::of(vec![]), Percentiles::default());
    }
}
