//! `retry_storm`: clients send what failed again.

use serde::Deserialize;

use super::Stretch;
use crate::Scenario;

/// The fault kind.
pub(crate) const RETRY_STORM: &str = "retry_storm";

/// When one stream's clients try again, and how often.
#[derive(Debug, Clone, Default)]
pub(crate) struct Retries(Vec<Storm>);

#[derive(Debug, Clone, Copy)]
struct Storm {
    /// Seconds since minute 0.
    stretch: Stretch,
    retry: Retry,
}

/// What a client does whose request failed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Retry {
    /// So often, after the first try.
    pub(crate) at_most: u32,
    /// So long after the failure, in seconds.
    pub(crate) after: f64,
}

/// The arguments of `retry_storm`.
#[derive(Deserialize)]
struct RetryStorm {
    stream: String,
    retries: u32,
    #[serde(default)]
    backoff_ms: f64,
}

impl Retries {
    pub(crate) fn of(scenario: &Scenario, stream: &str, seconds_per_minute: f64) -> Self {
        let storms = scenario.faults.iter().filter(|f| f.kind == RETRY_STORM).filter_map(|fault| {
            let args = RetryStorm::deserialize(&fault.args).ok().filter(|args| args.stream == stream)?;
            let retry = Retry { at_most: args.retries, after: args.backoff_ms / 1000.0 };
            Some(Storm { stretch: Stretch::of(fault).times(seconds_per_minute), retry })
        });
        Self(storms.collect())
    }

    /// For a request that fails `time` seconds after minute 0; of several storms the one that insists the most.
    pub(crate) fn at(&self, time: f64) -> Option<Retry> {
        let storms = self.0.iter().filter(|storm| storm.stretch.contains(time));
        storms.map(|storm| storm.retry).max_by_key(|retry| retry.at_most)
    }
}
