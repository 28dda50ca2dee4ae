//! Latencies of a short stretch of time, as they are reported.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Greatest latency that can be recorded, in microseconds; longer ones count as this.
const GREATEST_US: u64 = 3_600_000_000;
/// Bits of a value that are kept: 11 resolve 2048 steps, which is three significant digits.
const KEPT_BITS: u32 = 11;

/// A histogram of latencies: 1 us to 1 h, 3 significant digits; serialized as sparse `[microseconds, count]` pairs.
///
/// It rounds as an HDR histogram of three digits does, and keeps only the values that occur: a run's report holds hundreds
/// of these with few samples each, and a dense one takes 190 KB.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LatencyHistogram {
    /// Counts by the greatest value that rounds to the same.
    counts: BTreeMap<u64, u64>,
    count: u64,
}

impl LatencyHistogram {
    /// Counts one latency.
    pub fn record(&mut self, latency: Duration) {
        self.record_n(latency, 1);
    }

    /// Counts a latency that occurred `count` times.
    pub fn record_n(&mut self, latency: Duration, count: u64) {
        self.add(u64::try_from(latency.as_micros()).unwrap_or(GREATEST_US), count);
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (micros, count) in &other.counts {
            self.add(*micros, *count);
        }
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The `q` quantile (0 to 1) in milliseconds; `None` while nothing was counted.
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        let rank = ((self.count as f64 * q.clamp(0.0, 1.0)).ceil() as u64).max(1);
        let mut seen = 0;
        let reaches = |(_, count): &(&u64, &u64)| {
            seen = u64::saturating_add(seen, **count);
            seen >= rank
        };
        self.counts.iter().find(reaches).map(|(micros, _)| *micros as f64 / 1000.0)
    }

    /// The greatest, in milliseconds; `None` while nothing was counted.
    pub fn max_ms(&self) -> Option<f64> {
        self.counts.keys().next_back().map(|micros| *micros as f64 / 1000.0)
    }

    /// The mean, in milliseconds, as exact as three digits are; `None` while nothing was counted.
    pub fn mean_ms(&self) -> Option<f64> {
        let sum: f64 = self.counts.iter().map(|(micros, count)| *micros as f64 * *count as f64).sum();
        (self.count > 0).then(|| sum / self.count as f64 / 1000.0)
    }

    /// Each value that occurs, in microseconds and rising, with how often it does.
    pub fn counts(&self) -> impl Iterator<Item = (u64, u64)> {
        self.counts.iter().map(|(micros, count)| (*micros, *count))
    }

    fn add(&mut self, micros: u64, count: u64) {
        if count > 0 {
            let counted = self.counts.entry(rounded(micros)).or_default();
            *counted = counted.saturating_add(count);
            self.count = self.count.saturating_add(count);
        }
    }
}

/// The greatest value that three significant digits can't tell from `micros`.
fn rounded(micros: u64) -> u64 {
    let micros = micros.clamp(1, GREATEST_US);
    let dropped = (u64::BITS - micros.leading_zeros()).saturating_sub(KEPT_BITS);
    micros | ((1 << dropped) - 1)
}

/// Of microseconds with how often each occurred; at its best where they rise.
impl FromIterator<(u64, u64)> for LatencyHistogram {
    fn from_iter<I: IntoIterator<Item = (u64, u64)>>(counts: I) -> Self {
        let mut all: Vec<(u64, u64)> = Vec::new();
        for (micros, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            let micros = rounded(micros);
            match all.last_mut() {
                Some((last, sum)) if *last == micros => *sum = sum.saturating_add(count),
                _ => all.push((micros, count)),
            }
        }
        if all.is_sorted_by(|a, b| a.0 < b.0) {
            // A map of rising keys is filled node by node, without a search for each.
            let count = all.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
            return Self { counts: all.into_iter().collect(), count };
        }
        let mut histogram = Self::default();
        all.into_iter().for_each(|(micros, count)| histogram.add(micros, count));
        histogram
    }
}

impl Serialize for LatencyHistogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.counts)
    }
}

impl<'de> Deserialize<'de> for LatencyHistogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<(u64, u64)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rounds_and_ranks_as_an_hdr_histogram_does() {
        let mut reference = hdrhistogram::Histogram::<u64>::new_with_bounds(1, GREATEST_US, 3).expect("valid");
        let mut ours = LatencyHistogram::default();
        for step in 0..2000_u64 {
            // From a microsecond to an hour, denser at the low end.
            let micros = (step * step * step / 2 + step) % GREATEST_US + 1;
            reference.record(micros).expect("inside");
            ours.record(Duration::from_micros(micros));
        }
        for q in [0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0] {
            assert_eq!(ours.quantile_ms(q), Some(reference.value_at_quantile(q) as f64 / 1000.0), "{q}");
        }
        assert_eq!(ours.count(), 2000);
    }

    #[test]
    fn it_survives_the_wire_and_merges() {
        let mut first = LatencyHistogram::default();
        for micros in [0, 1, 2_047, 2_048, 2_049, 1_234_567, u64::MAX] {
            first.record(Duration::from_micros(micros));
        }
        let text = serde_json::to_string(&first).expect("serializable");
        let mut read: LatencyHistogram = serde_json::from_str(&text).expect("the same shape");
        assert_eq!(read, first);
        read.merge(&first);
        assert_eq!(read.count(), 14);
        assert_eq!(read.quantile_ms(0.95), first.quantile_ms(0.95));
    }

    #[test]
    fn an_empty_one_has_no_figures() {
        let empty = LatencyHistogram::default();
        assert_eq!((empty.quantile_ms(0.95), empty.max_ms(), empty.mean_ms()), (None, None, None));
    }

    #[test]
    fn counts_in_any_order_make_the_same_histogram() {
        let mut recorded = LatencyHistogram::default();
        recorded.record_n(Duration::from_micros(1_000), 3);
        recorded.record_n(Duration::from_micros(500), 1);
        recorded.record_n(Duration::from_micros(9), 0);
        for counts in [[(500, 1), (1_000, 3)], [(1_000, 3), (500, 1)]] {
            assert_eq!(counts.into_iter().collect::<LatencyHistogram>(), recorded);
        }
        // Those that round to the same are one; 5,000 and 5,001 do.
        let alike: LatencyHistogram = [(5_000, 1), (5_001, 2), (9_000, 0)].into_iter().collect();
        assert_eq!(alike.counts().collect::<Vec<_>>(), [(5_003, 3)]);
        assert_eq!((recorded.max_ms(), recorded.mean_ms(), recorded.count()), (Some(1.0), Some(0.875), 4));
    }
}
