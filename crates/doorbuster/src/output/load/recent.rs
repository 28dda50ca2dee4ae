//! What was to be reached in the last ten seconds: the engine tells what was due in them, and the curve as it is now.

use std::collections::VecDeque;

use load::Progress;

/// As far back as the engine looks.
const SECONDS: f64 = 10.0;

/// Rates by the curves of the last ten seconds.
#[derive(Debug)]
pub(super) struct Recent {
    workers: f64,
    /// `(second, arrivals a second by stream)`.
    moments: VecDeque<(f64, Vec<f64>)>,
}

impl Recent {
    pub(super) fn new(workers: u64) -> Self {
        Self { workers: workers.max(1) as f64, moments: VecDeque::new() }
    }

    pub(super) fn take(&mut self, progress: &Progress) {
        let second = progress.elapsed.as_secs_f64();
        let targets = progress.streams.iter().map(|stream| stream.target_per_second / self.workers).collect();
        self.moments.push_back((second, targets));
        while self.moments.front().is_some_and(|(first, _)| *first < second - SECONDS) {
            self.moments.pop_front();
        }
    }

    /// This worker's part of the mean rate of the stream at `position`.
    pub(super) fn target(&self, position: usize) -> f64 {
        let targets: Vec<f64> = self.moments.iter().filter_map(|(_, targets)| targets.get(position).copied()).collect();
        if targets.is_empty() { 0.0 } else { targets.iter().sum::<f64>() / targets.len() as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::load::testing;

    #[test]
    fn a_rate_is_the_mean_of_ten_seconds_and_this_workers_part() {
        let mut recent = Recent::new(2);
        assert_eq!(recent.target(0), 0.0);
        for second in 0..60 {
            let mut progress = testing::progress(f64::from(second));
            progress.streams[0].target_per_second = f64::from(second) * 10.0;
            recent.take(&progress);
        }
        assert_eq!(recent.target(0), 270.0, "from 490 to 590");
        assert_eq!(recent.target(7), 0.0);
    }
}
