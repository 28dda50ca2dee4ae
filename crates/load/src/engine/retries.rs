//! Requests sent again: what the visitors of a stream do when one fails.
//!
//! Whether they do is changed while the run goes on, from outside; it is looked at only when a request has failed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::run::unix_now;

/// How patient visitors are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RetryPolicy {
    /// How often a failed request is sent again; at least 1.
    pub(crate) retries: u32,
    /// Pause before each time.
    pub(crate) backoff: Duration,
    /// When they stop, in Unix seconds.
    pub(crate) until_unix: f64,
}

/// A stream's policy, and what came of it since the run began.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct StreamRetries {
    /// `None` where nobody tries again, or not any more.
    pub(crate) policy: Option<RetryPolicy>,
    /// Requests that were sent again.
    pub(crate) sent: u64,
}

/// One policy for each stream of a run. Held for single looks, never across an await.
#[derive(Debug)]
pub(crate) struct Retries {
    streams: Vec<(Mutex<Option<RetryPolicy>>, AtomicU64)>,
}

impl Retries {
    pub(super) fn new(streams: usize) -> Self {
        Self { streams: (0..streams).map(|_| <_>::default()).collect() }
    }

    /// Puts `policy` in the place of the stream's; returns the one that was in force.
    pub(crate) fn set(&self, stream: usize, policy: Option<RetryPolicy>) -> Option<RetryPolicy> {
        let before = self.in_force(stream);
        *self.policy(stream) = policy;
        before
    }

    pub(crate) fn of(&self, stream: usize) -> StreamRetries {
        StreamRetries { policy: self.in_force(stream), sent: self.streams[stream].1.load(Ordering::Relaxed) }
    }

    /// The pause before a request is sent once more that was sent again `retries` times and failed; `None` where its
    /// visitor gives up.
    pub(super) fn after(&self, stream: usize, retries: u32) -> Option<Duration> {
        self.in_force(stream).filter(|policy| retries < policy.retries).map(|policy| policy.backoff)
    }

    pub(super) fn count(&self, stream: usize) {
        self.streams[stream].1.fetch_add(1, Ordering::Relaxed);
    }

    fn in_force(&self, stream: usize) -> Option<RetryPolicy> {
        self.policy(stream).filter(|policy| unix_now() < policy.until_unix)
    }

    fn policy(&self, stream: usize) -> MutexGuard<'_, Option<RetryPolicy>> {
        // It is replaced in one go.
        self.streams[stream].0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_sent_again_as_often_as_the_policy_says_and_no_longer_than_it_lasts() {
        let retries = Retries::new(2);
        assert_eq!(retries.after(1, 0), None);
        let backoff = Duration::from_millis(50);
        let policy = RetryPolicy { retries: 2, backoff, until_unix: unix_now() + 60.0 };
        assert_eq!(retries.set(1, Some(policy)), None);
        assert_eq!([0, 1, 2].map(|sent| retries.after(1, sent)), [Some(backoff), Some(backoff), None]);
        assert_eq!(retries.after(0, 0), None, "another stream");
        retries.count(1);
        assert_eq!(retries.of(1), StreamRetries { policy: Some(policy), sent: 1 });

        let over = RetryPolicy { until_unix: unix_now() - 1.0, ..policy };
        assert_eq!(retries.set(1, Some(over)), Some(policy));
        assert_eq!(retries.after(1, 0), None);
        assert_eq!(retries.of(1), StreamRetries { policy: None, sent: 1 });
        assert_eq!(retries.set(1, None), None);
    }
}
