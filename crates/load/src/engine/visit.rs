//! One arrival: a visitor who goes through a journey, step by step, and is counted however it ends.

use std::rc::Rc;
use std::time::{Duration, Instant};

use scenario::Arrival;

use super::trace::{CallSpan, VisitSpan};
use super::worker::Worker;
use crate::client::Values;
use crate::journeys::{PreparedJourney, PreparedStep};
use crate::record::{Outcome, Place, Visited};

/// `error.type` and failure of what was under way when the run was given up.
pub(super) const ABANDONED: &str = "abandoned";

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
}

/// A request that is waited for.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    step: usize,
    /// How often it was sent before.
    retries: u32,
    began: Instant,
    /// Scenario minute at which it was sent.
    minute: f64,
}

impl Underway {
    pub(super) fn new(worker: Rc<Worker>, arrival: Arrival, due: Instant) -> Self {
        worker.in_flight.set(worker.in_flight.get() + 1);
        worker.shared.entered();
        Self { worker, arrival, due, started: None, waiting: None, is_requested: false, is_error: false }
    }

    fn place(&self) -> Place {
        Place { stream: self.arrival.stream, journey: self.arrival.journey }
    }

    /// The first thing it does. Returns how late that is.
    fn start(&mut self) -> Duration {
        let now = Instant::now();
        self.started = Some(now);
        let lag = now.saturating_duration_since(self.due);
        self.worker.shared.record(self.worker.number).started(lag);
        lag
    }

    fn attempt_began(&mut self, step: usize, retries: u32) {
        let now = Instant::now();
        // The first one began when the arrival was due: what it waited here is part of what a visitor would see.
        let began = if step == 0 && retries == 0 { self.due } else { now };
        let minutes = now.saturating_duration_since(self.due).as_secs_f64() / 60.0 * self.worker.plan.clock.speed;
        self.waiting = Some(Attempt { step, retries, began, minute: self.arrival.minute + minutes });
        if retries > 0 {
            self.worker.shared.retries.count(self.arrival.stream);
        }
    }

    fn attempt_ended(&mut self, outcome: Outcome) {
        let Some(attempt) = self.waiting.take() else {
            return;
        };
        self.is_error = outcome.is_error();
        let (place, latency) = (self.place(), attempt.began.elapsed());
        let mut record = self.worker.shared.record(self.worker.number);
        record.step(place, attempt.step, latency, outcome);
        if attempt.retries > 0 {
            record.requested(place, attempt.minute, self.is_error);
        } else if self.is_error && !self.is_requested {
            record.requested(place, self.arrival.minute, true);
            self.is_requested = true;
        }
    }

    /// The pause after which the visitor tries again, if there is to be another time.
    fn tries_again(&self, retries: u32) -> Option<Duration> {
        let shared = &self.worker.shared;
        shared.retries.after(self.arrival.stream, retries).filter(|_| !shared.stop.is_cancelled())
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if self.waiting.is_some() {
            self.attempt_ended(Outcome::Failed(ABANDONED));
        }
        let (now, place) = (Instant::now(), self.place());
        let worker = &self.worker;
        {
            let mut record = worker.shared.record(worker.number);
            if !self.is_requested {
                record.requested(place, self.arrival.minute, self.started.is_none());
            }
            record.visited(Visited {
                place,
                minute: self.arrival.minute,
                latency: now.saturating_duration_since(self.due),
                uncorrected: self.started.map_or(Duration::ZERO, |started| now - started),
                is_error: self.is_error || self.started.is_none(),
            });
        }
        worker.in_flight.set(worker.in_flight.get() - 1);
        worker.shared.left();
    }
}

/// Goes through the arrival's journey and stops at the first step that fails for good.
pub(super) async fn visit(mut underway: Underway) {
    let lag = underway.start();
    let worker = Rc::clone(&underway.worker);
    let arrival = underway.arrival;
    let plan = &worker.plan;
    let journey: &PreparedJourney = &plan.journeys[arrival.stream][arrival.journey];
    let visitor = Visitor::new(&worker, &arrival);
    let mut span = VisitSpan::start(plan, journey, &arrival, &visitor, lag);
    let mut request = Vec::new();
    for position in 0..journey.steps.len() {
        let mut retries = 0;
        loop {
            underway.attempt_began(position, retries);
            let call = CallSpan::start(&span, journey, position, retries, &visitor);
            let outcome = attempt(&worker, &journey.steps[position], &visitor, call, &mut request, &mut underway).await;
            if !outcome.is_error() {
                break;
            }
            let Some(pause) = underway.tries_again(retries) else {
                span.fail(outcome);
                return;
            };
            tokio::time::sleep(pause).await;
            retries += 1;
        }
    }
    span.succeed();
}

/// Sends one request and waits for its answer, and counts it before its span ends.
async fn attempt(
    worker: &Worker,
    prepared: &PreparedStep,
    visitor: &Visitor,
    call: CallSpan<'_>,
    request: &mut Vec<u8>,
    underway: &mut Underway,
) -> Outcome {
    let key = prepared.step.places_order.then_some(visitor.idempotency_key.as_str());
    prepared.head.write(request, &call.headers(), key, prepared.body.as_ref(), &visitor.values);
    let timeout = prepared.step.timeout.min(worker.plan.limits.step_timeout);
    let answer = worker.clients.of(prepared.step.service).send(request, timeout).await;
    let outcome = match &answer {
        Ok(answer) => Outcome::Status(answer.status),
        Err(failure) => Outcome::Failed(failure.kind()),
    };
    underway.attempt_ended(outcome);
    call.end(&answer);
    outcome
}

/// Who the arrival is.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) session: String,
    pub(super) values: Values,
    idempotency_key: String,
}

impl Visitor {
    /// Derived from the run's start, the seed and the arrival: every worker and every machine gives the same visitor
    /// the same names, and a second run with the same seed does not meet the carts and orders of the first.
    fn new(worker: &Worker, arrival: &Arrival) -> Self {
        let Arrival { stream, index, .. } = arrival;
        let start_ms = (worker.plan.clock.start_unix * 1000.0) as u64;
        let session = format!("{start_ms:x}-{stream}-{index}");
        Self {
            values: Values {
                user_id: arrival.user_id(),
                cart_id: format!("cart-{session}"),
                product_id: arrival.product_id(),
                quantity: "1".to_owned(),
            },
            idempotency_key: format!("{:x}-{session}", worker.plan.seed),
            session,
        }
    }
}
