//! One span or log record to several batch processors: each destination has a queue of its own, so that a slow or missing
//! one never delays the others.

use opentelemetry::logs::Severity;
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use std::time::Duration;

/// Hands on to every processor in order.
#[derive(Debug)]
pub(crate) struct FanOut<P>(pub(crate) Vec<P>);

impl<P> FanOut<P> {
    /// The first failure, after all were asked.
    fn all(&self, ask: impl Fn(&P) -> OTelSdkResult) -> OTelSdkResult {
        let failures: Vec<_> = self.0.iter().filter_map(|processor| ask(processor).err()).collect();
        failures.into_iter().next().map_or(Ok(()), Err)
    }
}

impl<P: SpanProcessor> SpanProcessor for FanOut<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        for processor in &self.0 {
            processor.on_start(span, context);
        }
    }

    fn on_end(&self, span: SpanData) {
        if let Some((last, others)) = self.0.split_last() {
            for processor in others {
                processor.on_end(span.clone());
            }
            last.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.all(SpanProcessor::force_flush)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.all(|processor| processor.shutdown_with_timeout(timeout))
    }

    fn set_resource(&mut self, resource: &Resource) {
        for processor in &mut self.0 {
            processor.set_resource(resource);
        }
    }
}

impl<P: LogProcessor> LogProcessor for FanOut<P> {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        for processor in &self.0 {
            processor.emit(record, scope);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.all(LogProcessor::force_flush)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.all(|processor| processor.shutdown_with_timeout(timeout))
    }

    fn event_enabled(&self, level: Severity, target: &str, name: Option<&str>) -> bool {
        self.0.iter().any(|processor| processor.event_enabled(level, target, name))
    }

    fn set_resource(&mut self, resource: &Resource) {
        for processor in &mut self.0 {
            processor.set_resource(resource);
        }
    }
}
