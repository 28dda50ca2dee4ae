//! A report held against its thresholds, and whether it was a fair test at all.

use scenario::{Limit, LoadTestReport, Outcome, Threshold, ThresholdResult};

use super::figures::{Row, Totals, rows};

/// A report and what was made of it.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) report: LoadTestReport,
    pub(crate) thresholds: Vec<Threshold>,
    /// Each limit of each threshold.
    pub(crate) results: Vec<ThresholdResult>,
    pub(crate) outcome: Outcome,
    /// Why nothing can be said about the system; empty where it was a fair test.
    pub(crate) invalid: Vec<String>,
    /// The broken limits in words.
    broken: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) totals: Totals,
}

/// Where a report comes from decides what it must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Of one run: its own share of the schedule is all there can be.
    Run,
    /// Of several: they must make a whole.
    Merge,
}

impl Judged {
    pub(crate) fn new(report: LoadTestReport, thresholds: Vec<Threshold>, origin: Origin) -> Self {
        let mut invalid = report.validity();
        if let Some(missing) = report.missing_in_words().filter(|_| origin == Origin::Merge) {
            invalid.push(format!("of {} workers these are missing: {missing}", report.workers));
        }
        let results = scenario::thresholds(&thresholds, &report);
        let broken: Vec<String> = results
            .iter()
            .filter(|r| !r.holds)
            .map(|r| format!("{}: {} {}, not {}", r.subject, r.limit.name(), r.seen, bound(r)))
            .collect();
        let outcome = match (invalid.is_empty(), broken.is_empty()) {
            (false, _) => Outcome::Invalid,
            (true, false) => Outcome::Fail,
            (true, true) => Outcome::Pass,
        };
        Self { rows: rows(&report), totals: Totals::of(&report), thresholds, results, outcome, invalid, broken, report }
    }

    /// `PASS`, `FAIL` or `INVALID`.
    pub(crate) fn word(&self) -> &'static str {
        match self.outcome {
            Outcome::Pass => "PASS",
            Outcome::Fail => "FAIL",
            Outcome::Invalid => "INVALID",
        }
    }

    /// What the word means here.
    pub(crate) fn meaning(&self) -> &'static str {
        match self.outcome {
            Outcome::Pass if self.is_closed() => {
                "visitors waited for each other: this is what the system gives, not what it holds"
            }
            Outcome::Pass if self.results.is_empty() => {
                "the schedule was kept; there are no thresholds to hold it against"
            }
            Outcome::Pass => "the schedule was kept, every threshold holds",
            Outcome::Fail if self.is_closed() => {
                "not every threshold holds, even though visitors waited for each other"
            }
            Outcome::Fail => "the schedule was kept, and not every threshold holds",
            Outcome::Invalid if !self.report.finished => "the test was stopped before its end",
            Outcome::Invalid => "the schedule was not kept: nothing can be said about the system at this rate",
        }
    }

    /// Whether there was no schedule, but visitors who came back at once.
    pub(crate) fn is_closed(&self) -> bool {
        self.report.model == "closed"
    }

    /// The beginning of the schedule's digest, if there is one.
    pub(crate) fn schedule(&self) -> String {
        match self.report.request_digest.get(..16) {
            Some(digest) => format!("schedule {digest}"),
            None => "no schedule".to_owned(),
        }
    }

    /// Why it is not PASS: first what makes it INVALID, then what is broken.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = &str> {
        self.invalid.iter().chain(&self.broken).map(String::as_str)
    }

    /// Which share of the schedule this is, where it is not the whole of one worker.
    pub(crate) fn shares(&self) -> String {
        let (shares, workers) = (&self.report.shares, self.report.workers);
        match shares.as_slice() {
            _ if workers <= 1 => String::new(),
            [worker] => format!(", worker {worker} of {workers}: `doorbuster load merge` makes the whole of all"),
            all if all.len() as u64 == workers => format!(", all of {workers} workers"),
            some => format!(", {} of {workers} workers", some.len()),
        }
    }
}

/// The limit with its sign: `≤ 300 ms`.
pub(crate) fn bound(result: &ThresholdResult) -> String {
    let sign = if result.limit == Limit::CompletedPerMinuteMin { "≥" } else { "≤" };
    format!("{sign} {}", result.limit.in_words(result.bound))
}
