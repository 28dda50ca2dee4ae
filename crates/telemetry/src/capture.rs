//! For tests: keep what a process records in memory instead of exporting it.
//!
//! The tracer is process-wide, so the tests of one binary share one [`Capture`]; each looks for its own trace.

use crate::baggage::BaggageSpans;
use crate::export::{Outcome, Watched};
use crate::provider;
use opentelemetry::KeyValue;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use opentelemetry_sdk::trace::{SdkTracerProvider, SimpleSpanProcessor, SpanExporter};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

pub use opentelemetry_sdk::trace::SpanData;

static CAPTURE: OnceLock<Capture> = OnceLock::new();

/// Longer than any test: points are collected when a test asks for them.
const NEVER: Duration = Duration::from_secs(3_600);

/// The finished spans and the measurements of this process.
#[derive(Clone, Debug)]
pub struct Capture {
    spans: Kept<SpanData>,
    points: Kept<Point>,
    metrics: SdkMeterProvider,
}

/// What one metric says about one set of attributes.
#[derive(Clone, Debug)]
pub struct Point {
    /// Name of the metric.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// The attributes it is counted by.
    pub attributes: Vec<KeyValue>,
    /// Measurements of a histogram, value of a counter.
    pub count: f64,
}

/// Starts to keep what this process records, or returns the capture that already does. Use instead of [`crate::init`],
/// not beside it.
pub fn start() -> Capture {
    CAPTURE
        .get_or_init(|| {
            let spans = Kept::default();
            let exporter = Watched::new(spans.clone(), Outcome::new("traces", "memory"));
            let processor = BaggageSpans::new(SimpleSpanProcessor::new(exporter), Arc::default());
            let traces = SdkTracerProvider::builder().with_span_processor(processor).build();
            provider::install_tracer(&traces);
            let points = Kept::default();
            let reader = PeriodicReader::builder(points.clone()).with_interval(NEVER).build();
            let metrics = SdkMeterProvider::builder().with_reader(reader).build();
            provider::install_meter(&metrics);
            Capture { spans, points, metrics }
        })
        .clone()
}

impl Capture {
    /// The finished spans of the trace with this id (32 hex digits), in the order in which they ended.
    pub fn trace(&self, trace_id: &str) -> Vec<SpanData> {
        self.spans.lock().iter().filter(|span| span.span_context.trace_id().to_string() == trace_id).cloned().collect()
    }

    /// Every finished span.
    pub fn spans(&self) -> Vec<SpanData> {
        self.spans.lock().clone()
    }

    /// What every metric says now, over the life of the process.
    pub fn points(&self) -> Vec<Point> {
        // Held while collecting would be a deadlock: the exporter below takes the lock itself.
        let collected = self.metrics.force_flush();
        debug_assert!(collected.is_ok(), "metrics could not be collected");
        self.points.lock().clone()
    }
}

/// The value of `key` on `span`, as text.
pub fn attribute(span: &SpanData, key: &str) -> Option<String> {
    span.attributes.iter().find(|attribute| attribute.key.as_str() == key).map(|attribute| attribute.value.to_string())
}

#[derive(Debug)]
struct Kept<T>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Kept<T> {
    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        // A test that panicked while holding the lock leaves a complete list behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanExporter for Kept<SpanData> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        self.lock().append(&mut batch);
        Ok(())
    }
}

impl PushMetricExporter for Kept<Point> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let mut kept = self.lock();
        kept.clear();
        for metric in metrics.scope_metrics().flat_map(|scope| scope.metrics()) {
            let mut keep = |attributes: Vec<KeyValue>, count: f64| {
                kept.push(Point {
                    metric: metric.name().to_owned(),
                    unit: metric.unit().to_owned(),
                    attributes,
                    count,
                });
            };
            match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                    for point in histogram.data_points() {
                        keep(point.attributes().cloned().collect(), point.count() as f64);
                    }
                }
                AggregatedMetrics::F64(MetricData::Sum(sum)) => {
                    for point in sum.data_points() {
                        keep(point.attributes().cloned().collect(), point.value());
                    }
                }
                AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                    for point in sum.data_points() {
                        keep(point.attributes().cloned().collect(), point.value() as f64);
                    }
                }
                AggregatedMetrics::I64(MetricData::Sum(sum)) => {
                    for point in sum.data_points() {
                        keep(point.attributes().cloned().collect(), point.value() as f64);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}
