//! The counts themselves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Sparse, Totals};

/// Length of a bucket, in scenario minutes.
pub(crate) const BUCKET_MINUTES: f64 = 0.25;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// An answer with this status; an error from 400 on.
    Status(u16),
    /// No answer, for this reason: the name of a failure.
    Failed(&'static str),
}

impl Outcome {
    pub(crate) fn is_error(self) -> bool {
        match self {
            Self::Status(status) => status >= 400,
            Self::Failed(_) => true,
        }
    }
}

/// Everything that one engine thread has seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) streams: Vec<StreamRecord>,
    /// `actual start - due`, of every arrival that was sent.
    pub(crate) lag: Arc<Totals>,
}

/// One stream's part.
#[derive(Debug, Clone, Default)]
pub(crate) struct StreamRecord {
    /// Due since the engine joined, dropped ones included.
    pub(crate) due: u64,
    /// Due before the engine joined; never sent, and in no bucket.
    pub(crate) skipped: u64,
    /// Due but not sent, because a bound of the generator was reached.
    pub(crate) dropped: u64,
    /// Answered or given up.
    pub(crate) completed: u64,
    /// Of those, failed.
    pub(crate) errors: u64,
    /// By due time: bucket `i` is minutes `i * BUCKET_MINUTES` to the next.
    pub(crate) buckets: Vec<Arc<TimeBucket>>,
    /// From the intended start to the end of the last step.
    pub(crate) latency: Arc<Totals>,
    /// From the actual start: what a closed-model tool would report.
    pub(crate) uncorrected: Arc<Totals>,
    /// Answers by status, over all steps.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Requests without an answer, by reason.
    pub(crate) failures: BTreeMap<&'static str, u64>,
    /// In the order of the scenario.
    pub(crate) journeys: Vec<JourneyRecord>,
}

/// Arrivals that were due in one stretch of [`BUCKET_MINUTES`].
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeBucket {
    pub(crate) due: u64,
    pub(crate) dropped: u64,
    pub(crate) completed: u64,
    pub(crate) errors: u64,
    pub(crate) latency: Sparse,
}

/// One journey's part of a stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct JourneyRecord {
    pub(crate) completed: u64,
    pub(crate) errors: u64,
    pub(crate) latency: Arc<Totals>,
    pub(crate) steps: Vec<StepRecord>,
}

/// One step's part of a journey.
#[derive(Debug, Clone, Default)]
pub(crate) struct StepRecord {
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    /// From the request to the whole answer; the first step's from the intended start.
    pub(crate) latency: Arc<Totals>,
}

/// The end of one arrival.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visited {
    pub(crate) stream: usize,
    pub(crate) journey: usize,
    /// Scenario minute at which it was due.
    pub(crate) minute: f64,
    /// From the intended start.
    pub(crate) latency: Duration,
    /// From the actual start.
    pub(crate) uncorrected: Duration,
    pub(crate) is_error: bool,
}

impl Record {
    /// Empty, for streams with so many steps per journey: `shape[stream][journey]`.
    pub(crate) fn new(shape: &[Vec<usize>]) -> Self {
        let journey =
            |steps: &usize| JourneyRecord { steps: vec![StepRecord::default(); *steps], ..JourneyRecord::default() };
        let stream = |journeys: &Vec<usize>| StreamRecord {
            journeys: journeys.iter().map(journey).collect(),
            ..StreamRecord::default()
        };
        Self { streams: shape.iter().map(stream).collect(), lag: Arc::default() }
    }

    /// An arrival became due.
    pub(crate) fn due(&mut self, stream: usize, minute: f64) {
        let stream = &mut self.streams[stream];
        stream.due += 1;
        stream.bucket(minute).due += 1;
    }

    /// It could not be sent.
    pub(crate) fn dropped(&mut self, stream: usize, minute: f64) {
        let stream = &mut self.streams[stream];
        stream.dropped += 1;
        stream.bucket(minute).dropped += 1;
    }

    /// It had been due before the engine joined.
    pub(crate) fn skipped(&mut self, stream: usize) {
        self.streams[stream].skipped += 1;
    }

    /// It was started, so much after it was due.
    pub(crate) fn started(&mut self, lag: Duration) {
        Arc::make_mut(&mut self.lag).record(lag);
    }

    /// A step of a journey ended.
    pub(crate) fn step(&mut self, at: (usize, usize, usize), latency: Duration, outcome: Outcome) {
        let (stream, journey, step) = at;
        let stream = &mut self.streams[stream];
        match outcome {
            Outcome::Status(status) => *stream.statuses.entry(status).or_default() += 1,
            Outcome::Failed(reason) => *stream.failures.entry(reason).or_default() += 1,
        }
        let step = &mut stream.journeys[journey].steps[step];
        step.requests += 1;
        step.errors += u64::from(outcome.is_error());
        Arc::make_mut(&mut step.latency).record(latency);
    }

    /// An arrival was answered or given up.
    pub(crate) fn visited(&mut self, visited: Visited) {
        let stream = &mut self.streams[visited.stream];
        let error = u64::from(visited.is_error);
        stream.completed += 1;
        stream.errors += error;
        Arc::make_mut(&mut stream.latency).record(visited.latency);
        Arc::make_mut(&mut stream.uncorrected).record(visited.uncorrected);
        let bucket = stream.bucket(visited.minute);
        bucket.completed += 1;
        bucket.errors += error;
        bucket.latency.record(visited.latency);
        let journey = &mut stream.journeys[visited.journey];
        journey.completed += 1;
        journey.errors += error;
        Arc::make_mut(&mut journey.latency).record(visited.latency);
    }

    /// Adds what another thread has seen of the same streams.
    pub(crate) fn merge(&mut self, other: &Self) {
        Arc::make_mut(&mut self.lag).merge(&other.lag);
        for (mine, theirs) in self.streams.iter_mut().zip(&other.streams) {
            mine.merge(theirs);
        }
    }

    /// Over all streams.
    pub(crate) fn sum(&self, of: fn(&StreamRecord) -> u64) -> u64 {
        self.streams.iter().map(of).sum()
    }
}

impl StreamRecord {
    fn bucket(&mut self, minute: f64) -> &mut TimeBucket {
        let position = (minute / BUCKET_MINUTES).max(0.0) as usize;
        if position >= self.buckets.len() {
            self.buckets.resize_with(position + 1, Arc::default);
        }
        Arc::make_mut(&mut self.buckets[position])
    }

    fn merge(&mut self, other: &Self) {
        self.due += other.due;
        self.skipped += other.skipped;
        self.dropped += other.dropped;
        self.completed += other.completed;
        self.errors += other.errors;
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize_with(other.buckets.len(), Arc::default);
        }
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            Arc::make_mut(mine).merge(theirs);
        }
        Arc::make_mut(&mut self.latency).merge(&other.latency);
        Arc::make_mut(&mut self.uncorrected).merge(&other.uncorrected);
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        for (reason, count) in &other.failures {
            *self.failures.entry(reason).or_default() += count;
        }
        for (mine, theirs) in self.journeys.iter_mut().zip(&other.journeys) {
            mine.merge(theirs);
        }
    }

    /// The buckets that lie in `[from, to)` scenario minutes, as one.
    pub(crate) fn between(&self, from: f64, to: f64) -> TimeBucket {
        let mut sum = TimeBucket::default();
        let first = (from / BUCKET_MINUTES).round().max(0.0) as usize;
        let end = (to / BUCKET_MINUTES).round().max(0.0) as usize;
        for bucket in self.buckets.iter().take(end).skip(first) {
            sum.merge(bucket);
        }
        sum
    }
}

impl TimeBucket {
    fn merge(&mut self, other: &Self) {
        self.due += other.due;
        self.dropped += other.dropped;
        self.completed += other.completed;
        self.errors += other.errors;
        self.latency.merge(&other.latency);
    }
}

impl JourneyRecord {
    fn merge(&mut self, other: &Self) {
        self.completed += other.completed;
        self.errors += other.errors;
        Arc::make_mut(&mut self.latency).merge(&other.latency);
        for (mine, theirs) in self.steps.iter_mut().zip(&other.steps) {
            mine.requests += theirs.requests;
            mine.errors += theirs.errors;
            Arc::make_mut(&mut mine.latency).merge(&theirs.latency);
        }
    }
}
