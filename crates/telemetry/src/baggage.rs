//! Baggage on the allow list becomes attributes of every span and log record.
//!
//! Wraps the batch processors instead of standing beside them: a second span processor costs 725 ns a span, a wrapper
//! 395 ns.

use crate::attr;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::logs::{AnyValue, LogRecord};
use opentelemetry::trace::Span as _;
use opentelemetry::{Context, InstrumentationScope, Key, KeyValue, StringValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Longest baggage value that becomes an attribute, bytes. Baggage comes from outside; a longer one is left out.
const MAX_VALUE_BYTES: usize = 128;

/// The members of `context`'s baggage that may become attributes.
pub(crate) fn allowed(context: &Context) -> impl Iterator<Item = (&'static str, &StringValue)> + use<'_> {
    let baggage = context.baggage();
    let keys: &[&'static str] = if baggage.is_empty() { &[] } else { &attr::BAGGAGE_ALLOW_LIST };
    keys.iter().filter_map(move |key| {
        let value = baggage.get(key)?;
        (value.as_str().len() <= MAX_VALUE_BYTES).then_some((*key, value))
    })
}

/// A span processor that writes the allowed baggage on each span it hands on, and counts what it hands on.
#[derive(Debug)]
pub(crate) struct BaggageSpans<P> {
    inner: P,
    ended: Arc<AtomicU64>,
}

impl<P> BaggageSpans<P> {
    /// `ended` counts the sampled spans that were given to `inner`, dropped ones included.
    pub(crate) fn new(inner: P, ended: Arc<AtomicU64>) -> Self {
        Self { inner, ended }
    }
}

impl<P: SpanProcessor> SpanProcessor for BaggageSpans<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        for (key, value) in allowed(context) {
            span.set_attribute(KeyValue::new(key, value.clone()));
        }
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.ended.fetch_add(1, Ordering::Relaxed);
        }
        self.inner.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// A log processor that writes the allowed baggage of the current context on each record it hands on.
#[derive(Debug)]
pub(crate) struct BaggageLogs<P> {
    inner: P,
}

impl<P> BaggageLogs<P> {
    pub(crate) fn new(inner: P) -> Self {
        Self { inner }
    }
}

impl<P: LogProcessor> LogProcessor for BaggageLogs<P> {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        // An event without a name of its own is called "event FILE:LINE", which is noise to whoever groups by name.
        if record.event_name().is_some_and(|name| name.starts_with("event ")) {
            record.set_event_name("");
        }
        Context::map_current(|context| {
            for (key, value) in allowed(context) {
                let present = record.attributes_iter().any(|(name, _)| name.as_str() == key);
                if !present {
                    record.add_attribute(Key::from_static_str(key), AnyValue::String(value.clone()));
                }
            }
        });
        self.inner.emit(record, scope);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
