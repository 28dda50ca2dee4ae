//! How far a flow has come: which stages were reached when, and since when all of them hold together.

use std::time::Duration;

use crate::engine::TransitionState;
use crate::flow::Stage;
use crate::time::UnixMs;

/// The durations of a flow, scaled.
#[derive(Debug, Clone)]
pub(crate) struct FlowTimes {
    /// For each stage, up to so long after the one before.
    pub(crate) within: Vec<Option<Duration>>,
    /// All stages together.
    pub(crate) held: Duration,
    /// After the last stage has stopped.
    pub(crate) keep_firing: Duration,
}

impl FlowTimes {
    pub(crate) fn new(stages: &[Stage], scale: impl Fn(Duration) -> Duration, held: Duration, keep: Duration) -> Self {
        Self {
            within: stages.iter().map(|stage| stage.within.map(&scale)).collect(),
            held: scale(held),
            keep_firing: scale(keep),
        }
    }
}

/// One group's way through a flow.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FlowState {
    /// When each stage was reached, as far as it came.
    pub(crate) reached: Vec<UnixMs>,
    /// Since when all stages hold together.
    pub(crate) together: Option<UnixMs>,
    /// Since when it fires, and since when its last stage has stopped.
    pub(crate) firing: Option<(UnixMs, Option<UnixMs>)>,
    /// A time frame ran out: the first stage must stop before it counts again.
    spent: bool,
}

impl FlowState {
    /// Takes in which stages hold now; says what changed for the world outside.
    ///
    /// A stage that stops loses its place, and so do those after it. A firing flow resolves when its *last* stage, where
    /// the damage is, has stopped for `keep_firing`.
    pub(crate) fn step(&mut self, now: UnixMs, holds: &[bool], times: &FlowTimes) -> Option<TransitionState> {
        if let Some((since, stopped)) = self.firing {
            if holds.last() == Some(&true) {
                self.firing = Some((since, None));
                return None;
            }
            let start = stopped.unwrap_or(now);
            if now.since(start) < times.keep_firing {
                self.firing = Some((since, Some(start)));
                return None;
            }
            self.firing = None;
            self.advance(now, holds, times);
            return Some(TransitionState::Resolved);
        }
        self.advance(now, holds, times);
        if self.together.is_some_and(|since| now.since(since) >= times.held) {
            self.firing = Some((now, None));
            return Some(TransitionState::Firing);
        }
        None
    }

    fn advance(&mut self, now: UnixMs, holds: &[bool], times: &FlowTimes) {
        self.spent &= holds.first() == Some(&true);
        if let Some(lost) = (0..self.reached.len()).find(|stage| !holds[*stage]) {
            self.reached.truncate(lost);
        }
        while !self.spent && self.reached.len() < holds.len() {
            let next = self.reached.len();
            let too_late = match (self.reached.last(), times.within[next]) {
                (Some(before), Some(within)) => now.since(*before) > within,
                _ => false,
            };
            if too_late {
                self.reached.clear();
                self.spent = true;
            } else if holds[next] {
                self.reached.push(now);
            } else {
                break;
            }
        }
        let complete = self.reached.len() == holds.len();
        self.together = complete.then(|| self.together.unwrap_or(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three stages, the second within 4 s, the third within 3 s, held for 2 s, kept for 1 s; one line a stage.
    fn play(stages: [&str; 3]) -> String {
        let seconds = Duration::from_secs;
        let times = FlowTimes {
            within: vec![None, Some(seconds(4)), Some(seconds(3))],
            held: seconds(2),
            keep_firing: seconds(1),
        };
        let mut state = FlowState::default();
        (0..stages[0].len())
            .map(|second| {
                let holds = stages.map(|line| line.as_bytes()[second] == b'#');
                match state.step(UnixMs(second as u64 * 1000), &holds, &times) {
                    Some(TransitionState::Firing) => 'F',
                    Some(TransitionState::Resolved) => 'R',
                    None => '-',
                }
            })
            .collect()
    }

    #[test]
    fn a_flow_fires_when_its_stages_came_in_order_and_held_together() {
        assert_eq!(play(["########", "..######", "...#####"]), "-----F--");
    }

    #[test]
    fn a_stage_that_already_fires_counts_as_soon_as_the_one_before_is_reached() {
        assert_eq!(play(["######", "..####", "######"]), "----F-");
    }

    #[test]
    fn a_stage_that_comes_too_late_does_not_count_until_the_first_starts_over() {
        assert_eq!(play(["#########", ".....####", ".....####"]), "---------");
        assert_eq!(play(["######.#####", ".....#######", ".....#######"]), "---------F--");
    }

    #[test]
    fn stages_that_break_off_must_hold_together_anew() {
        assert_eq!(play(["########", ".#######", ".##.####"]), "------F-");
    }

    #[test]
    fn later_stages_without_the_first_mean_nothing() {
        assert_eq!(play(["......", "######", "######"]), "------");
    }

    #[test]
    fn a_firing_flow_resolves_when_its_last_stage_has_stopped_for_long_enough() {
        assert_eq!(play(["#######", "#####..", "###.#.."]), "--F---R");
    }
}
