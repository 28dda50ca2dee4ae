//! What was not taken lately: counters only grow, and whoever looks at a page wants to know about now.

use std::collections::VecDeque;

use detect::UnixMs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What counts as lately, in milliseconds.
const WINDOW_MS: u64 = 60_000;

/// What was not taken in the last minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Lately {
    /// How long that is, in seconds: a minute, less after a start.
    pub seconds: f64,
    /// Messages that were turned away because too many came at once.
    pub requests_refused: u64,
    /// Messages that could not be read.
    pub requests_invalid: u64,
    /// Spans that were not valid.
    pub spans_rejected: u64,
}

/// Counters since the start, once a second over the last minute.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    noted: VecDeque<(u64, Lately)>,
}

impl Losses {
    /// Notes how the counters stand; `seconds` is not read.
    pub(crate) fn note(&mut self, now: UnixMs, counters: Lately) {
        // One that is just too old stays: it is what the minute began with.
        while self.noted.get(1).is_some_and(|(at, _)| at + WINDOW_MS <= now.0) {
            self.noted.pop_front();
        }
        self.noted.push_back((now.0, counters));
    }

    /// What has come on top since a minute ago; `counters` are those of now, `uptime_s` the console's age.
    pub(crate) fn lately(&self, now: UnixMs, uptime_s: f64, counters: Lately) -> Lately {
        let is_before = |at: &u64| at + WINDOW_MS <= now.0;
        let before = self.noted.iter().rev().find(|(at, _)| is_before(at)).map(|(_, then)| *then).unwrap_or_default();
        Lately {
            seconds: (WINDOW_MS as f64 / 1000.0).min(uptime_s.max(1.0)),
            requests_refused: counters.requests_refused.saturating_sub(before.requests_refused),
            requests_invalid: counters.requests_invalid.saturating_sub(before.requests_invalid),
            spans_rejected: counters.spans_rejected.saturating_sub(before.spans_rejected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_minute_counts_and_memory_stays_small() {
        let mut losses = Losses::default();
        let refused = |requests_refused| Lately { requests_refused, ..Lately::default() };
        assert_eq!(losses.lately(UnixMs(500), 0.5, refused(3)), Lately { seconds: 1.0, ..refused(3) });
        for second in 1..=200u64 {
            // Ten a second for the first hundred seconds, then none.
            losses.note(UnixMs(second * 1000), refused(second.min(100) * 10));
        }
        assert_eq!(losses.lately(UnixMs(200_000), 200.0, refused(1000)).requests_refused, 0);
        assert!(losses.noted.len() <= 62, "{}", losses.noted.len());
        let mut losses = Losses::default();
        for second in 1..=100u64 {
            losses.note(UnixMs(second * 1000), refused(second * 10));
        }
        assert_eq!(losses.lately(UnixMs(100_000), 100.0, refused(1000)), Lately { seconds: 60.0, ..refused(600) });
    }
}
