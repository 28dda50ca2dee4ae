//! The counts themselves.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{BucketLength, Buckets, TimeBucket, Totals};
use crate::tampering::Way;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// An answer with this status.
    Status(u16),
    /// No answer or one that is not as its step wants it, for this reason.
    Failed(&'static str),
}

/// A status (`200`) or an error kind (`timeout`).
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

/// Everything that one engine thread has seen.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) streams: Vec<StreamRecord>,
    /// `actual start - due`, of every arrival that was sent.
    pub(crate) lag: Arc<Totals>,
}

/// One stream's part.
#[derive(Debug, Clone)]
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
    /// Arrivals by due time, requests by the time at which they were sent.
    pub(crate) buckets: Buckets,
    /// In the order of the scenario.
    pub(crate) journeys: Vec<JourneyRecord>,
    /// Requests that were changed on their way out: they are in `journeys` like all others.
    pub(crate) changed: Vec<(Way, OutcomeRecord)>,
}

/// Whose visit it is: a stream's, on one of its journeys. Both as arrivals number them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) stream: usize,
    pub(crate) journey: usize,
}

/// One journey's part of a stream.
#[derive(Debug, Clone)]
pub(crate) struct JourneyRecord {
    pub(crate) completed: u64,
    pub(crate) errors: u64,
    /// As the stream's.
    pub(crate) buckets: Buckets,
    /// From the intended start to the end of the last step.
    pub(crate) latency: Arc<Totals>,
    /// From the actual start: what a closed-model tool would report.
    pub(crate) uncorrected: Arc<Totals>,
    pub(crate) steps: Vec<StepRecord>,
}

/// One step's part of a journey.
#[derive(Debug, Clone, Default)]
pub(crate) struct StepRecord {
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    /// From when it was sent.
    pub(crate) uncorrected: Arc<Totals>,
    /// A handful of kinds, the most frequent of which is nearly always the first.
    pub(crate) outcomes: Vec<OutcomeRecord>,
}

/// Requests of a step that ended alike.
#[derive(Debug, Clone)]
pub(crate) struct OutcomeRecord {
    pub(crate) outcome: Outcome,
    pub(crate) is_error: bool,
    pub(crate) requests: u64,
    /// From when the visitor wanted it to the whole answer; the first step's from the intended start.
    pub(crate) latency: Arc<Totals>,
}

/// The end of one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requested {
    /// Position in its journey.
    pub(crate) step: usize,
    /// From when the visitor wanted it.
    pub(crate) latency: Duration,
    /// From when it was sent.
    pub(crate) uncorrected: Duration,
    pub(crate) outcome: Outcome,
    pub(crate) is_error: bool,
}

/// The end of one arrival.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visited {
    pub(crate) place: Place,
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
    pub(crate) fn new(shape: &[Vec<usize>], length: BucketLength) -> Self {
        let stream = |journeys: &Vec<usize>| StreamRecord::new(journeys, length);
        Self { streams: shape.iter().map(stream).collect(), lag: Arc::default() }
    }

    /// An arrival became due.
    pub(crate) fn due(&mut self, place: Place, minute: f64) {
        self.streams[place.stream].due += 1;
        self.count(place, minute, |bucket| bucket.due += 1);
    }

    /// It could not be sent.
    pub(crate) fn dropped(&mut self, place: Place, minute: f64) {
        self.streams[place.stream].dropped += 1;
        self.count(place, minute, |bucket| bucket.dropped += 1);
    }

    /// A request that was sent at `minute` was answered or given up.
    pub(crate) fn requested(&mut self, place: Place, minute: f64, is_error: bool) {
        self.count(place, minute, |bucket| {
            bucket.requests += 1;
            bucket.request_errors += u64::from(is_error);
        });
    }

    /// Changes the bucket of `minute`, the stream's and the journey's.
    fn count(&mut self, place: Place, minute: f64, change: impl Fn(&mut TimeBucket)) {
        let stream = &mut self.streams[place.stream];
        change(stream.buckets.at(minute));
        if stream.buckets.length().is_by_journey {
            change(stream.journeys[place.journey].buckets.at(minute));
        }
    }

    /// It had been due before the engine joined.
    pub(crate) fn skipped(&mut self, stream: usize) {
        self.streams[stream].skipped += 1;
    }

    /// It was started, so much after it was due.
    pub(crate) fn started(&mut self, lag: Duration) {
        Arc::make_mut(&mut self.lag).record(lag);
    }

    /// A request of a journey's step ended.
    pub(crate) fn step(&mut self, place: Place, requested: Requested) {
        let Requested { step, latency, uncorrected, outcome, is_error } = requested;
        let step = &mut self.streams[place.stream].journeys[place.journey].steps[step];
        step.requests += 1;
        step.errors += u64::from(is_error);
        Arc::make_mut(&mut step.uncorrected).record(uncorrected);
        let alike = step.alike(outcome, is_error);
        alike.requests += 1;
        Arc::make_mut(&mut alike.latency).record(latency);
    }

    /// A request that was changed on its way out ended.
    pub(crate) fn changed(&mut self, stream: usize, way: Way, outcome: Outcome, is_error: bool, latency: Duration) {
        let alike = self.streams[stream].changed_alike(way, outcome, is_error);
        alike.requests += 1;
        Arc::make_mut(&mut alike.latency).record(latency);
    }

    /// An arrival was answered or given up.
    pub(crate) fn visited(&mut self, visited: Visited) {
        let error = u64::from(visited.is_error);
        self.count(visited.place, visited.minute, |bucket| {
            bucket.completed += 1;
            bucket.errors += error;
            bucket.latency.record(visited.latency);
        });
        let stream = &mut self.streams[visited.place.stream];
        stream.completed += 1;
        stream.errors += error;
        let journey = &mut stream.journeys[visited.place.journey];
        journey.completed += 1;
        journey.errors += error;
        Arc::make_mut(&mut journey.latency).record(visited.latency);
        Arc::make_mut(&mut journey.uncorrected).record(visited.uncorrected);
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
    fn new(steps: &[usize], length: BucketLength) -> Self {
        let journey = |steps: &usize| JourneyRecord {
            completed: 0,
            errors: 0,
            buckets: Buckets::new(length),
            latency: Arc::default(),
            uncorrected: Arc::default(),
            steps: vec![StepRecord::default(); *steps],
        };
        Self {
            due: 0,
            skipped: 0,
            dropped: 0,
            completed: 0,
            errors: 0,
            buckets: Buckets::new(length),
            journeys: steps.iter().map(journey).collect(),
            changed: Vec::new(),
        }
    }

    /// From the intended start to the end of the last step, over all journeys.
    pub(crate) fn latency(&self) -> Totals {
        self.journeys.iter().map(|journey| &*journey.latency).sum()
    }

    /// From the actual start, over all journeys.
    pub(crate) fn uncorrected(&self) -> Totals {
        self.journeys.iter().map(|journey| &*journey.uncorrected).sum()
    }

    /// How many requests ended so.
    #[cfg(test)]
    pub(crate) fn ended(&self, wanted: Outcome) -> u64 {
        self.outcomes().filter(|(outcome, _)| *outcome == wanted).map(|(_, requests)| requests).sum()
    }

    /// Requests by how they ended, over all journeys and steps.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = (Outcome, u64)> {
        let steps = self.journeys.iter().flat_map(|journey| &journey.steps);
        steps.flat_map(|step| &step.outcomes).map(|alike| (alike.outcome, alike.requests))
    }

    /// Those that were changed by this way and ended so.
    fn changed_alike(&mut self, way: Way, outcome: Outcome, is_error: bool) -> &mut OutcomeRecord {
        let known = self.changed.iter().position(|(of, alike)| (*of, alike.outcome) == (way, outcome));
        let position = known.unwrap_or_else(|| {
            self.changed.push((way, OutcomeRecord::none(outcome, is_error)));
            self.changed.len() - 1
        });
        &mut self.changed[position].1
    }

    fn merge(&mut self, other: &Self) {
        for (way, theirs) in &other.changed {
            self.changed_alike(*way, theirs.outcome, theirs.is_error).merge(theirs);
        }
        self.due += other.due;
        self.skipped += other.skipped;
        self.dropped += other.dropped;
        self.completed += other.completed;
        self.errors += other.errors;
        self.buckets.merge(&other.buckets);
        for (mine, theirs) in self.journeys.iter_mut().zip(&other.journeys) {
            mine.merge(theirs);
        }
    }
}

impl JourneyRecord {
    fn merge(&mut self, other: &Self) {
        self.completed += other.completed;
        self.errors += other.errors;
        self.buckets.merge(&other.buckets);
        Arc::make_mut(&mut self.latency).merge(&other.latency);
        Arc::make_mut(&mut self.uncorrected).merge(&other.uncorrected);
        for (mine, theirs) in self.steps.iter_mut().zip(&other.steps) {
            mine.merge(theirs);
        }
    }
}

impl StepRecord {
    /// From when visitors wanted it, however it ended.
    pub(crate) fn latency(&self) -> Totals {
        self.outcomes.iter().map(|alike| &*alike.latency).sum()
    }

    /// Those of this outcome; a status may count as a failure or not, never both in one step.
    fn alike(&mut self, outcome: Outcome, is_error: bool) -> &mut OutcomeRecord {
        let known = self.outcomes.iter().position(|alike| alike.outcome == outcome);
        let position = known.unwrap_or_else(|| {
            self.outcomes.push(OutcomeRecord::none(outcome, is_error));
            self.outcomes.len() - 1
        });
        &mut self.outcomes[position]
    }

    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        Arc::make_mut(&mut self.uncorrected).merge(&other.uncorrected);
        for theirs in &other.outcomes {
            self.alike(theirs.outcome, theirs.is_error).merge(theirs);
        }
    }
}

impl OutcomeRecord {
    fn none(outcome: Outcome, is_error: bool) -> Self {
        Self { outcome, is_error, requests: 0, latency: Arc::default() }
    }

    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        Arc::make_mut(&mut self.latency).merge(&other.latency);
    }
}
