//! How crowded a pool is, now and over the last ten seconds.

use super::call::milliseconds;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Quantiles are over this much of the past.
const WINDOW: Duration = Duration::from_secs(10);
/// Most samples kept: 400 acquires a second for ten seconds, five times what the shop's busiest pool sees.
const MAX_SAMPLES: usize = 4_096;

/// Quantiles of a duration over the last ten seconds, milliseconds; 0 without samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Median.
    pub p50: f64,
    /// 95th percentile, nearest rank.
    pub p95: f64,
}

/// A snapshot of a pool, as `GET /admin/pool-stats` shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PoolStats {
    /// Name of the pool.
    pub name: String,
    /// Connections it may open now.
    pub max: u32,
    /// Connections it was made to open.
    pub configured: u32,
    /// Connections it has open.
    pub size: u32,
    /// Of those, the ones nobody uses.
    pub idle: u32,
    /// Connections in use, leaked ones included.
    pub in_use: u32,
    /// Connections that a [`Leak`](super::Leak) holds.
    pub leaked: u32,
    /// Callers waiting for a connection now.
    pub pending: u64,
    /// Most callers that waited at once, since the start or the last read that reset it.
    pub pending_max: u64,
    /// Acquires so far, those that timed out included.
    pub acquires: u64,
    /// Acquires that timed out so far.
    pub timeouts: u64,
    /// Time to obtain a connection; those that timed out count with the time they waited.
    pub wait_ms: Quantiles,
    /// Time between obtaining a connection and giving it back.
    pub use_ms: Quantiles,
}

/// Counters and recent durations of one pool.
#[derive(Debug, Default)]
pub(super) struct Record {
    pending: AtomicU64,
    pending_max: AtomicU64,
    acquires: AtomicU64,
    timeouts: AtomicU64,
    uses_begun: AtomicU64,
    uses_ended: AtomicU64,
    leaked: AtomicU64,
    waits: Recent,
    uses: Recent,
}

impl Record {
    /// Counts a caller as waiting until the returned guard is dropped.
    pub(super) fn pend(&self) -> Pending<'_> {
        self.acquires.fetch_add(1, Ordering::Relaxed);
        let pending = self.pending.fetch_add(1, Ordering::Relaxed) + 1;
        self.pending_max.fetch_max(pending, Ordering::Relaxed);
        Pending(self)
    }

    pub(super) fn pending(&self) -> u64 {
        self.pending.load(Ordering::Relaxed)
    }

    /// Counts a timeout and returns how many there were.
    pub(super) fn timed_out(&self) -> u64 {
        self.timeouts.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn waited(&self, wait: Duration) {
        self.waits.push(Instant::now(), wait);
    }

    /// How often a connection was given out so far.
    pub(super) fn uses_begun(&self) -> u64 {
        self.uses_begun.load(Ordering::Relaxed)
    }

    /// Whether anybody has a connection, a leak included, or got one since [`Record::uses_begun`] returned `before`.
    pub(super) fn had_users_since(&self, before: u64) -> bool {
        let begun = self.uses_begun();
        begun > before || begun > self.uses_ended.load(Ordering::Relaxed) || self.leaked.load(Ordering::Relaxed) > 0
    }

    /// Counts one more leaked connection.
    pub(super) fn leaks(&self) {
        self.leaked.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts so many leaked connections as given back.
    pub(super) fn leaks_end(&self, connections: usize) {
        self.leaked.fetch_sub(connections as u64, Ordering::Relaxed);
    }

    pub(super) fn use_begins(&self) {
        self.uses_begun.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn use_ends(&self, time: Duration) {
        self.uses_ended.fetch_add(1, Ordering::Relaxed);
        self.uses.push(Instant::now(), time);
    }

    /// Everything except what only the pool itself knows. `reset` starts `pending_max` anew from now.
    pub(super) fn snapshot(&self, reset: bool) -> PoolStats {
        let pending = self.pending();
        let pending_max = if reset {
            self.pending_max.swap(pending, Ordering::Relaxed)
        } else {
            self.pending_max.load(Ordering::Relaxed)
        };
        let now = Instant::now();
        PoolStats {
            pending,
            pending_max,
            leaked: u32::try_from(self.leaked.load(Ordering::Relaxed)).unwrap_or(u32::MAX),
            acquires: self.acquires.load(Ordering::Relaxed),
            timeouts: self.timeouts.load(Ordering::Relaxed),
            wait_ms: self.waits.quantiles(now),
            use_ms: self.uses.quantiles(now),
            ..PoolStats::default()
        }
    }
}

/// A caller that waits for a connection.
pub(super) struct Pending<'a>(&'a Record);

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Durations of the last [`WINDOW`].
#[derive(Debug, Default)]
struct Recent(Mutex<VecDeque<(Instant, Duration)>>);

impl Recent {
    fn push(&self, now: Instant, duration: Duration) {
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if samples.len() == MAX_SAMPLES {
            samples.pop_front();
        }
        samples.push_back((now, duration));
    }

    fn quantiles(&self, now: Instant) -> Quantiles {
        let mut recent: Vec<Duration> = {
            let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let is_old = |at: &Instant| now.saturating_duration_since(*at) > WINDOW;
            while samples.front().is_some_and(|(at, _)| is_old(at)) {
                samples.pop_front();
            }
            samples.iter().map(|(_, duration)| *duration).collect()
        };
        recent.sort_unstable();
        Quantiles { p50: nearest_rank(&recent, 50), p95: nearest_rank(&recent, 95) }
    }
}

fn nearest_rank(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().map_or(0.0, milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks_of_the_last_ten_seconds() {
        let recent = Recent::default();
        let start = Instant::now();
        recent.push(start, Duration::from_secs(60));
        let later = start + Duration::from_secs(11);
        for ms in 1..=100 {
            recent.push(later, Duration::from_millis(ms));
        }
        let quantiles = recent.quantiles(later);
        assert_eq!((quantiles.p50, quantiles.p95), (50.0, 95.0));
        let empty = recent.quantiles(later + Duration::from_secs(11));
        assert_eq!((empty.p50, empty.p95), (0.0, 0.0));
    }

    #[test]
    fn the_window_is_bounded() {
        let recent = Recent::default();
        let now = Instant::now();
        for _ in 0..MAX_SAMPLES * 2 {
            recent.push(now, Duration::from_millis(1));
        }
        assert_eq!(recent.0.lock().unwrap().len(), MAX_SAMPLES);
    }

    #[test]
    fn pending_max_is_the_most_at_once_until_it_is_reset() {
        let record = Record::default();
        let first = record.pend();
        let second = record.pend();
        drop((first, second));
        let _third = record.pend();
        let seen = record.snapshot(true);
        assert_eq!((seen.pending, seen.pending_max, seen.acquires), (1, 2, 3));
        assert_eq!(record.snapshot(false).pending_max, 1);
    }
}
