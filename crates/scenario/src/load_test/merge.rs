//! The reports of workers that shared a schedule, as one.
//!
//! Whatever order they are added in, the result is the same: that of one worker who had done it all.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{GeneratorCost, JourneyMeasured, LoadTestReport, OutcomeMeasured, Second, StepMeasured, StreamMeasured};

/// The only format that is read and written.
const FORMAT: u32 = 1;
/// Most workers that a schedule is shared by: more than anybody has machines, and few enough to list.
const MOST_WORKERS: u64 = 10_000;
/// Missing workers that are named one by one.
const MOST_NAMED: usize = 10;

/// Why a report can't be added to another, or can't be one at all.
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
    /// No load test wrote it like that: another version, or it was changed by hand.
    #[error("`{field}` is {found}, not {expected}: give a report as `doorbuster load run` wrote it")]
    Nonsense {
        /// Of [`LoadTestReport`].
        field: &'static str,
        /// What it is.
        found: String,
        /// What it has to be.
        expected: String,
    },
}

impl LoadTestReport {
    /// Whether this can be a report at all: what is read from a file may be anything.
    ///
    /// # Errors
    /// Another format, an impossible number of workers, a share that no worker has or that is in twice.
    pub fn check(&self) -> Result<(), MergeMistake> {
        let nonsense = |field, found: u64, expected: String| {
            Err(MergeMistake::Nonsense { field, found: found.to_string(), expected })
        };
        if self.format != FORMAT {
            return nonsense("format", u64::from(self.format), FORMAT.to_string());
        }
        if !(1..=MOST_WORKERS).contains(&self.workers) {
            return nonsense("workers", self.workers, format!("1 to {MOST_WORKERS}"));
        }
        let mut seen = BTreeSet::new();
        for share in &self.shares {
            if *share >= self.workers {
                return nonsense("shares", *share, format!("below {}", self.workers));
            }
            if !seen.insert(*share) {
                return Err(MergeMistake::Twice { share: *share, workers: self.workers });
            }
        }
        Ok(())
    }

    /// Adds another worker's measurements of the same schedule.
    ///
    /// Times count from each worker's own start; memory, like visits under way, is the sum of all workers'.
    ///
    /// # Errors
    /// What can't be a report, the first thing that the reports do not agree on, or a share that is in already; nothing is added then.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeMistake> {
        self.check()?;
        other.check()?;
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
        self.most_in_flight = self.most_in_flight.saturating_add(other.most_in_flight);
        self.generator.merge(other.generator);
        by_name(&mut self.streams, other.streams, |s| &s.stream, StreamMeasured::merge);
        Ok(())
    }

    /// The workers whose measurements are still missing; of more than can be, the first ones.
    pub fn missing_shares(&self) -> Vec<u64> {
        let there: BTreeSet<u64> = self.shares.iter().copied().collect();
        (0..self.workers.min(MOST_WORKERS)).filter(|share| !there.contains(share)).collect()
    }

    /// [`Self::missing_shares`] for a sentence, at most ten of them by name: `1, 4`, or `0, 1, ... and 30 more`.
    pub fn missing_in_words(&self) -> Option<String> {
        let missing = self.missing_shares();
        let named: Vec<String> = missing.iter().take(MOST_NAMED).map(u64::to_string).collect();
        let more = missing.len() - named.len();
        let named = named.join(", ");
        (!missing.is_empty()).then(|| if more > 0 { format!("{named} and {more} more") } else { named })
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
        self.peak_memory_bytes = self.peak_memory_bytes.saturating_add(other.peak_memory_bytes);
    }
}

impl StreamMeasured {
    fn merge(&mut self, other: Self) {
        self.due = self.due.saturating_add(other.due);
        self.completed = self.completed.saturating_add(other.completed);
        self.errors = self.errors.saturating_add(other.errors);
        self.dropped = self.dropped.saturating_add(other.dropped);
        self.skipped = self.skipped.saturating_add(other.skipped);
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
        self.completed = self.completed.saturating_add(other.completed);
        self.errors = self.errors.saturating_add(other.errors);
        self.latency.merge(&other.latency);
        self.uncorrected_latency.merge(&other.uncorrected_latency);
        by_name(&mut self.steps, other.steps, |s| &s.step, StepMeasured::merge);
    }
}

impl StepMeasured {
    fn merge(&mut self, other: Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.errors = self.errors.saturating_add(other.errors);
        self.latency.merge(&other.latency);
        self.uncorrected_latency.merge(&other.uncorrected_latency);
        outcomes(&mut self.outcomes, other.outcomes);
    }
}

impl Second {
    fn merge(&mut self, other: &Self) {
        self.due = self.due.saturating_add(other.due);
        self.completed = self.completed.saturating_add(other.completed);
        self.errors = self.errors.saturating_add(other.errors);
        self.dropped = self.dropped.saturating_add(other.dropped);
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

    #[test]
    fn what_no_load_test_wrote_is_refused_on_either_side() {
        type Change = fn(&mut LoadTestReport);
        let table: [(Change, &str); 5] = [
            (|r| r.format = 0, "`format` is 0, not 1"),
            (|r| r.workers = 0, "`workers` is 0, not 1 to 10000"),
            (|r| r.workers = u64::MAX, "`workers` is 18446744073709551615, not 1 to 10000"),
            (|r| r.shares = vec![3], "`shares` is 3, not below 3"),
            (|r| r.shares = vec![1, 1], "`shares`: worker 1 of 3 is in already"),
        ];
        for (change, said) in table {
            let mut wrong = report(3, 0);
            change(&mut wrong);
            let mistake = wrong.check().expect_err(said);
            assert!(mistake.to_string().starts_with(said), "{mistake}");
            assert!(wrong.missing_shares().len() <= 10_000);
            assert_eq!(report(3, 1).merge(wrong.clone()), Err(mistake.clone()));
            assert_eq!(wrong.merge(report(3, 1)), Err(mistake));
        }
        assert_eq!(report(3, 0).check(), Ok(()));
    }

    #[test]
    fn counters_at_their_end_stay_there() {
        let (mut first, mut second) = (report(2, 0), report(2, 1));
        first.streams[0].due = u64::MAX;
        first.most_in_flight = u64::MAX;
        second.streams[0].journeys[0].steps[0].requests = u64::MAX;
        first.merge(second).expect("another share");
        assert_eq!((first.streams[0].due, first.most_in_flight), (u64::MAX, u64::MAX));
        assert_eq!(first.streams[0].journeys[0].steps[0].requests, u64::MAX);
    }

    #[test]
    fn at_most_ten_missing_workers_are_named() {
        let table = [
            (1, None),
            (3, Some("1, 2")),
            (11, Some("1, 2, 3, 4, 5, 6, 7, 8, 9, 10")),
            (12, Some("1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1 more")),
        ];
        for (workers, said) in table {
            assert_eq!(report(workers, 0).missing_in_words().as_deref(), said);
        }
    }
}
