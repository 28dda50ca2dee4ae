//! One stream over a stretch of scenario minutes, out of the load generator's buckets. Pure.

use scenario::{LatencyHistogram, LoadReport, StreamReport};

/// What a stream did in a stretch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window {
    /// Arrivals that were due.
    pub(crate) due: u64,
    /// Answered or given up.
    pub(crate) completed: u64,
    /// Of those, failed.
    pub(crate) errors: u64,
    /// Real seconds that the stretch lasts.
    pub(crate) seconds: f64,
    latency: LatencyHistogram,
}

impl Window {
    /// The buckets of `stream` that lie wholly inside `[from, to)`.
    pub(crate) fn of(stream: &StreamReport, from: f64, to: f64, seconds_per_minute: f64) -> Self {
        // Bucket borders are multiples of a quarter minute: exact in binary, so no tolerance is needed.
        let mut window = Self::default();
        for bucket in stream.buckets.iter().filter(|b| b.from >= from && b.to <= to) {
            window.due += bucket.due;
            window.completed += bucket.completed;
            window.errors += bucket.errors;
            window.seconds += (bucket.to - bucket.from) * seconds_per_minute;
            window.latency.merge(&bucket.latency);
        }
        window
    }

    /// Share of answered arrivals that failed.
    pub(crate) fn error_rate(&self) -> Option<f64> {
        (self.completed > 0).then(|| self.errors as f64 / self.completed as f64)
    }

    /// Arrivals per real minute.
    pub(crate) fn per_minute(&self) -> f64 {
        if self.seconds > 0.0 { self.due as f64 * 60.0 / self.seconds } else { 0.0 }
    }

    /// A quantile of latency, in milliseconds.
    pub(crate) fn quantile_ms(&self, q: f64) -> Option<f64> {
        self.latency.quantile_ms(q)
    }
}

/// The end of the newest bucket up to which every arrival was answered or given up; between `oldest` and `newest`.
pub(crate) fn settled_until(stream: &StreamReport, oldest: f64, newest: f64) -> f64 {
    let waiting = stream.buckets.iter().find(|b| b.from >= oldest && b.to <= newest && b.completed < b.due);
    waiting.map_or(newest, |bucket| bucket.from)
}

/// The report of the stream named `name`.
pub(crate) fn stream<'a>(report: &'a LoadReport, name: &str) -> Option<&'a StreamReport> {
    report.streams.iter().find(|s| s.stream == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario::Bucket;

    #[test]
    fn a_window_takes_whole_buckets_inside_it_and_counts_in_real_minutes() {
        let bucket = |from: f64, errors| {
            let mut latency = LatencyHistogram::default();
            latency.record(std::time::Duration::from_millis(100));
            Bucket { from, to: from + 0.25, due: 105, completed: 100, errors, latency, ..Bucket::default() }
        };
        let report = StreamReport {
            stream: "demo".into(),
            buckets: (0..8).map(|i| bucket(f64::from(i) * 0.25, 50)).collect(),
            ..StreamReport::default()
        };
        let window = Window::of(&report, 1.0, 2.0, 6.0);
        assert_eq!((window.due, window.completed, window.errors), (420, 400, 200));
        assert_eq!(window.error_rate(), Some(0.5));
        assert!((window.per_minute() - 4200.0).abs() < 1e-6);
        // Five of each bucket's arrivals have not been answered yet.
        assert_eq!((settled_until(&report, 1.0, 2.0), settled_until(&report, 2.0, 3.0)), (1.0, 3.0));
        assert!((window.quantile_ms(0.95).expect("recorded") - 100.0).abs() < 0.2);
    }
}
