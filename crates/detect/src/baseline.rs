//! What a signal was in the beginning, learned once: the measure for "three times as much as usual".
//!
//! Learning lasts for so much time in which there were samples enough; silence in between does not count. The baseline is
//! the mean of what was measured then, each measurement weighted by the samples it stands on. It is never learned anew:
//! an engine that starts anew learns anew.

use std::time::Duration;

use crate::signal::Sample;
use crate::time::UnixMs;

/// The longest time between two measurements that counts as learned: a process that slept has learned nothing meanwhile.
const LONGEST_STEP: Duration = Duration::from_secs(5);

/// One signal's baseline for one group.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Baseline {
    learned: Option<f64>,
    /// For how long there was enough to learn from.
    lasted: Duration,
    /// The last measurement, if it stood on samples enough.
    last: Option<UnixMs>,
    weighted: f64,
    samples: f64,
}

impl Baseline {
    /// Takes a measurement in, until `learn` has passed.
    pub(crate) fn step(&mut self, now: UnixMs, sample: Option<&Sample>, min_samples: u64, learn: Duration) {
        if self.learned.is_some() {
            return;
        }
        let enough = sample.filter(|sample| sample.count >= min_samples.max(1));
        let Some((value, count)) = enough.and_then(|sample| Some((sample.value?, sample.count))) else {
            self.last = None;
            return;
        };
        if let Some(last) = self.last {
            self.lasted += now.since(last).min(LONGEST_STEP);
        }
        self.last = Some(now);
        self.weighted += value * count as f64;
        self.samples += count as f64;
        if self.lasted >= learn {
            self.learned = Some(self.weighted / self.samples);
        }
    }

    /// The baseline, once it is learned.
    pub(crate) fn learned(&self) -> Option<f64> {
        self.learned
    }

    /// How much of `learn` is still to come; `None` once it is learned.
    pub(crate) fn left(&self, learn: Duration) -> Option<Duration> {
        if self.learned.is_some() { None } else { Some(learn.saturating_sub(self.lasted)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEARN: Duration = Duration::from_secs(4);

    /// One measurement a second: a value and the samples it stands on, or nothing. What is known after each.
    fn play(measured: &[Option<(f64, u64)>]) -> Vec<Option<f64>> {
        let mut baseline = Baseline::default();
        let mut known = Vec::new();
        for (second, one) in measured.iter().enumerate() {
            let sample = one.map(|(value, count)| Sample { group: None, value: Some(value), count });
            baseline.step(UnixMs(second as u64 * 1000), sample.as_ref(), 10, LEARN);
            known.push(baseline.learned());
        }
        known
    }

    fn last_of(measured: &[Option<(f64, u64)>]) -> Option<f64> {
        play(measured).pop().flatten()
    }

    #[test]
    fn it_is_the_mean_of_the_beginning_weighted_by_samples_and_stays() {
        let usual = Some((200.0, 10));
        type Case = (&'static str, Vec<Option<(f64, u64)>>, Option<f64>);
        let cases: [Case; 6] = [
            ("four seconds are not over", vec![usual; 4], None),
            ("they are", vec![usual; 5], Some(200.0)),
            ("what comes later changes nothing", [vec![usual; 5], vec![Some((9000.0, 500)); 9]].concat(), Some(200.0)),
            ("many samples weigh more", vec![usual, usual, usual, usual, Some((340.0, 30))], Some(260.0)),
            ("too few samples teach nothing", [vec![Some((9000.0, 9)); 9], vec![usual; 5]].concat(), Some(200.0)),
            ("silence does not count", vec![usual, usual, None, usual, usual, None, usual], None),
        ];
        for (what, measured, expected) in cases {
            assert_eq!(last_of(&measured), expected, "{what}");
        }
    }

    #[test]
    fn it_says_how_long_it_still_learns() {
        let mut baseline = Baseline::default();
        let sample = Sample { group: None, value: Some(1.0), count: 10 };
        assert_eq!(baseline.left(LEARN), Some(LEARN));
        baseline.step(UnixMs(0), Some(&sample), 10, LEARN);
        baseline.step(UnixMs(1500), Some(&sample), 10, LEARN);
        assert_eq!(baseline.left(LEARN), Some(Duration::from_millis(2500)));
        // An hour of sleep is five seconds at most.
        baseline.step(UnixMs(3_600_000), Some(&sample), 10, Duration::from_secs(60));
        assert_eq!(baseline.left(Duration::from_secs(60)), Some(Duration::from_millis(53_500)));
    }
}
