//! Alerts as they came, numbered, the last ten thousand.

use std::collections::VecDeque;

use detect::Transition;

use crate::api::Alert;

/// A run has dozens; a monitor that flaps all day must not fill the memory.
const MOST_ALERTS: usize = 10_000;

/// The last alerts.
#[derive(Debug, Default)]
pub(crate) struct AlertLog {
    kept: VecDeque<Alert>,
    last_seq: u64,
}

impl AlertLog {
    /// Those of a finished run.
    pub(crate) fn of(alerts: &[Alert]) -> Self {
        let kept: VecDeque<Alert> = alerts.iter().rev().take(MOST_ALERTS).rev().cloned().collect();
        Self { last_seq: kept.back().map_or(0, |alert| alert.seq), kept }
    }

    pub(crate) fn push(&mut self, transition: Transition) {
        self.last_seq += 1;
        self.kept.push_back(Alert {
            seq: self.last_seq,
            monitor: transition.key,
            state: transition.state,
            at_unix_ms: transition.at.0,
            traffic_type: transition.group,
            value: transition.value,
            threshold: transition.threshold,
            summary: transition.summary,
        });
        if self.kept.len() > MOST_ALERTS {
            self.kept.pop_front();
        }
    }

    /// Those after `seq`, in order.
    pub(crate) fn since(&self, seq: u64) -> Vec<Alert> {
        self.kept.iter().filter(|alert| alert.seq > seq).cloned().collect()
    }

    /// The last `count`, the newest first.
    pub(crate) fn newest(&self, count: usize) -> Vec<Alert> {
        self.kept.iter().rev().take(count).cloned().collect()
    }
}
