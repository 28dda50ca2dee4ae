//! Durations as a base-2 exponential histogram at scale 5: 32 buckets to the octave, 1.1 % error at most.

/// Buckets to the octave: 2^scale at scale 5.
const PER_OCTAVE: f64 = 32.0;
/// Buckets for every duration that 64 bits of nanoseconds can say.
const BUCKETS: usize = 64 * 32;

/// The bucket of a duration.
#[inline]
fn bucket(nanos: u64) -> u16 {
    ((nanos.max(1) as f64).log2() * PER_OCTAVE) as u16
}

/// The duration that stands for a bucket, in milliseconds: its geometric middle.
fn middle_ms(bucket: usize) -> f64 {
    ((bucket as f64 + 0.5) / PER_OCTAVE).exp2() / 1e6
}

/// A histogram with few samples: pairs of bucket and count, by bucket.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SparseHistogram {
    counts: Vec<(u16, u32)>,
}

impl SparseHistogram {
    /// Counts one duration.
    #[inline]
    pub(crate) fn record(&mut self, nanos: u64) {
        let bucket = bucket(nanos);
        match self.counts.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => self.counts[at].1 += 1,
            Err(at) => {
                if self.counts.len() == self.counts.capacity() {
                    self.counts.reserve_exact((self.counts.len() / 2).max(4));
                }
                self.counts.insert(at, (bucket, 1));
            }
        }
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.counts.capacity() * size_of::<(u16, u32)>()
    }
}

/// A histogram to add others into and to ask.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    counts: Vec<u32>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0 }
    }
}

impl Histogram {
    /// Adds all of `other`.
    pub(crate) fn add(&mut self, other: &SparseHistogram) {
        for (bucket, count) in &other.counts {
            self.counts[usize::from(*bucket).min(BUCKETS - 1)] += count;
            self.total += u64::from(*count);
        }
    }

    /// Counts one duration.
    pub(crate) fn record(&mut self, nanos: u64) {
        self.counts[usize::from(bucket(nanos)).min(BUCKETS - 1)] += 1;
        self.total += 1;
    }

    /// The same in little room.
    pub(crate) fn sparse(&self) -> SparseHistogram {
        let pairs = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        SparseHistogram { counts: pairs.map(|(bucket, count)| (bucket as u16, *count)).collect() }
    }

    /// The `q` quantile (0 to 1) in milliseconds, nearest rank; `None` while nothing was counted.
    pub(crate) fn quantile_ms(&self, q: f64) -> Option<f64> {
        let rank = ((self.total as f64 * q).ceil() as u64).clamp(1, self.total.max(1));
        let mut below = 0;
        self.counts
            .iter()
            .position(|count| {
                below += u64::from(*count);
                below >= rank
            })
            .map(middle_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_about_one_percent_from_a_microsecond_to_an_hour() {
        for scale in [1_000_u64, 1_000_000, 1_000_000_000, 3_600_000_000] {
            let mut sparse = SparseHistogram::default();
            for step in 1..=1000 {
                sparse.record(step * scale);
            }
            let mut histogram = Histogram::default();
            histogram.add(&sparse);
            assert_eq!(histogram.sparse(), sparse);
            for (q, rank) in [(0.5, 500.0), (0.95, 950.0), (0.99, 990.0), (1.0, 1000.0)] {
                let truth_ms = rank * scale as f64 / 1e6;
                let found_ms = histogram.quantile_ms(q).expect("counted");
                assert!((found_ms / truth_ms - 1.0).abs() < 0.012, "q {q}: {found_ms} instead of {truth_ms}");
            }
        }
    }

    #[test]
    fn a_bucket_counts_beyond_sixteen_bits() {
        let mut sparse = SparseHistogram::default();
        for _ in 0..200_000 {
            sparse.record(5_000_000);
        }
        sparse.record(1);
        sparse.record(u64::MAX);
        let mut histogram = Histogram::default();
        histogram.add(&sparse);
        assert_eq!(histogram.total, 200_002);
        assert!((histogram.quantile_ms(0.5).expect("counted") - 5.0).abs() < 0.06);
        assert!(sparse.heap_bytes() < 100);
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(Histogram::default().quantile_ms(0.95), None);
    }
}
