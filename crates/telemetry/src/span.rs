//! Spans for what is neither an HTTP request nor a database call, e.g. the load generator's journeys.

use crate::context::Origin;
use crate::provider;
use opentelemetry::trace::{SpanBuilder, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, Value};
use std::borrow::Cow;
use std::time::{Duration, SystemTime};

pub use opentelemetry::trace::SpanKind as Kind;

/// Whether this process records spans: telemetry is set up and not disabled.
pub fn is_recorded() -> bool {
    provider::tracer().is_some()
}

/// What a span is called in `traceparent`; neither is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanIds {
    /// The trace's 128 bits.
    pub trace: u128,
    /// The span's 64 bits.
    pub span: u64,
}

/// A started span. It ends when it is dropped, or at [`Span::end`].
///
/// To work inside it, run futures with [`Span::context`]:
/// `future.with_context(span.context().clone())` (see [`crate::context::FutureExt`]).
#[derive(Debug)]
pub struct Span {
    context: Context,
    recording: bool,
}

impl Span {
    /// Starts an internal span as a child of the current one.
    pub fn start(name: impl Into<Cow<'static, str>>, attributes: Vec<KeyValue>) -> Self {
        Self::start_in(&Context::current(), name.into(), SpanKind::Internal, attributes, None)
    }

    /// Starts a span of `kind` as a child of `parent`, wherever the current context is.
    pub fn child(
        parent: &Context,
        name: impl Into<Cow<'static, str>>,
        kind: SpanKind,
        attributes: Vec<KeyValue>,
    ) -> Self {
        Self::start_in(parent, name.into(), kind, attributes, None)
    }

    /// Starts a new trace whose baggage is `origin`. `began` back-dates it: an open-model request begins when it was
    /// due, not when a worker got round to it.
    pub fn root(
        name: impl Into<Cow<'static, str>>,
        kind: SpanKind,
        origin: &Origin,
        attributes: Vec<KeyValue>,
        began: Option<SystemTime>,
    ) -> Self {
        let parent = origin.attach_to(&Context::new());
        Self::start_in(&parent, name.into(), kind, attributes, began)
    }

    pub(crate) fn start_in(
        parent: &Context,
        name: Cow<'static, str>,
        kind: SpanKind,
        attributes: Vec<KeyValue>,
        began: Option<SystemTime>,
    ) -> Self {
        let Some(tracer) = provider::tracer() else {
            // Nothing records, but the caller's trace and baggage must still pass through.
            return Self { context: parent.clone(), recording: false };
        };
        let mut builder = SpanBuilder::from_name(name).with_kind(kind).with_attributes(attributes);
        builder.start_time = began;
        let context = parent.with_span(tracer.build_with_context(builder, parent));
        let recording = context.span().is_recording();
        Self { context, recording }
    }

    /// The context with this span as the current one.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Whether anybody will see what is set on this span; lets callers skip costly attributes.
    pub fn is_recording(&self) -> bool {
        self.recording
    }

    /// The ids under which it is recorded; `None` for a span that is not.
    pub fn ids(&self) -> Option<SpanIds> {
        let context = self.context.span().span_context().clone();
        self.recording.then(|| SpanIds {
            trace: u128::from_be_bytes(context.trace_id().to_bytes()),
            span: u64::from_be_bytes(context.span_id().to_bytes()),
        })
    }

    /// Sets an attribute. A key that is already set is replaced when the span is exported.
    pub fn set(&self, key: &'static str, value: impl Into<Value>) {
        if self.recording {
            self.context.span().set_attribute(KeyValue::new(key, value));
        }
    }

    /// Sets several attributes.
    pub fn set_all(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        if self.recording {
            self.context.span().set_attributes(attributes);
        }
    }

    /// Replaces the name.
    pub fn rename(&self, name: impl Into<Cow<'static, str>>) {
        if self.recording {
            self.context.span().update_name(name);
        }
    }

    /// Marks the span as failed.
    pub fn fail(&self, description: impl Into<Cow<'static, str>>) {
        if self.recording {
            self.context.span().set_status(Status::error(description));
        }
    }

    /// Ends the span now.
    pub fn end(self) {}

    pub(crate) fn end_at(&mut self, end: SystemTime) {
        if std::mem::take(&mut self.recording) {
            self.context.span().end_with_timestamp(end);
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if self.recording {
            self.context.span().end();
        }
    }
}

/// Wall-clock time of something that began `elapsed` ago.
pub(crate) fn wall_clock_before(elapsed: Duration) -> SystemTime {
    let now = SystemTime::now();
    now.checked_sub(elapsed).unwrap_or(now)
}
