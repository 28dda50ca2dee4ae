//! A process's telemetry from its pipelines to the last span.

use crate::baggage::{BaggageLogs, BaggageSpans};
use crate::export::{Outcome, Watched};
use crate::export_thread::ExportThread;
use crate::fan_out::FanOut;
use crate::init::InitError;
use crate::otlp;
use crate::settings::Settings;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{BatchConfigBuilder as LogBatch, BatchLogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{BatchConfigBuilder as SpanBatch, BatchSpanProcessor, SdkTracerProvider};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Longest time [`Telemetry::shutdown`] may take.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(2);

/// What is left of telemetry at the end of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownReport {
    /// Spans that ended in this process and were sampled.
    pub spans_ended: u64,
    /// Of those, the ones that the first collector (the console's, where there is one) did not take: the queue was full, the export failed, or time ran out.
    pub spans_dropped: u64,
    /// Whether every provider finished within two seconds.
    pub is_complete: bool,
}

/// A process's telemetry. Dropping it shuts it down.
#[derive(Debug)]
pub struct Telemetry {
    pub(crate) traces: Option<SdkTracerProvider>,
    pub(crate) metrics: Option<SdkMeterProvider>,
    pub(crate) logs: Option<SdkLoggerProvider>,
    spans_ended: Arc<AtomicU64>,
    spans_delivered: Arc<AtomicU64>,
    /// Closing it ends the export thread.
    export_thread: Option<ExportThread>,
}

impl Telemetry {
    pub(crate) fn build(settings: &Settings, resource: &Resource) -> Result<Self, InitError> {
        let mut telemetry = Self {
            traces: None,
            metrics: None,
            logs: None,
            spans_ended: Arc::default(),
            spans_delivered: Arc::default(),
            export_thread: None,
        };
        if settings.is_disabled {
            return Ok(telemetry);
        }
        let thread = if settings.exports_anything() { Some(ExportThread::start()?) } else { None };
        let inside = thread.as_ref().map(|thread| thread.handle.enter());
        let resource = resource.clone();

        let mut spans = Vec::new();
        for to in &settings.traces {
            let outcome = Outcome::new("traces", &to.endpoint);
            if spans.is_empty() {
                telemetry.spans_delivered = Arc::clone(&outcome.delivered);
            }
            let exporter = Watched::new(otlp::span_exporter(to, &settings.tls)?, outcome);
            let batch = SpanBatch::default()
                .with_scheduled_delay(settings.span_batch.delay)
                .with_max_queue_size(settings.span_batch.queue)
                .with_max_export_batch_size(settings.span_batch.size)
                .build();
            spans.push(BatchSpanProcessor::builder(exporter).with_batch_config(batch).build());
        }
        let mut traces = SdkTracerProvider::builder().with_resource(resource.clone());
        if !spans.is_empty() {
            let ended = Arc::clone(&telemetry.spans_ended);
            traces = traces.with_span_processor(BaggageSpans::new(FanOut(spans), ended));
        }
        telemetry.traces = Some(traces.build());

        let mut metrics = SdkMeterProvider::builder().with_resource(resource.clone());
        for to in &settings.metrics {
            let outcome = Outcome::new("metrics", &to.endpoint);
            let exporter = Watched::new(otlp::metric_exporter(to, &settings.tls)?, outcome);
            let reader = PeriodicReader::builder(exporter).with_interval(settings.metric_interval).build();
            metrics = metrics.with_reader(reader);
        }
        telemetry.metrics = (!settings.metrics.is_empty()).then(|| metrics.build());

        let mut records = Vec::new();
        for to in &settings.logs {
            let outcome = Outcome::new("logs", &to.endpoint);
            let exporter = Watched::new(otlp::log_exporter(to, &settings.tls)?, outcome);
            let batch = LogBatch::default()
                .with_scheduled_delay(settings.log_batch.delay)
                .with_max_queue_size(settings.log_batch.queue)
                .with_max_export_batch_size(settings.log_batch.size)
                .build();
            records.push(BatchLogProcessor::builder(exporter).with_batch_config(batch).build());
        }
        if !records.is_empty() {
            let logs = SdkLoggerProvider::builder().with_resource(resource);
            telemetry.logs = Some(logs.with_log_processor(BaggageLogs::new(FanOut(records))).build());
        }
        drop(inside);
        telemetry.export_thread = thread;
        Ok(telemetry)
    }

    /// Sends what is still queued and stops. Blocks the calling thread for at most two seconds; it may be a runtime's,
    /// because exports run elsewhere. Warns on the log if spans were dropped during the process's life.
    pub fn shutdown(mut self) -> ShutdownReport {
        self.stop()
    }

    fn stop(&mut self) -> ShutdownReport {
        let deadline = Instant::now() + SHUTDOWN_LIMIT;
        let (done, finished) = mpsc::channel();
        let mut running = 0;
        let mut shut_down = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let done = done.clone();
            let started = std::thread::Builder::new().name(format!("otel-stop-{name}")).spawn(move || {
                work();
                // Nobody listens any more when time ran out.
                let _ = done.send(());
            });
            running += usize::from(started.is_ok());
        };
        if let Some(traces) = self.traces.take() {
            let work = move || drop(traces.shutdown_with_timeout(SHUTDOWN_LIMIT));
            shut_down("traces", Box::new(work));
        }
        if let Some(metrics) = self.metrics.take() {
            let work = move || drop(metrics.shutdown_with_timeout(SHUTDOWN_LIMIT));
            shut_down("metrics", Box::new(work));
        }
        if let Some(logs) = self.logs.take() {
            let work = move || drop(logs.shutdown_with_timeout(SHUTDOWN_LIMIT));
            shut_down("logs", Box::new(work));
        }
        let mut is_complete = true;
        for _ in 0..running {
            let left = deadline.saturating_duration_since(Instant::now());
            is_complete &= finished.recv_timeout(left).is_ok();
        }
        self.export_thread = None;
        let spans_ended = self.spans_ended.load(Ordering::Relaxed);
        let delivered = self.spans_delivered.load(Ordering::Relaxed);
        let report = ShutdownReport { spans_ended, spans_dropped: spans_ended.saturating_sub(delivered), is_complete };
        if report.spans_dropped > 0 {
            tracing::warn!(spans_ended, spans_dropped = report.spans_dropped, "spans were dropped");
        }
        report
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if self.traces.is_some() || self.metrics.is_some() || self.logs.is_some() {
            self.stop();
        }
    }
}

#[cfg(test)]
mod tests;
