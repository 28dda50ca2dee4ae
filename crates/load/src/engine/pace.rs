//! When to wake for the next arrival. Pure.
//!
//! Below [`DENSE_PER_SECOND`] every arrival gets a waking of its own. Above it, wakings keep [`QUANTUM`] apart and each
//! lets everything go that is due: an arrival is late by half of that in the mean, and a core has time left for answers.

use std::time::Duration;

/// Arrivals a second of one thread from which on they share wakings: a waking costs three system calls, some 10 us.
const DENSE_PER_SECOND: f64 = 4_000.0;
/// Least time between two wakings where arrivals are dense.
pub(super) const QUANTUM: Duration = Duration::from_micros(250);
/// Weight of the latest gap in the mean: a burst of Poisson arrivals is no rate.
const WEIGHT: f64 = 1.0 / 64.0;

/// Follows how dense arrivals are.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// Mean gap of the latest arrivals, in seconds.
    gap: f64,
    latest: Duration,
}

/// What to do about the next arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It is due.
    Send,
    /// Wake at this time.
    WakeAt(Duration),
}

impl Pace {
    /// Nothing has arrived.
    pub(super) fn new() -> Self {
        Self { gap: 1.0, latest: Duration::ZERO }
    }

    /// What to do at `now` about an arrival that is due at `due`, having woken last at `woke`. All count from one moment.
    pub(super) fn next(&self, due: Duration, now: Duration, woke: Duration) -> Next {
        if due <= now {
            return Next::Send;
        }
        let is_dense = self.gap * DENSE_PER_SECOND < 1.0;
        Next::WakeAt(if is_dense { due.max(woke + QUANTUM) } else { due })
    }

    /// An arrival that was due at `due` was sent.
    pub(super) fn sent(&mut self, due: Duration) {
        let gap = due.saturating_sub(self.latest).as_secs_f64();
        self.latest = due;
        self.gap += (gap - self.gap) * WEIGHT;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn us(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    /// After a second of arrivals `gap` apart.
    fn paced(gap: Duration) -> Pace {
        let mut pace = Pace::new();
        let mut due = Duration::ZERO;
        while due < Duration::from_secs(1) {
            due += gap;
            pace.sent(due);
        }
        pace
    }

    #[test]
    fn sparse_arrivals_get_a_waking_each_and_dense_ones_share_them() {
        let table = [
            // gap, due, now, woke, what follows
            (us(500), 1_000, 1_000, 900, Next::Send),
            (us(500), 1_000, 1_700, 900, Next::Send),
            (us(500), 1_000, 999, 999, Next::WakeAt(us(1_000))),
            (us(300), 1_001, 1_000, 1_000, Next::WakeAt(us(1_001))),
            (us(50), 1_000, 1_000, 999, Next::Send),
            (us(50), 1_001, 1_000, 1_000, Next::WakeAt(us(1_250))),
            (us(50), 1_001, 1_000, 900, Next::WakeAt(us(1_150))),
            (us(50), 1_001, 1_000, 700, Next::WakeAt(us(1_001))),
            (us(50), 9_000, 1_000, 1_000, Next::WakeAt(us(9_000))),
        ];
        for (gap, due, now, woke, expected) in table {
            let found = paced(gap).next(us(due), us(now), us(woke));
            assert_eq!(found, expected, "gap {gap:?}, due {due}, now {now}, woke {woke}");
        }
    }

    #[test]
    fn nobody_waits_longer_than_a_quantum_and_nobody_is_early() {
        for gap in [us(7), us(50), us(240), us(260), us(2_000)] {
            let (mut pace, mut now, mut woke) = (paced(gap), Duration::from_secs(1), Duration::from_secs(1));
            let mut due = now;
            for _ in 0..10_000 {
                due += gap;
                while let Next::WakeAt(moment) = pace.next(due, now, woke) {
                    (now, woke) = (moment, moment);
                }
                assert!(now >= due && now - due <= QUANTUM, "gap {gap:?}: due {due:?}, sent {now:?}");
                pace.sent(due);
            }
        }
    }

    #[test]
    fn a_burst_is_no_rate() {
        let mut pace = paced(us(2_000));
        let latest = pace.latest;
        for n in 1..10 {
            pace.sent(latest + us(n));
        }
        assert_eq!(pace.next(latest + us(200), latest + us(100), latest + us(90)), Next::WakeAt(latest + us(200)));
    }
}
