//! The numbers of a run of traffic, by mode, and what they come to.

use std::collections::BTreeMap;

use load::{ChangedRequests, Way};
use scenario::{LoadTestReport, StreamMeasured};
use serde::Serialize;

use crate::arguments::TrafficMode;
use crate::exit::Exit;
use crate::output::load::figures::Percentiles;

/// The share of normal_traffic that must succeed.
const LEAST_SUCCESS: f64 = 0.9;
/// What latency_injection makes of a request at least, in microseconds.
const TWO_SECONDS_US: u64 = 2_000_000;
/// Error kind of what was under way when somebody interrupted the run.
const GIVEN_UP: &str = "abandoned";

/// What of a run is not measured.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) url: String,
    /// Requests a second, of each mode.
    pub(crate) rate: f64,
    pub(crate) modes: Vec<TrafficMode>,
    pub(crate) interrupted: bool,
    pub(crate) waited: Option<Waited>,
    pub(crate) notes: Vec<String>,
}

/// A wait that was put into the service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Waited {
    /// The share of requests that it was asked for.
    pub(crate) share: f64,
    /// How many the service says that it held up; `None` where it could not be asked.
    pub(crate) requests: Option<u64>,
}

/// A run, summed up.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) url: String,
    pub(crate) seed: u64,
    pub(crate) planned_seconds: f64,
    pub(crate) elapsed_seconds: f64,
    pub(crate) interrupted: bool,
    /// How late requests left: the generator's own fault.
    pub(crate) schedule_lag_ms: Percentiles,
    pub(crate) modes: Vec<Mode>,
    /// The wait inside the service, where latency_injection had one.
    pub(crate) waited_inside: Option<Waited>,
    pub(crate) notes: Vec<String>,
    /// What it came to.
    pub(crate) outcome: Outcome,
    /// Why, one reason a line; empty where it went as asked.
    pub(crate) reasons: Vec<String>,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It went as asked.
    AsAsked,
    /// Too much of normal_traffic failed, or everything did.
    Failed,
    /// The generator did not keep its schedule.
    Invalid,
    /// Nothing was answered at all.
    Unanswered,
    /// Somebody ended it.
    Interrupted,
}

/// One mode's requests.
#[derive(Debug, Serialize)]
pub(crate) struct Mode {
    pub(crate) mode: &'static str,
    /// `X-Traffic-Type` of its requests.
    pub(crate) header: &'static str,
    /// Sent and answered or failed; not those that were given up when somebody interrupted the run.
    pub(crate) requests: u64,
    /// Of those, answered with a status below 400.
    pub(crate) succeeded: u64,
    pub(crate) success_rate: Option<f64>,
    /// The same over those that were not malformed.
    pub(crate) well_formed_success_rate: Option<f64>,
    /// Under way when somebody interrupted the run.
    pub(crate) given_up: u64,
    /// Due while too many others were under way.
    pub(crate) dropped: u64,
    pub(crate) asked_per_second: f64,
    /// Sent, over the time in which requests were due.
    pub(crate) achieved_per_second: f64,
    /// Those that took two seconds or longer: what latency_injection is about.
    pub(crate) two_seconds_or_longer: u64,
    pub(crate) statuses: BTreeMap<String, u64>,
    /// Requests without an answer, by kind.
    pub(crate) errors: BTreeMap<String, u64>,
    /// Requests that were changed on their way out, by way.
    pub(crate) changed: Vec<Changed>,
    /// From when each was due.
    pub(crate) latency_ms: Percentiles,
}

/// Requests of one mode that were changed alike.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    pub(crate) way: &'static str,
    pub(crate) sent: u64,
    /// By status or error kind.
    pub(crate) outcomes: BTreeMap<String, u64>,
    pub(crate) latency_ms: Percentiles,
    #[serde(skip)]
    pub(crate) is_malformed: bool,
}

impl Summary {
    pub(crate) fn new(facts: Facts, report: &LoadTestReport, changed: Vec<ChangedRequests>) -> Self {
        // The last answer may come before the last second is over.
        let seconds = if report.finished { report.planned_seconds } else { report.elapsed_seconds };
        let modes = facts.modes.iter().zip(&report.streams);
        let modes: Vec<Mode> =
            modes.map(|(mode, stream)| Mode::new(*mode, facts.rate, seconds, stream, &changed)).collect();
        let (outcome, reasons) = judge(&modes, facts.interrupted);
        Self {
            url: facts.url,
            seed: report.seed,
            planned_seconds: report.planned_seconds,
            elapsed_seconds: report.elapsed_seconds,
            interrupted: facts.interrupted,
            schedule_lag_ms: Percentiles::of(&report.schedule_lag),
            modes,
            waited_inside: facts.waited,
            notes: facts.notes,
            outcome,
            reasons,
        }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self.outcome {
            Outcome::AsAsked => Exit::Pass,
            Outcome::Failed => Exit::Fail,
            Outcome::Invalid => Exit::Invalid,
            Outcome::Unanswered => Exit::Broke,
            Outcome::Interrupted => Exit::Interrupted,
        }
    }
}

impl Mode {
    fn new(
        mode: TrafficMode,
        asked_per_second: f64,
        seconds: f64,
        stream: &StreamMeasured,
        changed: &[ChangedRequests],
    ) -> Self {
        let mut counted = Self {
            mode: mode.name(),
            header: mode.header(),
            requests: 0,
            succeeded: 0,
            success_rate: None,
            well_formed_success_rate: None,
            given_up: 0,
            dropped: stream.dropped,
            asked_per_second,
            achieved_per_second: 0.0,
            two_seconds_or_longer: 0,
            statuses: BTreeMap::new(),
            errors: BTreeMap::new(),
            changed: changed.iter().filter(|of| of.stream == stream.stream).map(Changed::new).collect(),
            latency_ms: Percentiles::of(&stream.latency),
        };
        for (outcome, measured) in stream.journeys.iter().flat_map(|j| &j.steps).flat_map(|step| &step.outcomes) {
            let requests = measured.latency.count();
            if outcome == GIVEN_UP {
                counted.given_up += requests;
                continue;
            }
            counted.requests += requests;
            let slow = measured.latency.counts().filter(|(micros, _)| *micros >= TWO_SECONDS_US);
            counted.two_seconds_or_longer += slow.map(|(_, count)| count).sum::<u64>();
            counted.succeeded += if measured.is_error { 0 } else { requests };
            let by = if is_status(outcome) { &mut counted.statuses } else { &mut counted.errors };
            *by.entry(outcome.clone()).or_default() += requests;
        }
        if seconds > 0.0 {
            counted.achieved_per_second = (counted.requests + counted.given_up) as f64 / seconds;
        }
        let (malformed, malformed_succeeded) = counted.malformed();
        counted.success_rate = share(counted.succeeded, counted.requests);
        counted.well_formed_success_rate =
            share(counted.succeeded.saturating_sub(malformed_succeeded), counted.requests.saturating_sub(malformed));
        counted
    }

    /// Malformed requests that were not given up, and how many of them were answered well all the same.
    fn malformed(&self) -> (u64, u64) {
        let outcomes = self.changed.iter().filter(|of| of.is_malformed).flat_map(|of| &of.outcomes);
        let ended = outcomes.filter(|(outcome, _)| *outcome != GIVEN_UP);
        ended.fold((0, 0), |(all, well), (outcome, requests)| {
            let is_well = is_status(outcome) && outcome.starts_with(['2', '3']);
            (all + requests, well + if is_well { *requests } else { 0 })
        })
    }
}

impl Changed {
    fn new(of: &ChangedRequests) -> Self {
        Self {
            way: of.way.name(),
            sent: of.sent,
            outcomes: of.outcomes.iter().map(|(outcome, requests)| (outcome.clone(), *requests)).collect(),
            latency_ms: Percentiles::of(&of.latency),
            is_malformed: matches!(of.way, Way::Malformed(_)),
        }
    }
}

/// What a run came to, and why.
fn judge(modes: &[Mode], interrupted: bool) -> (Outcome, Vec<String>) {
    let mut reasons = Vec::new();
    let sum = |of: fn(&Mode) -> u64| modes.iter().map(of).sum::<u64>();
    if sum(|mode| mode.requests) > 0 && sum(|mode| mode.statuses.values().sum()) == 0 {
        reasons.push("not one request was answered".to_owned());
        return (Outcome::Unanswered, reasons);
    }
    let is_all_failed = sum(|mode| mode.requests) > 0 && sum(|mode| mode.succeeded) == 0;
    if is_all_failed {
        reasons.push("not one request succeeded: is it the e-mail classifier that answers there?".to_owned());
    }
    let dropped = sum(|mode| mode.dropped);
    if dropped > 0 {
        reasons.push(format!("{dropped} requests were due while too many others were under way, and were not sent"));
    }
    let normal = modes.iter().find(|mode| mode.mode == TrafficMode::NormalTraffic.name());
    let success = normal.and_then(|mode| mode.success_rate).filter(|success| *success < LEAST_SUCCESS);
    if let Some(success) = success {
        let (found, least) = (success * 100.0, LEAST_SUCCESS * 100.0);
        reasons.push(format!("{found:.1} % of normal_traffic succeeded, under {least:.0} %"));
    }
    let outcome = match (interrupted, dropped, success) {
        (true, ..) => Outcome::Interrupted,
        (_, 1.., _) => Outcome::Invalid,
        _ if is_all_failed || success.is_some() => Outcome::Failed,
        _ => Outcome::AsAsked,
    };
    (outcome, reasons)
}

fn is_status(outcome: &str) -> bool {
    outcome.bytes().all(|byte| byte.is_ascii_digit())
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use indexmap::IndexMap;
    use load::Malformation;
    use scenario::{JourneyMeasured, LatencyHistogram, OutcomeMeasured, StepMeasured};

    use super::*;

    fn latency(ms: u64, count: u64) -> LatencyHistogram {
        let mut histogram = LatencyHistogram::default();
        for _ in 0..count {
            histogram.record(Duration::from_millis(ms));
        }
        histogram
    }

    fn stream(name: &str, outcomes: &[(&str, bool, u64, u64)]) -> StreamMeasured {
        let mut all = LatencyHistogram::default();
        let mut step = StepMeasured::default();
        for (outcome, is_error, count, ms) in outcomes {
            let latency = latency(*ms, *count);
            all.merge(&latency);
            step.outcomes.insert((*outcome).to_owned(), OutcomeMeasured { is_error: *is_error, latency });
        }
        let journey = JourneyMeasured { steps: vec![step], ..JourneyMeasured::default() };
        StreamMeasured { stream: name.to_owned(), latency: all, journeys: vec![journey], ..StreamMeasured::default() }
    }

    fn changed(way: Way, outcome: &str, count: u64) -> ChangedRequests {
        let outcomes: IndexMap<String, u64> = [(outcome.to_owned(), count)].into_iter().collect();
        ChangedRequests { stream: "error_injection".to_owned(), way, sent: count, outcomes, latency: latency(2, count) }
    }

    /// Two modes over ten seconds, with a hundred requests each; `failed` of the normal ones.
    pub(in crate::output::traffic) fn summary(failed: u64, interrupted: bool) -> Summary {
        let normal = stream("normal_traffic", &[("200", false, 100 - failed, 12), ("503", true, failed, 20)]);
        let errors = [("200", false, 48, 12), ("422", true, 30, 2), ("400", true, 20, 2), ("timeout", true, 2, 30_000)];
        let report = LoadTestReport {
            seed: 7,
            planned_seconds: 10.0,
            elapsed_seconds: 10.4,
            finished: true,
            schedule_lag: latency(1, 200),
            streams: vec![normal, stream("error_injection", &errors)],
            ..LoadTestReport::default()
        };
        let changed = vec![
            changed(Way::Malformed(Malformation::MissingField), "422", 30),
            changed(Way::Malformed(Malformation::Empty), "400", 20),
        ];
        let facts = Facts {
            url: "http://127.0.0.1:8000/hackathon/classify".to_owned(),
            rate: 10.0,
            modes: vec![TrafficMode::NormalTraffic, TrafficMode::ErrorInjection],
            interrupted,
            waited: None,
            notes: vec!["a note".to_owned()],
        };
        Summary::new(facts, &report, changed)
    }

    #[test]
    fn what_was_provoked_is_told_apart_from_what_failed() {
        let summary = summary(0, false);
        assert_eq!((summary.outcome, summary.exit()), (Outcome::AsAsked, Exit::Pass));
        let errors = &summary.modes[1];
        assert_eq!((errors.requests, errors.succeeded, errors.success_rate), (100, 48, Some(0.48)));
        assert_eq!(errors.well_formed_success_rate, Some(0.96));
        assert_eq!((errors.statuses["422"], errors.errors["timeout"]), (30, 2));
        assert_eq!((errors.two_seconds_or_longer, summary.modes[0].two_seconds_or_longer), (2, 0));
        assert!((errors.achieved_per_second - 10.0).abs() < 1e-9);
    }

    #[test]
    fn nine_in_ten_of_the_normal_ones_must_succeed() {
        for (failed, outcome, exit) in [(10, Outcome::AsAsked, Exit::Pass), (11, Outcome::Failed, Exit::Fail)] {
            let summary = summary(failed, false);
            assert_eq!((summary.outcome, summary.exit()), (outcome, exit), "{failed} of 100");
        }
        let failed = summary(29, false);
        assert_eq!(failed.reasons, ["71.0 % of normal_traffic succeeded, under 90 %"]);
        assert_eq!(summary(29, true).exit(), Exit::Interrupted);
    }

    #[test]
    fn a_run_without_a_single_answer_broke_and_a_generator_that_drops_is_invalid() {
        let mut summary = summary(0, false);
        summary.modes.remove(0);
        summary.modes[0].succeeded = 0;
        assert_eq!(judge(&summary.modes, false).0, Outcome::Failed, "no mode is to fail altogether");
        summary.modes[0].dropped = 3;
        assert_eq!(judge(&summary.modes, false).0, Outcome::Invalid);
        for mode in &mut summary.modes {
            mode.statuses.clear();
        }
        assert_eq!(judge(&summary.modes, false).0, Outcome::Unanswered);
    }
}
