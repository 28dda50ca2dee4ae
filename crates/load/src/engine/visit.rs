//! One arrival: a visitor who goes through a journey, step by step, and is counted however it ends.

use std::rc::Rc;
use std::time::{Duration, Instant};

use scenario::Arrival;

use super::trace::{CallSpan, VisitSpan};
use super::worker::Worker;
use crate::client::Values;
use crate::journeys::PreparedJourney;
use crate::record::{Outcome, Visited};

/// `error.type` and failure of what was under way when the run was given up.
pub(super) const ABANDONED: &str = "abandoned";

/// An arrival that has left. Whatever happens to it, dropping it counts it once.
#[derive(Debug)]
pub(super) struct Underway {
    worker: Rc<Worker>,
    arrival: Arrival,
    due: Instant,
    started: Option<Instant>,
    /// The step that is waited for, and since when.
    waiting: Option<(usize, Instant)>,
    is_error: bool,
}

impl Underway {
    pub(super) fn new(worker: Rc<Worker>, arrival: Arrival, due: Instant) -> Self {
        worker.in_flight.set(worker.in_flight.get() + 1);
        worker.shared.entered();
        Self { worker, arrival, due, started: None, waiting: None, is_error: false }
    }

    /// The first thing it does. Returns how late that is.
    fn start(&mut self) -> Duration {
        let now = Instant::now();
        self.started = Some(now);
        let lag = now.saturating_duration_since(self.due);
        self.worker.shared.record(self.worker.number).started(lag);
        lag
    }

    fn step_began(&mut self, step: usize) {
        // The first step began when the arrival was due: what it waited here is part of what a visitor would see.
        let began = if step == 0 { self.due } else { Instant::now() };
        self.waiting = Some((step, began));
    }

    fn step_ended(&mut self, outcome: Outcome) {
        let Some((step, began)) = self.waiting.take() else {
            return;
        };
        self.is_error |= outcome.is_error();
        let at = (self.arrival.stream, self.arrival.journey, step);
        let latency = began.elapsed();
        self.worker.shared.record(self.worker.number).step(at, latency, outcome);
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if self.waiting.is_some() {
            self.step_ended(Outcome::Failed(ABANDONED));
        }
        let now = Instant::now();
        let worker = &self.worker;
        worker.shared.record(worker.number).visited(Visited {
            stream: self.arrival.stream,
            journey: self.arrival.journey,
            minute: self.arrival.minute,
            latency: now.saturating_duration_since(self.due),
            uncorrected: self.started.map_or(Duration::ZERO, |started| now - started),
            is_error: self.is_error || self.started.is_none(),
        });
        worker.in_flight.set(worker.in_flight.get() - 1);
        worker.shared.left();
    }
}

/// Goes through the arrival's journey and stops at the first step that fails.
pub(super) async fn visit(mut underway: Underway) {
    let lag = underway.start();
    let worker = Rc::clone(&underway.worker);
    let arrival = underway.arrival;
    let plan = &worker.plan;
    let journey: &PreparedJourney = &plan.journeys[arrival.stream][arrival.journey];
    let visitor = Visitor::new(&worker, &arrival);
    let mut span = VisitSpan::start(plan, journey, &arrival, &visitor, lag);
    let mut request = Vec::new();
    for (position, prepared) in journey.steps.iter().enumerate() {
        underway.step_began(position);
        let call = CallSpan::start(&span, plan, journey, position);
        let key = prepared.step.places_order.then_some(visitor.idempotency_key.as_str());
        let headers = call.headers();
        prepared.head.write(&mut request, &headers, key, Some((&prepared.body, &visitor.values)));
        let answer = worker.client.send(&request, plan.limits.step_timeout).await;
        let outcome = match &answer {
            Ok(answer) => Outcome::Status(answer.status),
            Err(failure) => Outcome::Failed(failure.kind()),
        };
        underway.step_ended(outcome);
        call.end(&answer);
        if outcome.is_error() {
            span.fail(outcome);
            return;
        }
    }
    span.succeed();
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
