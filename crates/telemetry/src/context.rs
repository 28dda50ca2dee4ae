//! The context of a request: trace, baggage, and how both travel between processes.

use crate::attr;
use http::HeaderMap;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use std::sync::OnceLock;

pub use opentelemetry::trace::FutureExt;

static PROPAGATION: OnceLock<Propagation> = OnceLock::new();

/// Longest `traffic.type` that may become a metric attribute, bytes; longer or odd ones would let a caller blow up
/// the number of time series.
const MAX_TRAFFIC_TYPE_BYTES: usize = 32;

/// Which headers carry context: `OTEL_PROPAGATORS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Propagators {
    /// W3C `traceparent` and `tracestate`.
    pub(crate) trace_context: bool,
    /// W3C `baggage`.
    pub(crate) baggage: bool,
}

impl Default for Propagators {
    fn default() -> Self {
        Self { trace_context: true, baggage: true }
    }
}

struct Propagation {
    carried: Propagators,
    full: TextMapCompositePropagator,
    without_baggage: TextMapCompositePropagator,
}

impl Propagation {
    fn new(propagators: Propagators) -> Self {
        let build = |baggage: bool| {
            let mut list: Vec<Box<dyn TextMapPropagator + Send + Sync>> = Vec::new();
            if propagators.trace_context {
                list.push(Box::new(TraceContextPropagator::new()));
            }
            if baggage {
                list.push(Box::new(BaggagePropagator::new()));
            }
            TextMapCompositePropagator::new(list)
        };
        Self { carried: propagators, full: build(propagators.baggage), without_baggage: build(false) }
    }
}

pub(crate) fn install_propagators(propagators: Propagators) {
    // A second call keeps the first choice, like every process-wide part of the set-up.
    let _ = PROPAGATION.set(Propagation::new(propagators));
}

fn propagation() -> &'static Propagation {
    PROPAGATION.get_or_init(|| Propagation::new(Propagators::default()))
}

/// Whether requests carry `traceparent` and `tracestate`, for whoever writes them without [`inject`].
pub fn carries_trace_context() -> bool {
    propagation().carried.trace_context
}

/// Whether requests carry `baggage`.
pub fn carries_baggage() -> bool {
    propagation().carried.baggage
}

/// The context that an incoming request carries in its headers; the empty context where it carries none.
pub fn extract(headers: &HeaderMap) -> Context {
    propagation().full.extract_with_context(&Context::new(), &HeaderExtractor(headers))
}

/// Writes `traceparent`, `tracestate` and `baggage` of `context` into the headers of an outgoing call.
pub fn inject(context: &Context, headers: &mut HeaderMap) {
    propagation().full.inject_context(context, &mut HeaderInjector(headers));
}

/// Like [`inject`] without `baggage`: for third parties, which must not learn session or user.
pub fn inject_without_baggage(context: &Context, headers: &mut HeaderMap) {
    propagation().without_baggage.inject_context(context, &mut HeaderInjector(headers));
}

/// The current `traffic.type` as it may stand on metrics: at most 32 bytes of `[A-Za-z0-9_-]`, otherwise `None`.
pub fn traffic_type() -> Option<Value> {
    Context::map_current(traffic_type_of)
}

/// [`traffic_type`] of a given context.
pub fn traffic_type_of(context: &Context) -> Option<Value> {
    let value = context.baggage().get(attr::TRAFFIC_TYPE)?;
    is_metric_label(value.as_str()).then(|| Value::String(value.clone()))
}

/// Whether a `traffic.type` may stand on metrics.
pub(crate) fn is_metric_label(traffic_type: &str) -> bool {
    !traffic_type.is_empty()
        && traffic_type.len() <= MAX_TRAFFIC_TYPE_BYTES
        && traffic_type.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The trace id of the current span as 32 hex digits, for error bodies; `None` outside a trace.
pub fn trace_id() -> Option<String> {
    Context::map_current(|context| {
        let span = context.span();
        let span_context = span.span_context();
        span_context.is_valid().then(|| span_context.trace_id().to_string())
    })
}

/// Sets an attribute on the current span. A key that is already set is replaced when the span is exported.
pub fn set_attribute(key: &'static str, value: impl Into<Value>) {
    Context::map_current(|context| context.span().set_attribute(KeyValue::new(key, value)));
}

/// Marks the current span as failed. The server layer does this itself for 5xx answers.
pub fn set_error(description: impl Into<std::borrow::Cow<'static, str>>) {
    Context::map_current(|context| {
        context.span().set_status(opentelemetry::trace::Status::error(description));
    });
}

/// Who is behind a request: becomes baggage, and so attributes of every span and log line the request causes.
///
/// ```
/// let origin = telemetry::context::Origin::new("demo").session("s-1").user("user-0042").run("r-7");
/// let context = origin.attach_to(&telemetry::Context::new());
/// assert_eq!(telemetry::context::traffic_type_of(&context), Some("demo".into()));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    members: Vec<KeyValue>,
}

impl Origin {
    /// Starts from `traffic.type`: `baseline` or `demo`.
    pub fn new(traffic_type: impl Into<Value>) -> Self {
        Self { members: vec![KeyValue::new(attr::TRAFFIC_TYPE, traffic_type)] }
    }

    /// `session.id`.
    pub fn session(self, id: impl Into<Value>) -> Self {
        self.with(attr::SESSION_ID, id.into())
    }

    /// `user.id`.
    pub fn user(self, id: impl Into<Value>) -> Self {
        self.with(attr::USER_ID, id.into())
    }

    /// `scenario.run`.
    pub fn run(self, id: impl Into<Value>) -> Self {
        self.with(attr::SCENARIO_RUN, id.into())
    }

    /// `context` with this origin as its baggage.
    pub fn attach_to(&self, context: &Context) -> Context {
        context.with_baggage(self.members.iter().cloned())
    }

    fn with(mut self, key: &'static str, value: Value) -> Self {
        self.members.push(KeyValue::new(key, value));
        self
    }
}
