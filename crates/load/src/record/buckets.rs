//! Counts by time: stretches of a quarter scenario minute, or of a second.

use std::sync::Arc;

use super::Sparse;

/// How long each stretch is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BucketLength {
    /// In scenario minutes, over 0.
    pub(crate) minutes: f64,
    /// Whether each journey has its own as well: verdicts ask for them, reports of load tests do not.
    pub(crate) is_by_journey: bool,
}

/// Most stretches of a load test: enough for a chart, and its memory stays flat however long it runs.
const MOST_IN_TEST: f64 = 600.0;

impl BucketLength {
    /// What verdicts count in.
    pub(crate) const QUARTER_MINUTE: Self = Self { minutes: 0.25, is_by_journey: true };

    /// A second, or as many whole seconds as keep a test of `minutes` within a bound.
    pub(crate) fn for_test(minutes: f64) -> Self {
        Self { minutes: (minutes * 60.0 / MOST_IN_TEST).ceil().max(1.0) / 60.0, is_by_journey: false }
    }

    /// The stretch that `minute` lies in; the first for what is before minute 0.
    fn position(self, minute: f64) -> usize {
        (minute / self.minutes).max(0.0) as usize
    }
}

/// Arrivals that were due in one stretch, and requests that were sent in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeBucket {
    pub(crate) due: u64,
    pub(crate) dropped: u64,
    pub(crate) completed: u64,
    pub(crate) errors: u64,
    /// One for each arrival, however many steps its journey has, and one for each retry.
    pub(crate) requests: u64,
    pub(crate) request_errors: u64,
    pub(crate) latency: Sparse,
}

impl TimeBucket {
    /// Nothing was counted.
    pub(crate) const EMPTY: Self =
        Self { due: 0, dropped: 0, completed: 0, errors: 0, requests: 0, request_errors: 0, latency: Sparse::EMPTY };

    fn merge(&mut self, other: &Self) {
        self.due += other.due;
        self.dropped += other.dropped;
        self.completed += other.completed;
        self.errors += other.errors;
        self.requests += other.requests;
        self.request_errors += other.request_errors;
        self.latency.merge(&other.latency);
    }
}

/// Stretches of one length from minute 0 on. Each hangs on a reference count of its own, so that a snapshot copies none.
#[derive(Debug, Clone)]
pub(crate) struct Buckets {
    length: BucketLength,
    counted: Vec<Arc<TimeBucket>>,
}

impl Buckets {
    pub(super) fn new(length: BucketLength) -> Self {
        Self { length, counted: Vec::new() }
    }

    /// How long each is.
    pub(crate) fn length(&self) -> BucketLength {
        self.length
    }

    /// The bucket that `minute` lies in.
    pub(super) fn at(&mut self, minute: f64) -> &mut TimeBucket {
        let position = self.length.position(minute);
        if position >= self.counted.len() {
            self.counted.resize_with(position + 1, Arc::default);
        }
        Arc::make_mut(&mut self.counted[position])
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if self.counted.len() < other.counted.len() {
            self.counted.resize_with(other.counted.len(), Arc::default);
        }
        for (mine, theirs) in self.counted.iter_mut().zip(&other.counted) {
            Arc::make_mut(mine).merge(theirs);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.counted.len()
    }

    /// The bucket at `position`, if anything was counted there or later.
    pub(crate) fn get(&self, position: usize) -> Option<&TimeBucket> {
        self.counted.get(position).map(Arc::as_ref)
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &TimeBucket> {
        self.counted.iter().map(Arc::as_ref)
    }

    /// The buckets that lie in `[from, to)` scenario minutes, as one.
    pub(crate) fn between(&self, from: f64, to: f64) -> TimeBucket {
        let mut sum = TimeBucket::default();
        let border = |minute: f64| (minute / self.length.minutes).round().max(0.0) as usize;
        let (first, end) = (border(from), border(to));
        for bucket in self.counted.iter().take(end).skip(first) {
            sum.merge(bucket);
        }
        sum
    }
}
