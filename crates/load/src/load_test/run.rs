//! A load test that is under way.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use scenario::{Clock, GeneratorCost, Journey, LatencyHistogram, LoadTest, LoadTestReport};

use super::checks::{self, LoadTestError};
use super::cost;
use crate::engine::{Limits, Model, Plan, Run, RunState, Share, Watched, unix_now};
use crate::record::{Record, TestFacts, test_report};
use crate::tampering::{Tampering, Way};

/// How long before its first second a test is started: the engine's threads have to be there by then.
const LEAD_TIME: Duration = Duration::from_millis(200);
/// Seconds behind [`StreamProgress`]'s percentiles.
const RECENT_SECONDS: f64 = 10.0;
/// Longest that a step of a load test may take; its own timeout is shorter.
const LONGEST_STEP: Duration = Duration::from_secs(600);
/// Wait for outstanding answers beyond the longest journey, once the last arrival has left.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// How a test is played.
#[derive(Debug, Clone)]
pub struct LoadTestOptions {
    /// URLs to be used instead of the file's, by the target's name.
    pub targets: IndexMap<String, String>,
    /// Hosts that may be sent to besides loopback: `HOST` or `HOST:PORT`.
    pub allow_targets: Vec<String>,
    /// Which of `workers` this process is, from 0.
    pub worker: u64,
    /// How many processes share the schedule; at least 1.
    pub workers: u64,
    /// Engine threads of this process; at least 1.
    pub threads: usize,
    /// Fixes arrivals, journeys, data and think times.
    pub seed: u64,
    /// Ceiling for the sum of all streams' rates, in arrivals a second.
    pub max_rate_per_second: f64,
    /// Ceiling for the test's length.
    pub max_duration: Duration,
    /// So many visitors who come back at once instead of the file's arrivals; against this machine only.
    pub closed: Option<usize>,
    /// When the first second begins, in Unix seconds, so that workers on several machines begin together; 200 ms from now
    /// where absent. What was due before the engine is there is skipped and counted.
    pub start_at: Option<f64>,
    /// `scenario.run` in telemetry; made of the test's name and the time where absent.
    pub run_id: Option<String>,
    /// What is done to requests on their way out, by the stream's name.
    pub tampering: IndexMap<String, Tampering>,
    /// Who is told how each request ended.
    pub watched: Option<Watched>,
}

impl Default for LoadTestOptions {
    /// One worker with one thread, seed 1, at most 1,000 arrivals a second for an hour.
    fn default() -> Self {
        Self {
            targets: IndexMap::new(),
            allow_targets: Vec::new(),
            worker: 0,
            workers: 1,
            threads: 1,
            seed: 1,
            max_rate_per_second: 1_000.0,
            max_duration: Duration::from_secs(3_600),
            closed: None,
            start_at: None,
            run_id: None,
            tampering: IndexMap::new(),
            watched: None,
        }
    }
}

/// Checks everything that [`start_load_test`] does, and starts nothing.
///
/// # Errors
/// What would keep the test from beginning.
pub async fn check_load_test(test: &LoadTest, options: &LoadTestOptions) -> Result<(), LoadTestError> {
    checks::ceilings(test, options)?;
    checks::destinations(test, options).await.map(drop)
}

/// Checks everything and starts `test`. Its first arrivals are due some 200 ms later.
///
/// # Errors
/// Ceilings, targets that may not be sent to or are not found, journeys that can't be played. Nothing was sent then.
pub async fn start_load_test(test: LoadTest, options: &LoadTestOptions) -> Result<LoadTestRun, LoadTestError> {
    checks::ceilings(&test, options)?;
    let destinations = checks::destinations(&test, options).await?;
    // Who came last may still go through the whole of the longest journey.
    let lasts = |journey: &Journey| journey.iter().map(|step| step.timeout_ms + step.think_ms.most_ms).sum();
    let longest = test.journeys.values().map(lasts).fold(0.0, f64::max);
    let limits = Limits {
        threads: options.threads.max(1),
        max_in_flight: test.max_in_flight,
        step_timeout: LONGEST_STEP,
        drain: Duration::from_secs_f64(longest / 1000.0) + LAST_ANSWERS,
    };
    let start_unix = options.start_at.unwrap_or_else(|| unix_now() + LEAD_TIME.as_secs_f64());
    let clock = Clock { start_unix, speed: 1.0 };
    let mut plan = Plan::of_test(&test, destinations, options.seed, clock, options.run_id.clone(), limits)?;
    plan.share = Share { index: options.worker, of: options.workers };
    (plan.tampering, plan.watched) = (options.tampering.clone(), options.watched.clone());
    plan.model = options.closed.map_or(Model::Open, Model::Closed);
    let before = cost::so_far();
    let run = Run::start(plan).map_err(LoadTestError::Threads)?;
    let (now, ahead) = (Instant::now(), start_unix - unix_now());
    let apart = Duration::try_from_secs_f64(ahead.abs()).unwrap_or_default();
    let began = if ahead < 0.0 { now.checked_sub(apart) } else { now.checked_add(apart) }.unwrap_or(now);
    Ok(LoadTestRun { test, options: options.clone(), run, before, began, ended: OnceLock::new() })
}

/// A load test that is under way or over. Dropping it stops it and gives outstanding answers up.
#[derive(Debug)]
pub struct LoadTestRun {
    test: LoadTest,
    options: LoadTestOptions,
    run: Run,
    before: GeneratorCost,
    /// On the monotonic clock, so that a step of the wall clock changes no figure.
    began: Instant,
    /// When the last answer came, and what it had cost by then.
    ended: OnceLock<(Duration, GeneratorCost)>,
}

/// Where a test is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What the engine does.
    pub state: RunState,
    /// Since the first second began; 0 before.
    pub elapsed: Duration,
    /// How long arrivals are due.
    pub planned: Duration,
    /// Visits under way.
    pub in_flight: usize,
    /// Arrivals so far.
    pub due: u64,
    /// Visits that were answered or given up.
    pub completed: u64,
    /// Of those, failed.
    pub errors: u64,
    /// Arrivals that were due while too many visits were under way.
    pub dropped: u64,
    /// 99th percentile of `actual send - due`, in milliseconds.
    pub schedule_lag_p99_ms: f64,
    /// In the order of the file.
    pub streams: Vec<StreamProgress>,
}

/// Where a stream is.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamProgress {
    /// Its name.
    pub stream: String,
    /// Arrivals a second by its curve, now, of all workers; 0 in the closed model.
    pub target_per_second: f64,
    /// Visits a second that this worker had due in the last ten seconds, or a little more: whole entries of the report's
    /// `seconds`.
    pub due_per_second: f64,
    /// Visits that were answered or given up.
    pub completed: u64,
    /// Of those, failed.
    pub errors: u64,
    /// Median of those that were due in the last ten seconds, in milliseconds.
    pub p50_ms: f64,
    /// Their 95th percentile.
    pub p95_ms: f64,
    /// Their 99th percentile.
    pub p99_ms: f64,
}

/// Requests of one stream that were changed alike on their way out. They are among the stream's others in every count.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedRequests {
    /// The stream's name.
    pub stream: String,
    /// How they were changed.
    pub way: Way,
    /// How many were sent.
    pub sent: u64,
    /// Of those that have ended: by status (`422`) or error kind (`timeout`).
    pub outcomes: IndexMap<String, u64>,
    /// Of those: from when the visitor wanted it.
    pub latency: LatencyHistogram,
}

impl LoadTestRun {
    /// What was measured so far; of a test that has ended, all of it. The first call hashes the whole schedule, some 30 ms
    /// for a million arrivals.
    pub fn report(&self) -> LoadTestReport {
        // Before the record: a run that has ended counts nothing more.
        let state = self.run.state();
        let is_over = matches!(state, RunState::Finished | RunState::Stopped);
        let now = || (self.began.elapsed(), cost::so_far());
        let (elapsed, cost) = if is_over { *self.ended.get_or_init(now) } else { now() };
        let facts = TestFacts {
            name: self.test.name.clone(),
            title: self.test.title.clone(),
            workers: self.options.workers,
            share: self.options.worker,
            is_open: self.options.closed.is_none(),
            started_unix: self.run.plan().clock.start_unix,
            planned_seconds: self.test.minutes * 60.0,
            elapsed_seconds: elapsed.as_secs_f64(),
            finished: state == RunState::Finished,
            most_in_flight: self.run.in_flight().1 as u64,
            generator: cost::between(self.before, cost),
        };
        test_report(facts, &self.run.plan().identity(), &self.run.record())
    }

    /// Requests that were changed on their way out, by stream and way, in the order of the file and of [`Way::ALL`].
    pub fn changed(&self) -> Vec<ChangedRequests> {
        let record = self.run.record();
        let mut changed = Vec::new();
        for (number, stream) in self.test.streams.iter().enumerate() {
            let sent = self.run.tampering().of(number).changed;
            for (way, sent) in Way::ALL.into_iter().zip(sent).filter(|(_, sent)| *sent > 0) {
                let ended = record.streams[number].changed.iter().filter(|(of, _)| *of == way).map(|(_, alike)| alike);
                let mut of_way = ChangedRequests {
                    stream: stream.name.clone(),
                    way,
                    sent,
                    outcomes: IndexMap::new(),
                    latency: LatencyHistogram::default(),
                };
                for alike in ended {
                    of_way.outcomes.insert(alike.outcome.to_string(), alike.requests);
                    let latency: LatencyHistogram = alike.latency.counts().collect();
                    of_way.latency.merge(&latency);
                }
                changed.push(of_way);
            }
        }
        changed
    }

    /// Where it is.
    pub fn progress(&self) -> Progress {
        let state = self.run.state();
        let (record, minute) = (self.run.record(), self.began.elapsed().as_secs_f64() / 60.0);
        let streams = self.test.streams.iter().zip(&record.streams);
        let streams = streams.map(|(stream, record)| {
            let minute = minute.clamp(0.0, self.test.minutes);
            // Whole stretches, with the one that has just begun.
            let length = record.buckets.length().minutes;
            let from = ((minute - RECENT_SECONDS / 60.0).max(0.0) / length).floor() * length;
            let recent = record.buckets.between(from, minute + length / 2.0);
            let latency = recent.latency.percentiles();
            let is_sending = state == RunState::Running && self.options.closed.is_none();
            let target = if is_sending { stream.arrivals_per_minute.at(minute) / 60.0 } else { 0.0 };
            StreamProgress {
                stream: stream.name.clone(),
                target_per_second: target,
                due_per_second: recent.due as f64 / ((minute - from) * 60.0).max(1.0),
                completed: record.completed,
                errors: record.errors,
                p50_ms: latency.p50,
                p95_ms: latency.p95,
                p99_ms: latency.p99,
            }
        });
        let streams = streams.collect();
        let sum = |of: fn(&crate::record::StreamRecord) -> u64| Record::sum(&record, of);
        Progress {
            state,
            elapsed: self.began.elapsed(),
            planned: Duration::from_secs_f64(self.test.minutes * 60.0),
            in_flight: self.run.in_flight().0,
            due: sum(|s| s.due),
            completed: sum(|s| s.completed),
            errors: sum(|s| s.errors),
            dropped: sum(|s| s.dropped),
            schedule_lag_p99_ms: record.lag.quantile_ms(0.99),
            streams,
        }
    }

    /// No more arrivals from now on; outstanding answers are awaited.
    pub fn stop(&self) {
        self.run.stop();
    }

    /// Stops and gives outstanding answers up; they count as failed.
    pub fn abandon(&self) {
        self.run.abandon();
    }

    /// Returns when nothing is outstanding any more. Safe to cancel.
    pub async fn ended(&self) {
        self.run.ended().await;
        self.ended.get_or_init(|| (self.began.elapsed(), cost::so_far()));
    }
}
