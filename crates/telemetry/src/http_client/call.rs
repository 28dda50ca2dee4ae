//! One call's CLIENT span and duration.

use super::{CallError, Peer, Reply};
use crate::attr;
use crate::context;
use crate::conventions::{Conventions, server_attributes};
use crate::instruments::instruments;
use crate::span::Span;
use http::Method;
use opentelemetry::trace::SpanKind;
use opentelemetry::{Context, KeyValue, Value};
use std::borrow::Cow;
use std::time::Instant;

/// A call between its start and its answer.
pub(super) struct Call {
    pub(super) span: Span,
    began: Instant,
    /// Attributes of the duration metric that are known from the start.
    measured: Vec<KeyValue>,
    conventions: Conventions,
    is_finished: bool,
}

impl Call {
    pub(super) fn start(peer: &Peer, method: &Method, template: &'static str, path_and_query: &str) -> Self {
        let conventions = Conventions::current();
        let parent = Context::current();
        let method = crate::http_server::known_method(method);
        let mut measured = vec![
            KeyValue::new(attr::http::REQUEST_METHOD, method),
            KeyValue::new(attr::common::SERVER_ADDRESS, peer.host.clone()),
            KeyValue::new(attr::common::SERVER_PORT, i64::from(peer.port)),
            KeyValue::new(attr::http::URL_TEMPLATE, template),
        ];
        let mut attributes = Vec::with_capacity(20);
        attributes.push(KeyValue::new(attr::http::REQUEST_METHOD, method));
        attributes.push(KeyValue::new(attr::http::URL_TEMPLATE, template));
        attributes.push(KeyValue::new(attr::http::URL_FULL, format!("{}{path_and_query}", peer.base_url)));
        let old = conventions.old_http;
        server_attributes(&mut attributes, &peer.service, &peer.host, peer.port, old);
        if old {
            attributes.push(KeyValue::new(attr::old::HTTP_METHOD, method));
        }
        if let Some(traffic_type) = context::traffic_type_of(&parent) {
            measured.push(KeyValue::new(attr::TRAFFIC_TYPE, traffic_type));
        }
        let span = Span::start_in(&parent, method.into(), SpanKind::Client, attributes, None);
        Self { span, began: Instant::now(), measured, conventions, is_finished: false }
    }

    pub(super) fn finish(mut self, result: &Result<Reply, CallError>) {
        self.is_finished = true;
        match result {
            Ok(reply) => {
                let code = i64::from(reply.status.as_u16());
                self.span.set(attr::http::RESPONSE_STATUS_CODE, code);
                if self.conventions.old_http {
                    self.span.set(attr::old::HTTP_STATUS_CODE, code);
                }
                self.measured.push(KeyValue::new(attr::http::RESPONSE_STATUS_CODE, code));
                if reply.status.is_client_error() || reply.status.is_server_error() {
                    self.fail(reply.status.as_str().to_owned().into(), "");
                }
            }
            Err(error) => self.fail(error.kind.as_str().into(), &error.message),
        }
        self.measure();
    }

    fn fail(&mut self, error_type: Cow<'static, str>, description: &str) {
        let error_type = Value::from(error_type);
        self.span.set(attr::common::ERROR_TYPE, error_type.clone());
        self.span.fail(description.to_owned());
        self.measured.push(KeyValue::new(attr::common::ERROR_TYPE, error_type));
    }

    fn measure(&self) {
        if let Some(instruments) = instruments() {
            instruments.http_client.record(self.began.elapsed().as_secs_f64(), &self.measured);
        }
    }
}

impl Drop for Call {
    /// The caller gave the call up: its own deadline passed, or its client has gone.
    fn drop(&mut self) {
        if !self.is_finished {
            self.fail("cancelled".into(), "the caller gave up");
            self.measure();
        }
    }
}
