//! Spans of visits: `user_journey.NAME` at the root of each trace, a CLIENT span for every request under it.
//!
//! Only visits that [`SpanBudget`] admits become spans of this process. The others have ids all the same, made of the
//! arrival's own random numbers, and cost nothing more than writing them.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

use scenario::{Arrival, SpanSampling, mix};
use telemetry::context::Origin;
use telemetry::span::{Kind, Span};
use telemetry::{Conventions, KeyValue, attr};

use super::plan::Plan;
use super::visit::{ABANDONED, Ended};
use super::worker::Worker;
use crate::client::Answer;
use crate::record::Outcome;
use crate::request::{PreparedJourney, PreparedStep, TraceIds, Values};

/// Which visits of one thread are recorded.
#[derive(Debug)]
pub(super) struct SpanBudget {
    /// Whether this process records spans at all.
    is_recording: bool,
    sampling: SpanSampling,
    per_second: u32,
    began: Instant,
    /// The second that is counted, and how many visits of it were recorded.
    second: Cell<(u64, u32)>,
    /// Makes trace ids of two runs with one seed differ.
    run: u64,
}

impl SpanBudget {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            is_recording: telemetry::span::is_recorded(),
            sampling: plan.spans,
            per_second: (plan.spans.most_per_second / plan.limits.threads.max(1) as u32).max(1),
            began: Instant::now(),
            second: Cell::default(),
            run: mix(plan.clock.start_unix.to_bits()),
        }
    }

    /// Whether the visit of `arrival` is to be recorded, which then counts.
    fn admits(&self, arrival: &Arrival) -> bool {
        if !self.is_recording || self.sampling.most_per_second == 0 {
            return false;
        }
        // The upper bits decide; the whole number is part of the trace id.
        let drawn = (arrival.trace_seed >> 11) as f64 / (1_u64 << 53) as f64;
        if drawn >= self.sampling.share {
            return false;
        }
        let now = self.began.elapsed().as_secs();
        let (second, used) = self.second.get();
        let used = if second == now { used } else { 0 };
        self.second.set((now, used + 1));
        used < self.per_second
    }
}

/// The whole visit.
#[derive(Debug)]
pub(super) struct VisitTrace {
    trace: u128,
    seed: u64,
    /// Whether this process records. Where it does not, receivers are to, and no root is missing that somebody chose not
    /// to keep.
    is_recording: bool,
    recorded: Option<VisitSpan>,
}

impl VisitTrace {
    /// Begins when the arrival was due, `lag` ago.
    pub(super) fn start(
        worker: &Worker,
        journey: &PreparedJourney,
        arrival: &Arrival,
        values: &Values,
        lag: Duration,
    ) -> Self {
        let budget = &worker.spans;
        let recorded = budget.admits(arrival).then(|| VisitSpan::start(&worker.plan, journey, arrival, values, lag));
        Self {
            trace: ((u128::from(budget.run ^ arrival.index) << 64) | u128::from(arrival.trace_seed)).max(1),
            seed: arrival.trace_seed,
            is_recording: budget.is_recording,
            recorded,
        }
    }

    /// Begins the request of step `position`, from 0, that was sent `retries` times before.
    pub(super) fn call<'a>(
        &self,
        journey: &'a PreparedJourney,
        position: usize,
        retries: u32,
        values: &Values,
        now: Instant,
    ) -> CallSpan<'a> {
        let recorded = self.recorded.as_ref();
        let span = recorded.map(|visit| RecordedCall::start(&visit.span, journey, position, retries, values));
        let own = || TraceIds {
            trace: self.trace,
            span: mix(self.seed.wrapping_add(((position as u64) << 32) | (u64::from(retries) + 1))).max(1),
            is_sampled: !self.is_recording,
        };
        let ids = span.as_ref().and_then(|call| call.span.ids());
        let ids = ids.map(|ids| TraceIds { trace: ids.trace, span: ids.span, is_sampled: true });
        CallSpan { ids: ids.unwrap_or_else(own), span, began: now, is_measured: self.is_recording }
    }

    /// Ends well, or with the outcome of the step that failed.
    pub(super) fn end(&mut self, failed: Option<Outcome>) {
        if let Some(visit) = &mut self.recorded {
            visit.end(failed);
        }
    }
}

/// Dropped before its end it says that it was given up.
#[derive(Debug)]
struct VisitSpan {
    span: Span,
    is_ended: bool,
}

impl VisitSpan {
    fn start(plan: &Plan, journey: &PreparedJourney, arrival: &Arrival, values: &Values, lag: Duration) -> Self {
        let stream = &plan.traffic.streams[arrival.stream];
        let visitor = crate::request::Visitor::of(values);
        let origin = Origin::new(stream.tag.clone().unwrap_or_else(|| stream.name.clone()))
            .session(visitor.session.to_owned())
            .user(visitor.user.to_owned())
            .run(plan.run_id.clone());
        let mut attributes = vec![
            KeyValue::new(attr::USER_JOURNEY, journey.name.clone()),
            KeyValue::new(attr::DEMO_MINUTE, arrival.minute.floor() as i64),
        ];
        if let Some(phase) = plan.traffic.phase_at(arrival.minute) {
            attributes.push(KeyValue::new(attr::DEMO_PHASE, phase.name.clone()));
        }
        let began = SystemTime::now().checked_sub(lag);
        let name = journey.span_name.clone();
        Self { span: Span::root(name, Kind::Internal, &origin, attributes, began), is_ended: false }
    }

    fn end(&mut self, failed: Option<Outcome>) {
        self.is_ended = true;
        let error_type = match failed {
            None => return,
            Some(Outcome::Status(status)) => status.to_string(),
            Some(Outcome::Failed(reason)) => reason.to_owned(),
        };
        self.span.set(attr::common::ERROR_TYPE, error_type);
        self.span.fail("a step failed");
    }
}

impl Drop for VisitSpan {
    fn drop(&mut self) {
        if !self.is_ended {
            self.span.set(attr::common::ERROR_TYPE, ABANDONED);
            self.span.fail("the run was given up");
        }
    }
}

/// One request, first or repeated, recorded or not.
#[derive(Debug)]
pub(super) struct CallSpan<'a> {
    ids: TraceIds,
    span: Option<RecordedCall<'a>>,
    began: Instant,
    /// Whether this process has metrics.
    is_measured: bool,
}

impl CallSpan<'_> {
    /// What its `traceparent` says.
    pub(super) fn ids(&self) -> TraceIds {
        self.ids
    }

    /// It ended, at `now`.
    pub(super) fn end(self, step: &PreparedStep, ended: &Ended, now: Instant) {
        if self.is_measured {
            let duration = now - self.began;
            match ended {
                Ended::Well(answer) | Ended::Refused(answer) | Ended::Unexpected(answer, _) => {
                    step.durations.answered(duration, answer.status);
                }
                Ended::Failed(failure) => step.durations.failed(duration, failure.kind()),
            }
        }
        if let Some(mut span) = self.span {
            span.end(ended);
        }
    }
}

/// Dropped before its end it says that it was given up.
#[derive(Debug)]
struct RecordedCall<'a> {
    step: &'a PreparedStep,
    span: Span,
    began: Instant,
    conventions: Conventions,
    is_ended: bool,
}

impl<'a> RecordedCall<'a> {
    fn start(visit: &Span, journey: &'a PreparedJourney, position: usize, retries: u32, values: &Values) -> Self {
        let step = &journey.steps[position];
        let conventions = Conventions::current();
        let mut attributes = attributes(step, values, conventions);
        if retries > 0 {
            attributes.push(KeyValue::new(attr::http::REQUEST_RESEND_COUNT, i64::from(retries)));
        }
        attributes.push(KeyValue::new(attr::USER_JOURNEY, journey.name.clone()));
        attributes.push(KeyValue::new(attr::STEP_NUMBER, position as i64 + 1));
        attributes.push(KeyValue::new(attr::STEP_ENDPOINT, step.label.clone()));
        let span = Span::child(visit.context(), step.method.clone(), Kind::Client, attributes);
        Self { step, span, began: Instant::now(), conventions, is_ended: false }
    }

    fn end(&mut self, ended: &Ended) {
        self.is_ended = true;
        match ended {
            Ended::Well(answer) => self.answered(answer),
            Ended::Refused(answer) => {
                self.answered(answer);
                self.span.set(attr::common::ERROR_TYPE, answer.status.to_string());
                self.span.fail("");
            }
            Ended::Unexpected(answer, reason) => {
                self.answered(answer);
                self.span.set(attr::common::ERROR_TYPE, *reason);
                self.span.fail("the answer's body is not as expected");
            }
            Ended::Failed(failure) => {
                self.span.set(attr::common::ERROR_TYPE, failure.kind());
                self.span.fail(failure.to_string());
            }
        }
    }

    fn answered(&self, answer: &Answer) {
        let status = i64::from(answer.status);
        self.span.set(attr::http::RESPONSE_STATUS_CODE, status);
        if self.conventions.old_http {
            self.span.set(attr::old::HTTP_STATUS_CODE, status);
        }
    }
}

impl Drop for RecordedCall<'_> {
    fn drop(&mut self) {
        if !self.is_ended {
            self.step.durations.failed(self.began.elapsed(), ABANDONED);
            self.span.set(attr::common::ERROR_TYPE, ABANDONED);
            self.span.fail("the run was given up");
        }
    }
}

fn attributes(step: &PreparedStep, values: &Values, conventions: Conventions) -> Vec<KeyValue> {
    let port = i64::from(step.port);
    let mut attributes = Vec::with_capacity(16);
    attributes.push(KeyValue::new(attr::http::REQUEST_METHOD, step.method.clone()));
    attributes.push(KeyValue::new(attr::http::URL_FULL, step.url(values)));
    attributes.push(KeyValue::new(attr::http::URL_TEMPLATE, step.path.clone()));
    attributes.push(KeyValue::new(attr::common::SERVER_ADDRESS, step.host.clone()));
    attributes.push(KeyValue::new(attr::common::SERVER_PORT, port));
    attributes.push(KeyValue::new(attr::common::SERVICE_PEER_NAME, step.service.clone()));
    if conventions.old_http {
        attributes.push(KeyValue::new(attr::old::HTTP_METHOD, step.method.clone()));
        attributes.push(KeyValue::new(attr::old::NET_PEER_NAME, step.host.clone()));
        attributes.push(KeyValue::new(attr::old::NET_PEER_PORT, port));
        attributes.push(KeyValue::new(attr::old::PEER_SERVICE, step.service.clone()));
    }
    attributes
}
