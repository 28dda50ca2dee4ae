//! Spans of visits: `user_journey.NAME` at the root of each trace, a CLIENT span for every request under it.

use std::time::{Duration, Instant, SystemTime};

use http::HeaderMap;
use scenario::Arrival;
use telemetry::context::Origin;
use telemetry::span::{Kind, Span};
use telemetry::{Conventions, KeyValue, attr, context};

use super::Plan;
use super::visit::{ABANDONED, Visitor};
use crate::client::{Answer, Failure};
use crate::journeys::{PreparedJourney, PreparedStep};
use crate::record::Outcome;

/// The whole visit. Dropped before its end it says that it was given up.
#[derive(Debug)]
pub(super) struct VisitSpan {
    span: Span,
    is_ended: bool,
}

impl VisitSpan {
    /// Begins when the arrival was due, `lag` ago.
    pub(super) fn start(
        plan: &Plan,
        journey: &PreparedJourney,
        arrival: &Arrival,
        visitor: &Visitor,
        lag: Duration,
    ) -> Self {
        let stream = &plan.scenario.streams[arrival.stream];
        let origin = Origin::new(stream.name.clone())
            .session(visitor.session.clone())
            .user(visitor.values.user_id.clone())
            .run(plan.run_id.clone());
        let mut attributes = vec![
            KeyValue::new(attr::USER_JOURNEY, journey.name),
            KeyValue::new(attr::DEMO_MINUTE, arrival.minute.floor() as i64),
        ];
        if let Some(phase) = plan.scenario.phase_at(arrival.minute) {
            attributes.push(KeyValue::new(attr::DEMO_PHASE, phase.name.clone()));
        }
        let began = SystemTime::now().checked_sub(lag);
        let name = journey.span_name.clone();
        Self { span: Span::root(name, Kind::Internal, &origin, attributes, began), is_ended: false }
    }

    pub(super) fn succeed(mut self) {
        self.is_ended = true;
    }

    pub(super) fn fail(&mut self, outcome: Outcome) {
        self.is_ended = true;
        let error_type = match outcome {
            Outcome::Status(status) => status.to_string(),
            Outcome::Failed(reason) => reason.to_owned(),
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

/// One request, first or repeated. Dropped before its end it says that it was given up.
#[derive(Debug)]
pub(super) struct CallSpan<'a> {
    prepared: &'a PreparedStep,
    span: Span,
    began: Instant,
    conventions: Conventions,
    is_ended: bool,
}

impl<'a> CallSpan<'a> {
    /// The request of step `position`, from 0, that was sent `retries` times before.
    pub(super) fn start(
        visit: &VisitSpan,
        journey: &'a PreparedJourney,
        position: usize,
        retries: u32,
        visitor: &Visitor,
    ) -> Self {
        let prepared = &journey.steps[position];
        let conventions = Conventions::current();
        let mut attributes = attributes(prepared, visitor, conventions);
        if retries > 0 {
            attributes.push(KeyValue::new(attr::http::REQUEST_RESEND_COUNT, i64::from(retries)));
        }
        attributes.push(KeyValue::new(attr::USER_JOURNEY, journey.name));
        attributes.push(KeyValue::new(attr::STEP_NUMBER, position as i64 + 1));
        attributes.push(KeyValue::new(attr::STEP_ENDPOINT, prepared.endpoint.clone()));
        Self {
            prepared,
            span: Span::child(visit.span.context(), prepared.step.method, Kind::Client, attributes),
            began: Instant::now(),
            conventions,
            is_ended: false,
        }
    }

    /// `traceparent`, `tracestate` and `baggage`.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        context::inject(self.span.context(), &mut headers);
        headers
    }

    pub(super) fn end(mut self, answer: &Result<Answer, Failure>) {
        self.is_ended = true;
        let duration = self.began.elapsed();
        match answer {
            Ok(answer) => {
                self.prepared.durations.answered(duration, answer.status);
                let status = i64::from(answer.status);
                self.span.set(attr::http::RESPONSE_STATUS_CODE, status);
                if self.conventions.old_http {
                    self.span.set(attr::old::HTTP_STATUS_CODE, status);
                }
                if answer.status >= 400 {
                    self.span.set(attr::common::ERROR_TYPE, answer.status.to_string());
                    self.span.fail("");
                }
            }
            Err(failure) => {
                self.prepared.durations.failed(duration, failure.kind());
                self.span.set(attr::common::ERROR_TYPE, failure.kind());
                self.span.fail(failure.to_string());
            }
        }
    }
}

impl Drop for CallSpan<'_> {
    fn drop(&mut self) {
        if !self.is_ended {
            self.prepared.durations.failed(self.began.elapsed(), ABANDONED);
            self.span.set(attr::common::ERROR_TYPE, ABANDONED);
            self.span.fail("the run was given up");
        }
    }
}

fn attributes(prepared: &PreparedStep, visitor: &Visitor, conventions: Conventions) -> Vec<KeyValue> {
    let (method, peer) = (prepared.step.method, prepared.step.service.name());
    let (host, port) = (prepared.host.clone(), i64::from(prepared.port));
    let mut attributes = Vec::with_capacity(16);
    attributes.push(KeyValue::new(attr::http::REQUEST_METHOD, method));
    attributes.push(KeyValue::new(attr::http::URL_FULL, prepared.url.fill(&visitor.values)));
    attributes.push(KeyValue::new(attr::http::URL_TEMPLATE, prepared.step.path));
    attributes.push(KeyValue::new(attr::common::SERVER_ADDRESS, host.clone()));
    attributes.push(KeyValue::new(attr::common::SERVER_PORT, port));
    attributes.push(KeyValue::new(attr::common::SERVICE_PEER_NAME, peer));
    if conventions.old_http {
        attributes.push(KeyValue::new(attr::old::HTTP_METHOD, method));
        attributes.push(KeyValue::new(attr::old::NET_PEER_NAME, host));
        attributes.push(KeyValue::new(attr::old::NET_PEER_PORT, port));
        attributes.push(KeyValue::new(attr::old::PEER_SERVICE, peer));
    }
    attributes
}
