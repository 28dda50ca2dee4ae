//! The recommendation pool as a simulation: Poisson arrivals, first come first served, an acquire timeout.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Connections of the pool.
const CONNECTIONS: usize = 20;
/// How long an arrival waits for one, in seconds.
const ACQUIRE_TIMEOUT_S: f64 = 2.1;
/// What a checkout takes besides, in seconds.
const ELSEWHERE_S: f64 = 0.025;

/// One checkout as its spans tell it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkout {
    /// When its statement's span ended, in seconds from the start of the run.
    pub(crate) statement_end_s: f64,
    /// How long that span lasted.
    pub(crate) statement_ms: f64,
    /// No connection came free in time.
    pub(crate) exhausted: bool,
}

impl Checkout {
    /// When the frontend answered.
    pub(crate) fn end_s(&self) -> f64 {
        self.statement_end_s + ELSEWHERE_S
    }

    /// How long the frontend took.
    pub(crate) fn ms(&self) -> f64 {
        self.statement_ms + ELSEWHERE_S * 1000.0
    }
}

/// A small linear congruential generator: the tests need no more than repeatable.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Between 0 and 1, neither of them.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
}

/// Plays arrivals at `rate_per_s` from `from_s` to `to_s`, each holding a connection for `service_s` of the moment it
/// got one. Sorted by the statement's end.
pub(crate) fn play(
    seed: u64,
    from_s: f64,
    to_s: f64,
    rate_per_s: f64,
    service_s: impl Fn(f64) -> f64,
) -> Vec<Checkout> {
    let mut chance = Chance::new(seed);
    let mut free_at: BinaryHeap<Reverse<u64>> = (0..CONNECTIONS).map(|_| Reverse(0)).collect();
    let mut done = Vec::new();
    let mut arrival = from_s;
    loop {
        arrival -= chance.unit().ln() / rate_per_s;
        if arrival >= to_s {
            break;
        }
        let free = free_at.peek().map_or(0.0, |earliest| earliest.0 as f64 / 1e6);
        let start = arrival.max(free);
        if start - arrival > ACQUIRE_TIMEOUT_S {
            let statement_end_s = arrival + ACQUIRE_TIMEOUT_S;
            done.push(Checkout { statement_end_s, statement_ms: ACQUIRE_TIMEOUT_S * 1000.0, exhausted: true });
            continue;
        }
        let end = start + service_s(start);
        free_at.pop();
        free_at.push(Reverse((end * 1e6) as u64));
        done.push(Checkout { statement_end_s: end, statement_ms: (end - arrival) * 1000.0, exhausted: false });
    }
    done.sort_by(|a, b| a.statement_end_s.total_cmp(&b.statement_end_s));
    done
}
