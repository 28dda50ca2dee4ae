//! OTLP messages into rows: one walk over each message.

use detect::UnixMs;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span as OtlpSpan;

use crate::any_value;
use crate::limits::{LONGEST_VALUE, StoreLimits};
use crate::logs::{Logs, Record};
use crate::metrics::Metrics;
use crate::pack::{Packed, Tables};
use crate::resources::{ResourceId, Resources, is_true, text};
use crate::seconds::{LogKey, MOST_FLAGS, Seconds};
use crate::series::{SeriesKey, SeriesTable};
use crate::span::{self, Span, TRAFFIC_TYPE};
use crate::store::Ingested;
use crate::symbols::{Symbol, Symbols, cut};
use crate::trace_ring::TraceRing;
use crate::window::Aggregates;

/// Everything that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) tables: Tables,
    pub(crate) resources: Resources,
    pub(crate) ring: TraceRing,
    pub(crate) series: SeriesTable,
    pub(crate) seconds: Seconds,
    pub(crate) logs: Logs,
    pub(crate) metrics: Metrics,
    /// Keys of the boolean attributes that aggregates count.
    pub(crate) flags: Vec<String>,
    pub(crate) counts: Counts,
}

/// What is counted on the way in.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) spans_received: u64,
    pub(crate) spans_rejected: u64,
    pub(crate) spans_out_of_time: u64,
    pub(crate) spans_in_overflow: u64,
    pub(crate) attributes_dropped: u64,
    pub(crate) logs_received: u64,
}

impl Kept {
    pub(crate) fn new(limits: StoreLimits, flags: impl IntoIterator<Item = String>) -> Self {
        Self {
            tables: Tables::new(),
            resources: Resources::default(),
            ring: TraceRing::new(limits.span_bytes()),
            series: SeriesTable::default(),
            seconds: Seconds::new(limits.aggregate_bytes()),
            logs: Logs::new(limits.log_bytes()),
            metrics: Metrics::default(),
            flags: flags.into_iter().take(MOST_FLAGS).collect(),
            counts: Counts::default(),
        }
    }

    pub(crate) fn aggregates(&self) -> Aggregates<'_> {
        Aggregates { seconds: &self.seconds, series: &self.series, names: &self.tables.names, flags: &self.flags }
    }

    pub(crate) fn traces(&mut self, request: &ExportTraceServiceRequest, now: UnixMs) -> Ingested {
        let mut ingested = Ingested::default();
        for group in &request.resource_spans {
            let sender = self.resources.admit(group.resource.as_ref(), &mut self.tables);
            for otlp in group.scope_spans.iter().flat_map(|scope| &scope.spans) {
                if self.span(sender, otlp, now) {
                    ingested.accepted += 1;
                } else {
                    ingested.rejected += 1;
                }
            }
        }
        self.counts.spans_received += ingested.accepted;
        self.counts.spans_rejected += ingested.rejected;
        ingested
    }

    fn span(&mut self, (resource, service): (ResourceId, Symbol), otlp: &OtlpSpan, now: UnixMs) -> bool {
        let (Some((trace_id, span_id)), Some(parent_span_id)) = (span::identity(otlp), span::parent(otlp)) else {
            return false;
        };
        let Some(duration_ns) = otlp.end_time_unix_nano.checked_sub(otlp.start_time_unix_nano) else {
            return false;
        };
        let (attributes, rare, dropped) = span::details(otlp, &mut self.tables);
        self.counts.attributes_dropped += dropped;
        let traffic_type =
            text(&otlp.attributes, TRAFFIC_TYPE).map_or(Symbols::NONE, |word| self.tables.names.name(word));
        let span = Span {
            trace_id,
            span_id,
            parent_span_id,
            start_ns: otlp.start_time_unix_nano,
            duration_ns,
            resource,
            service,
            name: self.tables.names.name(&otlp.name),
            traffic_type,
            kind: span::kind(otlp),
            status: span::status(otlp),
            attributes,
            rare,
        };
        self.count(&span, otlp, now);
        self.ring.push(span);
        true
    }

    fn count(&mut self, span: &Span, otlp: &OtlpSpan, now: UnixMs) {
        let key = SeriesKey {
            service: span.service,
            operation: span.name,
            traffic_type: span.traffic_type,
            kind: span.kind,
            status: span.status,
        };
        let (series, is_overflow) = self.series.admit(key);
        self.counts.spans_in_overflow += u64::from(is_overflow);
        let mut flags = 0;
        for (bit, flag) in self.flags.iter().enumerate() {
            flags |= u8::from(is_true(&otlp.attributes, flag)) << bit;
        }
        if !self.seconds.record(series, span.end_ns(), span.duration_ns, flags, now.0 / 1000) {
            self.counts.spans_out_of_time += 1;
        }
    }

    pub(crate) fn log_records(&mut self, request: &ExportLogsServiceRequest, now: UnixMs) -> Ingested {
        let mut ingested = Ingested::default();
        for group in &request.resource_logs {
            let (_, service) = self.resources.admit(group.resource.as_ref(), &mut self.tables);
            for otlp in group.scope_logs.iter().flat_map(|scope| &scope.log_records) {
                self.log_record(service, otlp, now);
                ingested.accepted += 1;
            }
        }
        self.counts.logs_received += ingested.accepted;
        ingested
    }

    fn log_record(&mut self, service: Symbol, otlp: &LogRecord, now: UnixMs) {
        let stamped = [otlp.time_unix_nano, otlp.observed_time_unix_nano].into_iter().find(|at| *at != 0);
        let time_ns = stamped.unwrap_or(now.0.saturating_mul(1_000_000));
        let (attributes, dropped) = Packed::new(&otlp.attributes, &mut self.tables);
        self.counts.attributes_dropped += dropped;
        let event = match otlp.event_name.as_str() {
            "" => text(&otlp.attributes, "event.name").unwrap_or_default(),
            name => name,
        };
        let key = LogKey {
            service,
            event: self.tables.names.name(event),
            traffic_type: self.tables.names.name(text(&otlp.attributes, TRAFFIC_TYPE).unwrap_or_default()),
            severity: u8::try_from(otlp.severity_number.clamp(0, 24)).unwrap_or(0),
        };
        self.seconds.record_log(key, time_ns / 1_000_000_000, now.0 / 1000);
        let body = match otlp.body.as_ref().map(any_value::to_json) {
            Some(serde_json::Value::String(text)) => text,
            Some(serde_json::Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        self.logs.push(Record {
            time_ns,
            trace_id: otlp.trace_id.as_slice().try_into().map_or(0, u128::from_be_bytes),
            span_id: otlp.span_id.as_slice().try_into().map_or(0, u64::from_be_bytes),
            service,
            event: key.event,
            traffic_type: key.traffic_type,
            severity: key.severity,
            body: cut(&body, LONGEST_VALUE).into(),
            attributes,
        });
    }

    pub(crate) fn metric_points(&mut self, request: &ExportMetricsServiceRequest) -> Ingested {
        let (received, dropped) = (self.metrics.received, self.metrics.dropped);
        for group in &request.resource_metrics {
            let (_, service) = self.resources.admit(group.resource.as_ref(), &mut self.tables);
            for metric in group.scope_metrics.iter().flat_map(|scope| &scope.metrics) {
                self.metrics.ingest(service, metric, &mut self.tables);
            }
        }
        let rejected = self.metrics.dropped - dropped;
        Ingested { accepted: self.metrics.received - received - rejected, rejected }
    }

    /// The end of the oldest kept span, and the oldest kept second; zero without any.
    pub(crate) fn oldest_unix_ms(&self) -> (u64, u64) {
        let span = self.ring.oldest().map_or(0, |span| span.end_ns() / 1_000_000);
        (span, self.seconds.oldest().map_or(0, |second| second * 1000))
    }
}
