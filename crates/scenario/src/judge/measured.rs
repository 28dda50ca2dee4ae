//! What the load engine measured of a stream over a window.

use crate::{Bucket, Evidence, LatencyHistogram};

/// A stream's arrivals in a window.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    pub(super) completed: u64,
    pub(super) errors: u64,
    latency: LatencyHistogram,
    /// Scenario minutes that its buckets cover.
    covered: f64,
}

/// How far from a window's edge a bucket's edge may lie and still be it, in scenario minutes: rounding, not time.
const EDGE: f64 = 1e-6;

impl Measured {
    /// Of `stream` in `[from, to)`: the buckets that lie wholly inside.
    pub(super) fn of(evidence: &Evidence, stream: &str, from: f64, to: f64) -> Self {
        let buckets = evidence.load.streams.iter().filter(|s| s.stream == stream).flat_map(|s| &s.buckets);
        let mut measured = Self::default();
        for bucket in buckets.filter(|b| b.from >= from - EDGE && b.to <= to + EDGE) {
            measured.add(bucket);
        }
        measured
    }

    fn add(&mut self, bucket: &Bucket) {
        self.completed += bucket.completed;
        self.errors += bucket.errors;
        self.latency.merge(&bucket.latency);
        self.covered += bucket.to - bucket.from;
    }

    /// Share that failed, 0 to 1; `None` if nothing was measured.
    pub(super) fn error_rate(&self) -> Option<f64> {
        (self.completed > 0).then(|| self.errors as f64 / self.completed as f64)
    }

    pub(super) fn p95_ms(&self) -> Option<f64> {
        self.latency.quantile_ms(0.95)
    }

    /// Arrivals per real minute.
    pub(super) fn per_real_minute(&self, speed: f64) -> Option<f64> {
        (self.covered > 0.0).then(|| self.completed as f64 * speed / self.covered)
    }
}
