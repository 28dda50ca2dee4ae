//! The reports of workers that shared a schedule, as one.
//!
//! Whatever order they are added in, the result is the same: that of one worker who had done it all.

use indexmap::IndexMap;

use super::{GeneratorCost, JourneyMeasured, LoadTestReport, OutcomeMeasured, Second, StepMeasured, StreamMeasured};

/// Why a report can't be added to another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeMistake {
    /// They are not of the same test, or not played in the same way.
    #[error("`{field}` is {theirs}, not {ours}: merge the reports of workers that shared one schedule")]
    Differs {
        /// Of [`LoadTestReport`].
        field: &'static str,
        /// What it is in the report that was there.
        ours: String,
        /// What it is in the other.
        theirs: String,
    },
    /// The same arrivals would count twice.
    #[error("`shares`: worker {share} of {workers} is in already: give each worker's report once")]
    Twice {
        /// The worker.
        share: u64,
        /// Of so many.
        workers: u64,
    },
}

impl LoadTestReport {
    /// Adds another worker's measurements of the same schedule.
    ///
    /// Times count from each worker's own start; memory, like visits under way, is the sum of all workers'.
    ///
    /// # Errors
    /// The first thing that the reports do not agree on, or a share that is in already; nothing is added then.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeMistake> {
        self.agrees(&other)?;
        if let Some(share) = other.shares.iter().find(|share| self.shares.contains(share)) {
            return Err(MergeMistake::Twice { share: *share, workers: self.workers });
        }
        self.shares.extend(other.shares);
        self.shares.sort_unstable();
        self.started_unix = self.started_unix.min(other.started_unix);
        self.elapsed_seconds = self.elapsed_seconds.max(other.elapsed_seconds);
        self.finished &= other.finished;
        self.schedule_lag.merge(&other.schedule_lag);
        self.most_in_flight += other.most_in_flight;
        self.generator.merge(other.generator);
        by_name(&mut self.streams, other.streams, |s| &s.stream, StreamMeasured::merge);
        Ok(())
    }

    /// The workers whose measurements are still missing.
    pub fn missing_shares(&self) -> Vec<u64> {
        (0..self.workers).filter(|share| !self.shares.contains(share)).collect()
    }

    fn agrees(&self, other: &Self) -> Result<(), MergeMistake> {
        let same = |field, ours: &dyn ToString, theirs: &dyn ToString| {
            let (ours, theirs) = (ours.to_string(), theirs.to_string());
            if ours == theirs { Ok(()) } else { Err(MergeMistake::Differs { field, ours, theirs }) }
        };
        same("format", &self.format, &other.format)?;
        same("name", &self.name, &other.name)?;
        same("seed", &self.seed, &other.seed)?;
        same("workers", &self.workers, &other.workers)?;
        same("model", &self.model, &other.model)?;
        same("planned_seconds", &self.planned_seconds, &other.planned_seconds)?;
        same("second_seconds", &self.second_seconds, &other.second_seconds)?;
        same("request_digest", &self.request_digest, &other.request_digest)
    }
}

impl GeneratorCost {
    fn merge(&mut self, other: Self) {
        self.user_cpu_seconds += other.user_cpu_seconds;
        self.system_cpu_seconds += other.system_cpu_seconds;
        self.peak_memory_bytes += other.peak_memory_bytes;
    }
}

impl StreamMeasured {
    fn merge(&mut self, other: Self) {
        self.due += other.due;
        self.completed += other.completed;
        self.errors += other.errors;
        self.dropped += other.dropped;
        self.skipped += other.skipped;
        self.latency.merge(&other.latency);
        self.uncorrected_latency.merge(&other.uncorrected_latency);
        by_name(&mut self.journeys, other.journeys, |j| &j.journey, JourneyMeasured::merge);
        for (position, second) in other.seconds.into_iter().enumerate() {
            match self.seconds.get_mut(position) {
                Some(mine) => mine.merge(&second),
                None => self.seconds.push(second),
            }
        }
    }
}

impl JourneyMeasured {
    fn merge(&mut self, other: Self) {
        self.completed += other.completed;
        self.errors += other.errors;
        self.latency.merge(&other.latency);
        self.uncorrected_latency.merge(&other.uncorrected_latency);
        by_name(&mut self.steps, other.steps, |s| &s.step, StepMeasured::merge);
    }
}

impl StepMeasured {
    fn merge(&mut self, other: Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.latency.merge(&other.latency);
        self.uncorrected_latency.merge(&other.uncorrected_latency);
        outcomes(&mut self.outcomes, other.outcomes);
    }
}

impl Second {
    fn merge(&mut self, other: &Self) {
        self.due += other.due;
        self.completed += other.completed;
        self.errors += other.errors;
        self.dropped += other.dropped;
        self.latency.merge(&other.latency);
    }
}

/// Sorted: which worker met an outcome first says nothing.
fn outcomes(mine: &mut IndexMap<String, OutcomeMeasured>, theirs: IndexMap<String, OutcomeMeasured>) {
    for (outcome, measured) in theirs {
        let sum = mine.entry(outcome).or_default();
        sum.is_error |= measured.is_error;
        sum.latency.merge(&measured.latency);
    }
    mine.sort_unstable_keys();
}

/// Adds each of `theirs` to that of `mine` with the same name, or behind them. They stand in the order of one file, so
/// most often at the same position.
fn by_name<T>(mine: &mut Vec<T>, theirs: Vec<T>, name: impl Fn(&T) -> &String, merge: impl Fn(&mut T, T)) {
    for (position, each) in theirs.into_iter().enumerate() {
        let is_same = |other: &T| name(other) == name(&each);
        let place =
            if mine.get(position).is_some_and(is_same) { Some(position) } else { mine.iter().position(is_same) };
        match place {
            Some(place) => merge(&mut mine[place], each),
            None => mine.push(each),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::report;
    use super::*;

    #[test]
    fn what_is_not_of_the_same_schedule_is_refused_and_named() {
        type Change = fn(&mut LoadTestReport);
        let table: [(Change, &str); 8] = [
            (|r| r.format = 2, "`format` is 2, not 1"),
            (|r| r.name = "other".to_owned(), "`name` is other, not checkout"),
            (|r| r.seed = 2, "`seed` is 2, not 1"),
            (|r| r.workers = 4, "`workers` is 4, not 3"),
            (|r| r.model = "closed".to_owned(), "`model` is closed, not open"),
            (|r| r.planned_seconds = 30.0, "`planned_seconds` is 30, not 60"),
            (|r| r.second_seconds = 5, "`second_seconds` is 5, not 1"),
            (|r| r.request_digest = "ef".to_owned(), "`request_digest` is ef, not ab"),
        ];
        for (change, said) in table {
            let (mut first, mut second) = (report(3, 0), report(3, 1));
            change(&mut second);
            let mistake = first.merge(second).expect_err(said).to_string();
            assert!(mistake.starts_with(said), "{mistake}");
            assert_eq!(first, report(3, 0), "nothing was added");
        }
    }

    #[test]
    fn no_share_counts_twice() {
        let mut whole = report(3, 0);
        whole.merge(report(3, 2)).expect("another share");
        assert_eq!((whole.shares.as_slice(), whole.missing_shares()), (&[0, 2][..], vec![1]));
        let mistake = whole.merge(report(3, 2)).expect_err("it is in");
        assert_eq!(mistake, MergeMistake::Twice { share: 2, workers: 3 });
        whole.merge(report(3, 1)).expect("the last");
        assert_eq!(whole.missing_shares(), Vec::<u64>::new());
    }
}
