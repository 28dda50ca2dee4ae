//! Counts by time: stretches of a quarter scenario minute.

use std::sync::Arc;

use super::Sparse;

/// Length of a bucket, in scenario minutes.
pub(crate) const BUCKET_MINUTES: f64 = 0.25;

/// Arrivals that were due in one stretch of [`BUCKET_MINUTES`], and requests that were sent in it.
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

/// Bucket `i` is minutes `i * BUCKET_MINUTES` to the next. Each hangs on a reference count of its own, so that a snapshot
/// copies none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buckets(Vec<Arc<TimeBucket>>);

impl Buckets {
    /// The bucket that `minute` lies in; the first for what is before minute 0.
    pub(super) fn at(&mut self, minute: f64) -> &mut TimeBucket {
        let position = (minute / BUCKET_MINUTES).max(0.0) as usize;
        if position >= self.0.len() {
            self.0.resize_with(position + 1, Arc::default);
        }
        Arc::make_mut(&mut self.0[position])
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize_with(other.0.len(), Arc::default);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            Arc::make_mut(mine).merge(theirs);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The bucket at `position`, if anything was counted there or later.
    pub(crate) fn get(&self, position: usize) -> Option<&TimeBucket> {
        self.0.get(position).map(Arc::as_ref)
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &TimeBucket> {
        self.0.iter().map(Arc::as_ref)
    }

    /// The buckets that lie in `[from, to)` scenario minutes, as one.
    pub(crate) fn between(&self, from: f64, to: f64) -> TimeBucket {
        let mut sum = TimeBucket::default();
        let first = (from / BUCKET_MINUTES).round().max(0.0) as usize;
        let end = (to / BUCKET_MINUTES).round().max(0.0) as usize;
        for bucket in self.0.iter().take(end).skip(first) {
            sum.merge(bucket);
        }
        sum
    }
}
