//! What services log of the traces of a second: the four named events, with the spans they belong to.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber};
use opentelemetry_proto::tonic::trace::v1::Span;

use crate::otlp::{resource, text};
use crate::spans::{Batch, Trace};

/// Name of the event, its severity, what it says.
type Event = (&'static str, SeverityNumber, &'static str);

const SLOW: Event = ("demo_slow_query_triggered", SeverityNumber::Warn, "slow query");
const EXHAUSTED: Event = ("demo_pool_exhaustion", SeverityNumber::Warn, "connection pool exhausted");
const FAILED: Event = ("demo_checkout_failed", SeverityNumber::Warn, "checkout failed");
const FLAG: Event = ("feature_flag.evaluation", SeverityNumber::Info, "feature flag evaluated");
const ANSWERED: Event =
    ("", SeverityNumber::Error, "POST /api/checkout answered 503: Product recommendations unavailable");

/// The records of all traces.
pub(crate) fn records(batch: &Batch) -> ExportLogsServiceRequest {
    let mut services: BTreeMap<&str, Vec<LogRecord>> = BTreeMap::new();
    for trace in &batch.traces {
        for (service, span) in &trace.spans {
            for event in events(trace, span) {
                services.entry(service).or_default().push(record(event, trace, span));
            }
        }
    }
    let group = |(service, log_records)| ResourceLogs {
        resource: resource(service),
        scope_logs: vec![ScopeLogs { log_records, ..ScopeLogs::default() }],
        ..ResourceLogs::default()
    };
    ExportLogsServiceRequest { resource_logs: services.into_iter().map(group).collect() }
}

fn has(span: &Span, key: &str) -> bool {
    span.attributes.iter().any(|attribute| attribute.key == key)
}

fn events(trace: &Trace, span: &Span) -> Vec<Event> {
    let mut events = Vec::new();
    if span.name == "POST /api/checkout" {
        events.push(FLAG);
        if trace.lost.is_some() {
            events.extend([FAILED, ANSWERED]);
        }
    }
    if has(span, "db.slow_query") {
        events.push(SLOW);
    }
    if has(span, "db.connection.pool.exhausted") {
        events.push(EXHAUSTED);
    }
    events
}

fn record((name, severity, body): Event, trace: &Trace, span: &Span) -> LogRecord {
    let mut attributes: Vec<KeyValue> = vec![text("traffic.type", trace.traffic)];
    match name {
        "feature_flag.evaluation" => attributes.extend([
            text("feature_flag.key", "recommendations"),
            text("feature_flag.result.variant", "on"),
            text("feature_flag.result.reason", "targeting_match"),
        ]),
        "" => {}
        _ => attributes.extend(span.attributes.iter().filter(|own| own.key != "traffic.type").cloned()),
    }
    LogRecord {
        time_unix_nano: span.end_time_unix_nano,
        observed_time_unix_nano: span.end_time_unix_nano,
        severity_number: severity.into(),
        body: Some(AnyValue { value: Some(Value::StringValue(body.into())) }),
        attributes,
        trace_id: span.trace_id.clone(),
        span_id: span.span_id.clone(),
        event_name: name.into(),
        ..LogRecord::default()
    }
}
