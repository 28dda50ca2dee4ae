//! The life of one alert: quiet, pending while the condition has not held for long enough, firing, and letting go.

use std::time::Duration;

use crate::engine::TransitionState;
use crate::time::UnixMs;

/// Where an alert is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum AlertState {
    /// The condition does not hold.
    #[default]
    Quiet,
    /// It holds, but not yet for long enough.
    Pending {
        /// Since when.
        since: UnixMs,
    },
    /// It fires.
    Firing {
        /// Since when.
        since: UnixMs,
        /// Since when the condition no longer holds, if it does not.
        letting_go: Option<UnixMs>,
    },
}

impl AlertState {
    pub(crate) fn fires(self) -> bool {
        matches!(self, Self::Firing { .. })
    }

    /// Takes one judgement in; says what changed for the world outside.
    pub(crate) fn step(
        &mut self,
        now: UnixMs,
        holds: bool,
        hold: Duration,
        keep_firing: Duration,
    ) -> Option<TransitionState> {
        match (*self, holds) {
            (Self::Quiet | Self::Pending { .. }, false) => *self = Self::Quiet,
            (Self::Quiet, true) if !hold.is_zero() => *self = Self::Pending { since: now },
            (Self::Pending { since }, true) if now.since(since) < hold => {}
            (Self::Quiet | Self::Pending { .. }, true) => {
                *self = Self::Firing { since: now, letting_go: None };
                return Some(TransitionState::Firing);
            }
            (Self::Firing { since, .. }, true) => *self = Self::Firing { since, letting_go: None },
            (Self::Firing { since, letting_go }, false) => {
                let start = letting_go.unwrap_or(now);
                if now.since(start) >= keep_firing {
                    *self = Self::Quiet;
                    return Some(TransitionState::Resolved);
                }
                *self = Self::Firing { since, letting_go: Some(start) };
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps once a second through `signs` (`#` holds, `.` does not) and writes down what changed.
    fn play(signs: &str, hold_s: u64, keep_s: u64) -> String {
        let mut state = AlertState::default();
        let (hold, keep) = (Duration::from_secs(hold_s), Duration::from_secs(keep_s));
        let step =
            |(second, sign): (usize, char)| match state.step(UnixMs(second as u64 * 1000), sign == '#', hold, keep) {
                Some(TransitionState::Firing) => 'F',
                Some(TransitionState::Resolved) => 'R',
                None => '-',
            };
        signs.chars().enumerate().map(step).collect()
    }

    #[test]
    fn alerts_fire_after_the_hold_and_let_go_after_keep_firing() {
        let cases = [
            ("a condition without hold fires at once", "..#.", 0, 0, "--FR"),
            ("a condition fires when it has held for three seconds", "#####", 3, 0, "---F-"),
            ("a break starts the hold anew", "##.####", 3, 0, "------F"),
            ("a short gap does not resolve", "#..#...", 0, 3, "F------"),
            ("it resolves when the gap is long enough", "#....", 0, 2, "F--R-"),
        ];
        for (what, signs, hold, keep, expected) in cases {
            let seen = play(signs, hold, keep);
            assert_eq!(&seen[..expected.len()], expected, "{what}");
        }
    }
}
