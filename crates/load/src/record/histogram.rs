//! Two kinds of histogram for two kinds of question, both with three significant digits from 1 us to 1 h.
//!
//! [`Totals`] are few and hot: dense, a few nanoseconds a sample. [`Sparse`] ones are many (one per stream and quarter
//! minute) with few samples each: a map of the values that occur, a hundredth of the memory. Both round alike, and like
//! `scenario::LatencyHistogram`, so that merging loses nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Serialize, Serializer};

/// Greatest latency, in microseconds; longer ones count as this.
const GREATEST_US: u64 = 3_600_000_000;
/// Digits that are kept.
const DIGITS: u8 = 3;
/// Values below this are exact at three digits; from there on eleven bits are kept.
const EXACT_BELOW: u64 = 2_048;

fn micros(latency: Duration) -> u64 {
    u64::try_from(latency.as_micros()).unwrap_or(GREATEST_US).clamp(1, GREATEST_US)
}

/// Percentiles in milliseconds, as they stand in answers. All 0 while nothing was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

/// Latencies of a whole run.
#[derive(Debug, Clone)]
pub(crate) struct Totals(Histogram<u64>);

impl Default for Totals {
    fn default() -> Self {
        let mut histogram = Histogram::new(DIGITS).expect("three digits are allowed");
        histogram.auto(true);
        Self(histogram)
    }
}

impl<'a> std::iter::Sum<&'a Totals> for Totals {
    fn sum<I: Iterator<Item = &'a Totals>>(all: I) -> Self {
        let mut sum = Self::default();
        all.for_each(|each| sum.merge(each));
        sum
    }
}

impl Totals {
    pub(crate) fn record(&mut self, latency: Duration) {
        // It grows as far as it has to, so this can't fail; `saturating_record` would not let it grow.
        let _ = self.0.record(micros(latency));
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.0 += &other.0;
    }

    /// The values that occur, in microseconds, with how often they do.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter_recorded().map(|value| (value.value_iterated_to(), value.count_since_last_iteration()))
    }

    pub(crate) fn quantile_ms(&self, q: f64) -> f64 {
        if self.0.is_empty() { 0.0 } else { self.0.value_at_quantile(q) as f64 / 1000.0 }
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        let max = if self.0.is_empty() { 0.0 } else { self.0.max() as f64 / 1000.0 };
        Percentiles {
            p50: self.quantile_ms(0.5),
            p90: self.quantile_ms(0.9),
            p95: self.quantile_ms(0.95),
            p99: self.quantile_ms(0.99),
            max,
        }
    }
}

/// Latencies of a short stretch of time. Serialized as `[[microseconds, count], ...]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sparse {
    counts: BTreeMap<u32, u64>,
    samples: u64,
}

impl Sparse {
    /// Nothing was counted.
    pub(crate) const EMPTY: Self = Self { counts: BTreeMap::new(), samples: 0 };

    pub(crate) fn record(&mut self, latency: Duration) {
        *self.counts.entry(rounded(micros(latency))).or_default() += 1;
        self.samples += 1;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (value, count) in &other.counts {
            *self.counts.entry(*value).or_default() += count;
        }
        self.samples += other.samples;
    }

    /// The values that occur, in microseconds, with how often they do.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (u64, u64)> {
        self.counts.iter().map(|(value, count)| (u64::from(*value), *count))
    }

    fn quantile_ms(&self, q: f64) -> f64 {
        let wanted = ((self.samples as f64 * q).ceil() as u64).max(1);
        let mut seen = 0;
        for (value, count) in &self.counts {
            seen += count;
            if seen >= wanted {
                return f64::from(*value) / 1000.0;
            }
        }
        0.0
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        Percentiles {
            p50: self.quantile_ms(0.5),
            p90: self.quantile_ms(0.9),
            p95: self.quantile_ms(0.95),
            p99: self.quantile_ms(0.99),
            max: self.quantile_ms(1.0),
        }
    }
}

impl Serialize for Sparse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.counts)
    }
}

/// The greatest value that three digits do not tell from `us`, as HDR histograms have it.
fn rounded(us: u64) -> u32 {
    let value = if us < EXACT_BELOW {
        us
    } else {
        let dropped = us.ilog2() - (EXACT_BELOW.ilog2() - 1);
        us | ((1 << dropped) - 1)
    };
    // 1 h in microseconds, rounded up, is below 2^32.
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn both_round_as_the_reports_histogram_does(values in proptest::collection::vec(0_u64..4_000_000_000, 1..60)) {
            let (mut sparse, mut totals) = (Sparse::default(), Totals::default());
            let mut reference = scenario::LatencyHistogram::default();
            for us in &values {
                let latency = Duration::from_micros(*us);
                sparse.record(latency);
                totals.record(latency);
                reference.record(latency);
            }
            let wire = serde_json::to_string(&sparse).expect("JSON");
            let back: scenario::LatencyHistogram = serde_json::from_str(&wire).expect("what the conductor reads");
            proptest::prop_assert_eq!(back.count(), values.len() as u64);
            for q in [0.01, 0.25, 0.5, 0.95, 0.99, 1.0] {
                proptest::prop_assert_eq!(back.quantile_ms(q), reference.quantile_ms(q));
                proptest::prop_assert_eq!(Some(totals.quantile_ms(q)), reference.quantile_ms(q));
                proptest::prop_assert_eq!(Some(sparse.quantile_ms(q)), reference.quantile_ms(q));
            }
        }
    }

    #[test]
    fn merging_is_the_same_as_counting_together() {
        let latencies: Vec<Duration> = (1..500_u64).map(|n| Duration::from_micros(n * n * 37)).collect();
        let (mut whole, mut first, mut second) = (Sparse::default(), Sparse::default(), Sparse::default());
        for (n, latency) in latencies.iter().enumerate() {
            whole.record(*latency);
            if n % 3 == 0 { first.record(*latency) } else { second.record(*latency) }
        }
        first.merge(&second);
        assert_eq!(first, whole);
    }

    #[test]
    fn nothing_counted_is_zero_everywhere() {
        assert_eq!(Sparse::default().percentiles(), Percentiles::default());
        assert_eq!(Totals::default().percentiles(), Percentiles::default());
    }
}
