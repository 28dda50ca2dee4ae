//! One arrival: a visitor who goes through a journey, step by step, and is counted however it ends.

use std::rc::Rc;
use std::time::{Duration, Instant};

use scenario::{Arrival, RequestPlace};

use super::tampering::Tampered;
use super::trace::VisitTrace;
use super::watched::RequestEnded;
use super::worker::Worker;
use crate::client::{Answer, Exchange, Failure};
use crate::record::{Outcome, Place, Requested, Visited};
use crate::request::{PreparedJourney, PreparedStep, Values};
use crate::tampering::Way;

/// `error.type` and failure of what was under way when the run was given up.
pub(super) const ABANDONED: &str = "abandoned";

/// Room that a visit works in; handed on to the next one.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) values: Values,
    request: Vec<u8>,
    spare: Vec<u8>,
    body: Vec<u8>,
}

/// Bytes above which a buffer is not handed on: one visit with a large answer is no reason to keep its room for ever.
const KEPT_ROOM: usize = 16 * 1024;
/// Scratches that are kept for later visits.
const KEPT_SCRATCHES: usize = 4_096;

impl Scratch {
    fn take(worker: &Worker) -> Self {
        worker.scratches.borrow_mut().pop().unwrap_or_default()
    }

    fn give_back(mut self, worker: &Worker) {
        if self.values.room() > KEPT_ROOM {
            self.values = Values::default();
        }
        for buffer in [&mut self.request, &mut self.spare, &mut self.body] {
            if buffer.capacity() > KEPT_ROOM {
                *buffer = Vec::new();
            }
        }
        let mut kept = worker.scratches.borrow_mut();
        if kept.len() < KEPT_SCRATCHES {
            kept.push(self);
        }
    }
}

/// An arrival that has left. Whatever happens to it, dropping it counts it once.
#[derive(Debug)]
pub(super) struct Underway {
    worker: Rc<Worker>,
    arrival: Arrival,
    due: Instant,
    started: Option<Instant>,
    waiting: Option<Attempt>,
    /// Whether the one request that every arrival counts for is counted: with its first failure, or at its end.
    is_requested: bool,
    /// How the last request ended.
    is_error: bool,
    /// Whether it came to its end, good or bad; else it was given up, perhaps between two requests.
    is_over: bool,
    /// When the last request ended.
    latest: Instant,
}

/// A request that is waited for.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    step: usize,
    /// How often it was sent before.
    retries: u32,
    /// When its visitor wanted it.
    wanted: Instant,
    /// When it was sent.
    sent: Instant,
    /// How it was changed on its way out.
    way: Option<Way>,
    trace: u128,
}

impl Underway {
    pub(super) fn new(worker: Rc<Worker>, arrival: Arrival, due: Instant) -> Self {
        worker.in_flight.set(worker.in_flight.get() + 1);
        worker.shared.entered();
        Self {
            worker,
            arrival,
            due,
            started: None,
            waiting: None,
            is_requested: false,
            is_error: false,
            is_over: false,
            latest: due,
        }
    }

    fn place(&self) -> Place {
        Place { stream: self.arrival.stream, journey: self.arrival.journey }
    }

    /// The first thing it does, at `now`.
    fn start(&mut self, now: Instant) {
        (self.started, self.latest) = (Some(now), now);
        self.worker.shared.record(self.worker.number).started(now.saturating_duration_since(self.due));
    }

    /// The scenario minute at `moment`.
    fn minute(&self, moment: Instant) -> f64 {
        let since = moment.saturating_duration_since(self.due).as_secs_f64();
        self.arrival.minute + since / 60.0 * self.worker.plan.clock.speed
    }

    fn attempt_began(&mut self, attempt: Attempt) {
        self.waiting = Some(attempt);
        if attempt.retries > 0 {
            self.worker.shared.retries.count(self.arrival.stream);
        }
    }

    fn attempt_ended(&mut self, outcome: Outcome, is_error: bool, now: Instant) {
        let Some(attempt) = self.waiting.take() else {
            return;
        };
        (self.is_error, self.latest) = (is_error, now);
        let place = self.place();
        let is_first_failure = is_error && attempt.retries == 0 && !self.is_requested;
        let latency = now - attempt.wanted;
        let uncorrected = if attempt.sent == attempt.wanted { latency } else { now - attempt.sent };
        let mut record = self.worker.shared.record(self.worker.number);
        record.step(place, Requested { step: attempt.step, latency, uncorrected, outcome, is_error });
        if let Some(way) = attempt.way {
            record.changed(place.stream, way, outcome, is_error, latency);
        }
        if attempt.retries > 0 {
            record.requested(place, self.minute(attempt.sent), is_error);
        } else if is_first_failure {
            record.requested(place, self.arrival.minute, true);
        }
        drop(record);
        if let Some(watched) = &self.worker.plan.watched {
            let (stream, index) = (self.arrival.stream, self.arrival.index);
            let (outcome, way, trace) = (outcome.to_string(), attempt.way, attempt.trace);
            watched.tell(RequestEnded { stream, index, outcome, is_error, latency, at: now, way, trace });
        }
        self.is_requested |= is_first_failure;
    }

    /// The pause after which the visitor tries again, if there is to be another time.
    fn tries_again(&self, retries: u32) -> Option<Duration> {
        let shared = &self.worker.shared;
        shared.retries.after(self.arrival.stream, retries).filter(|_| !shared.is_stopped())
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if self.waiting.is_some() {
            self.attempt_ended(Outcome::Failed(ABANDONED), true, Instant::now());
        }
        if !self.is_over && self.started.is_some() {
            self.latest = Instant::now();
        }
        let place = self.place();
        let worker = &self.worker;
        {
            let mut record = worker.shared.record(worker.number);
            if !self.is_requested {
                record.requested(place, self.arrival.minute, !self.is_over);
            }
            record.visited(Visited {
                place,
                minute: self.arrival.minute,
                latency: self.latest.saturating_duration_since(self.due),
                uncorrected: self.started.map_or(Duration::ZERO, |started| self.latest - started),
                is_error: self.is_error || !self.is_over,
            });
        }
        worker.left();
    }
}

/// Goes through the arrival's journey and stops at the first step that fails for good.
pub(super) async fn visit(mut underway: Underway) {
    let mut now = Instant::now();
    underway.start(now);
    let worker = Rc::clone(&underway.worker);
    let arrival = underway.arrival;
    let plan = &worker.plan;
    let journey: &PreparedJourney = &plan.journeys[arrival.stream][arrival.journey];
    let mut scratch = Scratch::take(&worker);
    journey.begin(&arrival, &mut scratch.values);
    let mut trace = VisitTrace::start(&worker, journey, &arrival, &scratch.values, now - underway.due);
    let mut failed = None;
    // When the visitor wants the next request: first when the arrival was due, then when the one before it had ended. What it
    // waits here, for a timer or for this thread, is part of what a visitor would see.
    let mut wanted = underway.due;
    'journey: for (position, step) in journey.steps.iter().enumerate() {
        let pause = plan.thinking[arrival.stream].pause(step.think, arrival.index, position);
        if !pause.is_zero() {
            wanted += pause;
            tokio::time::sleep_until(wanted.into()).await;
            now = Instant::now();
        }
        let mut retries = 0;
        loop {
            let call = trace.call(journey, position, retries, &scratch.values, now);
            let ids = call.ids();
            step.message.write(&mut scratch.request, &mut scratch.spare, &scratch.values, ids);
            let place = RequestPlace { index: arrival.index, step: position, retries };
            let Tampered { way, upload } = worker.shared.tampering.apply(arrival.stream, place, &mut scratch.request);
            let begun = Attempt { step: position, retries, wanted, sent: now, way, trace: ids.trace };
            underway.attempt_began(begun);
            let outcome = attempt(&worker, step, now, upload, &mut scratch).await;
            now = outcome.at();
            wanted = now;
            let is_error = outcome.is_error();
            underway.attempt_ended(outcome.kind(), is_error, now);
            call.end(step, &outcome, now);
            if !is_error {
                break;
            }
            let Some(pause) = underway.tries_again(retries) else {
                failed = Some(outcome.kind());
                break 'journey;
            };
            wanted += pause;
            tokio::time::sleep_until(wanted.into()).await;
            now = Instant::now();
            if underway.tries_again(retries).is_none() {
                failed = Some(outcome.kind());
                break 'journey;
            }
            retries += 1;
        }
    }
    underway.is_over = true;
    trace.end(failed);
    scratch.give_back(&worker);
}

/// How a request ended, and whether that is as its step wants it.
#[derive(Debug)]
pub(super) enum Ended {
    /// As it should.
    Well(Answer),
    /// With a status that counts as failed.
    Refused(Answer),
    /// With a body that counts as failed, for this reason.
    Unexpected(Answer, &'static str),
    /// Without an answer.
    Failed(Failure),
}

impl Ended {
    pub(super) fn is_error(&self) -> bool {
        !matches!(self, Self::Well(_))
    }

    /// When it did.
    fn at(&self) -> Instant {
        match self {
            Self::Well(answer) | Self::Refused(answer) | Self::Unexpected(answer, _) => answer.at.into_std(),
            Self::Failed(_) => Instant::now(),
        }
    }

    pub(super) fn kind(&self) -> Outcome {
        match self {
            Self::Well(answer) | Self::Refused(answer) => Outcome::Status(answer.status),
            Self::Unexpected(_, reason) => Outcome::Failed(reason),
            Self::Failed(failure) => Outcome::Failed(failure.kind()),
        }
    }
}

/// Sends the request that is written, its body over the time `upload`, waits for its answer, and takes out of it what later
/// steps need.
async fn attempt(
    worker: &Worker,
    step: &PreparedStep,
    now: Instant,
    upload: Option<Duration>,
    scratch: &mut Scratch,
) -> Ended {
    let Scratch { values, request, body, .. } = scratch;
    let deadline = (now + step.timeout.min(worker.plan.limits.step_timeout)).into();
    let exchange = Exchange { request, upload, sent: now.into(), deadline, keep: step.expect.reads(), body };
    match worker.transports[step.target].send(exchange).await {
        Ok(answer) if !step.expect.allows(answer.status) => Ended::Refused(answer),
        Ok(answer) => match step.expect.read(body, values) {
            Ok(()) => Ended::Well(answer),
            Err(reason) => Ended::Unexpected(answer, reason),
        },
        Err(failure) => Ended::Failed(failure),
    }
}
