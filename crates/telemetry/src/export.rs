//! Wrappers around the OTLP exporters that keep an unreachable collector harmless.
//!
//! They count what arrived, say once when exporting starts to fail and once when it works again, and write every
//! attribute key of a span once (the SDK keeps both values of a key that was set twice; the later one is meant).

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// What became of one signal's exports.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    signal: &'static str,
    endpoint: String,
    is_failing: AtomicBool,
    /// Items that the collector took.
    pub(crate) delivered: Arc<AtomicU64>,
}

impl Outcome {
    pub(crate) fn new(signal: &'static str, endpoint: &str) -> Arc<Self> {
        Arc::new(Self { signal, endpoint: endpoint.to_owned(), ..Self::default() })
    }

    fn record(&self, result: &OTelSdkResult, items: usize) {
        match result {
            Ok(()) => {
                self.delivered.fetch_add(items as u64, Ordering::Relaxed);
                if self.is_failing.swap(false, Ordering::Relaxed) {
                    tracing::info!(signal = self.signal, endpoint = self.endpoint, "telemetry export works again");
                }
            }
            Err(error) => {
                if !self.is_failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        signal = self.signal,
                        endpoint = self.endpoint,
                        error = %error,
                        "telemetry export fails; the service goes on without"
                    );
                }
            }
        }
    }
}

/// An exporter whose results are recorded in an [`Outcome`].
#[derive(Debug)]
pub(crate) struct Watched<E> {
    inner: E,
    outcome: Arc<Outcome>,
}

impl<E> Watched<E> {
    pub(crate) fn new(inner: E, outcome: Arc<Outcome>) -> Self {
        Self { inner, outcome }
    }
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        for span in &mut batch {
            keep_last_of_each_key(&mut span.attributes);
        }
        let result = self.inner.export(batch).await;
        self.outcome.record(&result, spans);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

impl<E: LogExporter> LogExporter for Watched<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let records = batch.iter().count();
        let result = self.inner.export(batch).await;
        self.outcome.record(&result, records);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

impl<E: PushMetricExporter> PushMetricExporter for Watched<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let result = self.inner.export(metrics).await;
        self.outcome.record(&result, 1);
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.inner.temporality()
    }
}

/// Removes every attribute whose key comes again later.
pub(crate) fn keep_last_of_each_key(attributes: &mut Vec<KeyValue>) {
    let mut index = attributes.len();
    while index > 0 {
        index -= 1;
        let key = attributes[index].key.as_str();
        if attributes[index + 1..].iter().any(|later| later.key.as_str() == key) {
            attributes.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_set_twice_keeps_its_later_value() {
        let mut attributes = vec![
            KeyValue::new("a", 1),
            KeyValue::new("b", 2),
            KeyValue::new("a", 3),
            KeyValue::new("a", 4),
            KeyValue::new("c", 5),
        ];
        keep_last_of_each_key(&mut attributes);
        let expected = [KeyValue::new("b", 2), KeyValue::new("a", 4), KeyValue::new("c", 5)];
        assert_eq!(attributes, expected);
    }
}
