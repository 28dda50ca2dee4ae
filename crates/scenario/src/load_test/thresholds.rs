//! A report held against a test's thresholds, and whether it was a fair test at all.

use serde::{Deserialize, Serialize};

use super::{LoadTestReport, Threshold};
use crate::LatencyHistogram;

/// Above this the generator itself was the bottleneck: what it measured is not the system's latency alone.
const GREATEST_LAG_P99_MS: f64 = 100.0;

/// One limit of a threshold, and what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdResult {
    /// Position of its threshold in the file, from 0.
    pub threshold: usize,
    /// Whose: a stream, a journey, a step, or several of these; `all streams`.
    pub subject: String,
    /// What is limited.
    pub limit: Limit,
    /// The greatest or smallest that is good enough, as in the file; of a part of the workers, their part of a rate.
    pub bound: f64,
    /// In the same unit; `None` where nothing was measured, which breaks it.
    pub measured: Option<f64>,
    /// Whether it is good enough.
    pub holds: bool,
    /// In words: `buyers: p95 <= 300 ms`.
    pub claim: String,
    /// What was measured, in words: `312.4 ms`, or `nothing was measured`.
    pub seen: String,
}

/// What a threshold can limit, by its key in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Share that failed.
    ErrorRateMax,
    /// Median.
    P50MsMax,
    /// 90th percentile.
    P90MsMax,
    /// 95th percentile.
    P95MsMax,
    /// 99th percentile.
    P99MsMax,
    /// Greatest of all.
    SlowestMsMax,
    /// Answered well a minute.
    CompletedPerMinuteMin,
}

impl Limit {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::ErrorRateMax => "error rate",
            Self::P50MsMax => "p50",
            Self::P90MsMax => "p90",
            Self::P95MsMax => "p95",
            Self::P99MsMax => "p99",
            Self::SlowestMsMax => "slowest",
            Self::CompletedPerMinuteMin => "completed",
        }
    }

    /// `value` with its unit: `300 ms`, `1 %`, `6000 a minute`.
    pub fn in_words(self, value: f64) -> String {
        match self {
            Self::ErrorRateMax => format!("{} %", short(value * 100.0)),
            Self::CompletedPerMinuteMin => format!("{} a minute", short(value)),
            _ => format!("{} ms", short(value)),
        }
    }

    fn holds(self, bound: f64, measured: f64) -> bool {
        if self == Self::CompletedPerMinuteMin { measured >= bound } else { measured <= bound }
    }

    fn sign(self) -> &'static str {
        if self == Self::CompletedPerMinuteMin { ">=" } else { "<=" }
    }
}

/// Three decimals at most.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Every limit of every one of `thresholds`, in their order, held against `report`.
///
/// A limit of which nothing was measured is broken. Of a report that lacks some workers' shares, a rate has to be their
/// part of it only.
pub fn thresholds(thresholds: &[Threshold], report: &LoadTestReport) -> Vec<ThresholdResult> {
    let results = thresholds.iter().enumerate().flat_map(|(position, threshold)| {
        let measured = Measured::of(threshold, report);
        let subject = subject(threshold);
        let limits = measured.limits(threshold, report);
        limits.into_iter().filter_map(move |(limit, bound, measured)| {
            let bound = bound?;
            Some(ThresholdResult {
                threshold: position,
                claim: format!("{subject}: {} {} {}", limit.name(), limit.sign(), limit.in_words(bound)),
                seen: measured.map_or_else(|| "nothing was measured".to_owned(), |value| limit.in_words(value)),
                holds: measured.is_some_and(|value| limit.holds(bound, value)),
                subject: subject.clone(),
                limit,
                bound,
                measured,
            })
        })
    });
    results.collect()
}

/// Whose figures `threshold` is about: `buyers / buy / POST /cart`.
fn subject(threshold: &Threshold) -> String {
    let Threshold { stream, journey, step, .. } = threshold;
    let names: Vec<&str> = [stream, journey, step].into_iter().flatten().map(String::as_str).collect();
    if names.is_empty() { "all streams".to_owned() } else { names.join(" / ") }
}

/// What a threshold is about, added up.
#[derive(Debug, Default)]
struct Measured {
    completed: u64,
    errors: u64,
    latency: LatencyHistogram,
}

impl Measured {
    fn of(threshold: &Threshold, report: &LoadTestReport) -> Self {
        let is = |only: &Option<String>, name: &String| only.as_ref().is_none_or(|only| only == name);
        let mut sum = Self::default();
        for stream in report.streams.iter().filter(|s| is(&threshold.stream, &s.stream)) {
            if threshold.journey.is_none() {
                sum.add(stream.completed, stream.errors, &stream.latency);
                continue;
            }
            for journey in stream.journeys.iter().filter(|j| is(&threshold.journey, &j.journey)) {
                if threshold.step.is_none() {
                    sum.add(journey.completed, journey.errors, &journey.latency);
                }
                for step in journey.steps.iter().filter(|s| threshold.step.as_ref() == Some(&s.step)) {
                    sum.add(step.requests, step.errors, &step.latency);
                }
            }
        }
        sum
    }

    fn add(&mut self, completed: u64, errors: u64, latency: &LatencyHistogram) {
        self.completed = self.completed.saturating_add(completed);
        self.errors = self.errors.saturating_add(errors);
        self.latency.merge(latency);
    }

    /// Each limit with its bound, if it has one, and what was measured, if anything was.
    fn limits(&self, threshold: &Threshold, report: &LoadTestReport) -> [(Limit, Option<f64>, Option<f64>); 7] {
        let Self { completed, errors, latency } = self;
        let error_rate = (*completed > 0).then(|| *errors as f64 / *completed as f64);
        let minutes = report.seconds_of_a_rate() / 60.0;
        let per_minute = (minutes > 0.0).then(|| completed.saturating_sub(*errors) as f64 / minutes);
        let part = report.shares.len() as f64 / report.workers.max(1) as f64;
        let rate = threshold.completed_per_minute_min.map(|whole| whole * part.min(1.0));
        [
            (Limit::ErrorRateMax, threshold.error_rate_max, error_rate),
            (Limit::P50MsMax, threshold.p50_ms_max, latency.quantile_ms(0.5)),
            (Limit::P90MsMax, threshold.p90_ms_max, latency.quantile_ms(0.9)),
            (Limit::P95MsMax, threshold.p95_ms_max, latency.quantile_ms(0.95)),
            (Limit::P99MsMax, threshold.p99_ms_max, latency.quantile_ms(0.99)),
            (Limit::SlowestMsMax, threshold.slowest_ms_max, latency.max_ms()),
            (Limit::CompletedPerMinuteMin, rate, per_minute),
        ]
    }
}

impl LoadTestReport {
    /// What a rate is over, in seconds.
    ///
    /// An open schedule that was played to its end took what it was to take: the last answer comes after the last arrival,
    /// or, where arrivals are rare, long before the end. What was stopped lasted as long as it did.
    fn seconds_of_a_rate(&self) -> f64 {
        match (self.finished, self.model.as_str()) {
            (false, _) => self.elapsed_seconds,
            (true, "open") => self.planned_seconds,
            (true, _) => self.elapsed_seconds.min(self.planned_seconds),
        }
    }

    /// Why nothing can be said about the system, a sentence each; empty where it was a fair test.
    ///
    /// In the closed model nothing is due at a time of its own, so there is nothing to be late for.
    pub fn validity(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        let sum = |of: fn(&super::StreamMeasured) -> u64| self.streams.iter().map(of).fold(0, u64::saturating_add);
        let (dropped, skipped) = (sum(|s| s.dropped), sum(|s| s.skipped));
        if self.model == "open" && sum(|s| s.due) == 0 && dropped == 0 && skipped == 0 {
            reasons.push(
                "no arrival was due: nothing was sent, give a stream more traffic or the test more time".to_owned(),
            );
        }
        if dropped > 0 {
            reasons.push(format!(
                "{dropped} arrivals were due while {} were under way, and never left: the system is too slow for this rate, or `max_in_flight` too low",
                self.most_in_flight
            ));
        }
        if skipped > 0 {
            reasons.push(format!("{skipped} arrivals were due before the generator was ready, and never left"));
        }
        let steps = self.streams.iter().flat_map(|stream| &stream.journeys).flat_map(|journey| &journey.steps);
        let limited: u64 =
            steps.filter_map(|step| step.outcomes.get(super::GENERATOR_LIMIT)).map(|ended| ended.latency.count()).sum();
        if limited > 0 {
            reasons.push(format!(
                "{limited} requests found no descriptor or port on the generator's machine: raise `ulimit -n`, or use more workers"
            ));
        }
        if !self.finished {
            reasons.push(format!(
                "it was stopped after {} s of {} s",
                short((self.elapsed_seconds * 10.0).round() / 10.0),
                short(self.planned_seconds)
            ));
        }
        let lag =
            self.schedule_lag.quantile_ms(0.99).filter(|lag| self.model != "closed" && *lag > GREATEST_LAG_P99_MS);
        if let Some(lag) = lag {
            reasons.push(format!(
                "1 % of arrivals left {} ms late or later, more than {GREATEST_LAG_P99_MS}: the machine is too slow for this rate, use more threads or workers",
                short((lag * 10.0).round() / 10.0)
            ));
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::report;
    use super::*;

    #[test]
    fn what_the_generator_had_no_room_for_is_no_measurement() {
        let mut limited = report(1, 0);
        assert!(limited.validity().is_empty(), "{:?}", limited.validity());
        let mut ended = super::super::OutcomeMeasured { is_error: true, ..Default::default() };
        ended.latency.record(Duration::from_millis(1));
        limited.streams[0].journeys[0].steps[0].outcomes.insert(super::super::GENERATOR_LIMIT.to_owned(), ended);
        assert!(limited.validity()[0].contains("1 requests found no descriptor"), "{:?}", limited.validity());
    }

    fn one(threshold: Threshold, report: &LoadTestReport) -> ThresholdResult {
        let mut results = thresholds(&[threshold], report);
        assert_eq!(results.len(), 1);
        results.remove(0)
    }

    fn named(stream: Option<&str>, journey: Option<&str>, step: Option<&str>) -> Threshold {
        let name = |name: Option<&str>| name.map(str::to_owned);
        Threshold { stream: name(stream), journey: name(journey), step: name(step), ..Threshold::default() }
    }

    #[test]
    fn each_limit_is_held_against_what_it_is_about() {
        // The one worker of one: visits 0 to 299 of `buyers`, visit n takes n + 1 ms, every tenth fails.
        let report = report(1, 0);
        let limit = |threshold: Threshold| one(threshold, &report);
        let buyers = || named(Some("buyers"), None, None);
        let table = [
            (limit(Threshold { p50_ms_max: Some(150.0), ..buyers() }), "buyers: p50 <= 150 ms", "150.015 ms", false),
            (limit(Threshold { p90_ms_max: Some(271.0), ..buyers() }), "buyers: p90 <= 271 ms", "270.079 ms", true),
            (limit(Threshold { p95_ms_max: Some(300.0), ..buyers() }), "buyers: p95 <= 300 ms", "285.183 ms", true),
            (limit(Threshold { p99_ms_max: Some(200.5), ..buyers() }), "buyers: p99 <= 200.5 ms", "297.215 ms", false),
            (
                limit(Threshold { slowest_ms_max: Some(301.0), ..buyers() }),
                "buyers: slowest <= 301 ms",
                "300.031 ms",
                true,
            ),
            (limit(Threshold { error_rate_max: Some(0.1), ..buyers() }), "buyers: error rate <= 10 %", "10 %", true),
            (
                limit(Threshold { error_rate_max: Some(0.099), ..buyers() }),
                "buyers: error rate <= 9.9 %",
                "10 %",
                false,
            ),
            (
                limit(Threshold { completed_per_minute_min: Some(301.0), ..Threshold::default() }),
                "all streams: completed >= 301 a minute",
                "270 a minute",
                false,
            ),
            (
                limit(Threshold { error_rate_max: Some(0.5), ..named(None, Some("buy"), Some("POST /cart")) }),
                "buy / POST /cart: error rate <= 50 %",
                "10 %",
                true,
            ),
            (
                limit(Threshold { p50_ms_max: Some(1.0), ..named(Some("buyers"), Some("look"), None) }),
                "buyers / look: p50 <= 1 ms",
                "nothing was measured",
                false,
            ),
        ];
        for (result, claim, seen, holds) in table {
            assert_eq!((result.claim.as_str(), result.seen.as_str(), result.holds), (claim, seen, holds));
        }
    }

    #[test]
    fn a_threshold_with_several_limits_has_a_result_for_each() {
        let threshold = Threshold { p95_ms_max: Some(1.0), error_rate_max: Some(1.0), ..named(None, None, None) };
        let results =
            thresholds(&[Threshold { p50_ms_max: Some(9.0), ..Threshold::default() }, threshold], &report(1, 0));
        let shown: Vec<_> = results.iter().map(|r| (r.threshold, r.limit, r.holds)).collect();
        assert_eq!(shown, [(0, Limit::P50MsMax, false), (1, Limit::ErrorRateMax, true), (1, Limit::P95MsMax, false)]);
        let json = serde_json::to_value(&results).expect("serializable");
        assert_eq!(json[1]["limit"], "error_rate_max");
        assert_eq!(serde_json::from_value::<Vec<ThresholdResult>>(json).expect("the same types"), results);
    }

    #[test]
    fn a_worker_has_to_reach_its_part_of_a_rate() {
        let threshold = || Threshold { completed_per_minute_min: Some(300.0), ..Threshold::default() };
        let mut whole = report(3, 0);
        assert_eq!(one(threshold(), &whole).claim, "all streams: completed >= 100 a minute");
        assert!(!one(threshold(), &whole).holds, "every tenth failed");
        whole.merge(report(3, 1)).expect("another share");
        whole.merge(report(3, 2)).expect("another share");
        let result = one(threshold(), &whole);
        assert_eq!((result.bound, result.measured, result.holds), (300.0, Some(270.0), false));
        (whole.elapsed_seconds, whole.finished) = (0.0, false);
        assert!(!one(threshold(), &whole).holds, "nothing was measured");
    }

    #[test]
    fn a_rate_is_over_the_time_in_which_it_could_be_reached() {
        // 270 of 300 were answered well.
        let threshold = || Threshold { completed_per_minute_min: Some(270.0), ..Threshold::default() };
        let table = [
            // The last answer came before the end, or after it: the schedule took its minute.
            ("open", true, 30.0, 270.0),
            ("open", true, 120.0, 270.0),
            ("open", false, 30.0, 540.0),
            ("open", false, 120.0, 135.0),
            ("closed", true, 30.0, 540.0),
            ("closed", true, 120.0, 270.0),
        ];
        for (model, finished, elapsed_seconds, rate) in table {
            let report = LoadTestReport { model: model.to_owned(), finished, elapsed_seconds, ..report(1, 0) };
            let measured = one(threshold(), &report).measured;
            assert_eq!(measured, Some(rate), "{model} {finished} {elapsed_seconds}");
        }
    }

    #[test]
    fn an_open_test_in_which_nothing_was_due_says_nothing() {
        let mut report = super::super::testing::report_of(&[], 1, 0);
        assert!(report.validity().iter().any(|reason| reason.starts_with("no arrival was due")));
        report.model = "closed".to_owned();
        assert_eq!(report.validity(), Vec::<String>::new());
    }

    #[test]
    fn what_the_generator_did_wrong_makes_a_test_invalid() {
        assert_eq!(report(1, 0).validity(), Vec::<String>::new());
        type Change = fn(&mut LoadTestReport);
        let table: [(Change, &str); 4] = [
            (|r| r.streams[0].dropped = 7, "7 arrivals were due while 12 were under way"),
            (|r| r.streams[0].skipped = 3, "3 arrivals were due before the generator was ready"),
            (
                |r| {
                    r.finished = false;
                    r.elapsed_seconds = 12.34;
                },
                "it was stopped after 12.3 s of 60 s",
            ),
            (|r| r.schedule_lag.record_n(Duration::from_millis(130), 300), "1 % of arrivals left 130"),
        ];
        for (change, said) in table {
            let mut report = report(1, 0);
            change(&mut report);
            let reasons = report.validity();
            assert!(reasons.len() == 1 && reasons[0].starts_with(said), "{said}: {reasons:?}");
        }
    }

    #[test]
    fn a_closed_model_is_never_late() {
        let mut report = report(1, 0);
        report.schedule_lag.record_n(Duration::from_secs(9), 300);
        report.model = "closed".to_owned();
        assert_eq!(report.validity(), Vec::<String>::new());
    }
}
