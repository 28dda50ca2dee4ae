//! What the load engine measured of a stream over a window.

use crate::{Bucket, Evidence, LatencyHistogram};

/// A stream's arrivals and requests in a window.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    pub(super) completed: u64,
    pub(super) errors: u64,
    requests: u64,
    request_errors: u64,
    latency: LatencyHistogram,
    /// Scenario minutes that its buckets cover, and where they begin and end.
    covered: f64,
    span: Option<(f64, f64)>,
}

/// How far from a window's edge a bucket's edge may lie and still be it, in scenario minutes: rounding, not time.
const EDGE: f64 = 1e-6;

impl Measured {
    /// Of `stream`, or of one `journey` of it, in `[from, to)`: the buckets that lie wholly inside.
    pub(super) fn of(evidence: &Evidence, stream: &str, journey: Option<&str>, (from, to): (f64, f64)) -> Self {
        let mut measured = Self::default();
        for report in evidence.load.streams.iter().filter(|s| s.stream == stream) {
            let buckets = match journey {
                Some(journey) => report.journeys.get(journey).map_or(&[][..], Vec::as_slice),
                None => &report.buckets,
            };
            buckets.iter().filter(|b| b.from >= from - EDGE && b.to <= to + EDGE).for_each(|b| measured.add(b));
        }
        measured
    }

    fn add(&mut self, bucket: &Bucket) {
        self.completed += bucket.completed;
        self.errors += bucket.errors;
        self.requests += bucket.requests;
        self.request_errors += bucket.request_errors;
        self.latency.merge(&bucket.latency);
        self.covered += bucket.to - bucket.from;
        let (from, to) = self.span.unwrap_or((bucket.from, bucket.to));
        self.span = Some((from.min(bucket.from), to.max(bucket.to)));
    }

    /// Share of arrivals that failed, 0 to 1; `None` if nothing was measured.
    pub(super) fn error_rate(&self) -> Option<f64> {
        (self.completed > 0).then(|| self.errors as f64 / self.completed as f64)
    }

    /// Share of requests that failed, 0 to 1; `None` if none were counted.
    pub(super) fn request_error_rate(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.request_errors as f64 / self.requests as f64)
    }

    pub(super) fn p95_ms(&self) -> Option<f64> {
        self.latency.quantile_ms(0.95)
    }

    /// From the first bucket's begin to the last one's end, in scenario minutes: what a prediction has to be about to be compared.
    pub(super) fn span(&self) -> Option<(f64, f64)> {
        self.span
    }

    /// Arrivals per real minute.
    pub(super) fn per_real_minute(&self, speed: f64) -> Option<f64> {
        (self.covered > 0.0).then(|| self.completed as f64 * speed / self.covered)
    }
}
