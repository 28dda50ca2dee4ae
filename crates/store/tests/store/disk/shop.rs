//! Telemetry with a bit of everything: traces of three spans, a log record each, a few metrics.

use detect::UnixMs;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::trace::v1::{Span, span::Event};
use store::{IngestError, Store};

use crate::otlp::{NOW_S, attribute, encoded, failed, request, resource, span, text, with};

/// The moment at which all of it comes in.
pub(crate) const NOW: UnixMs = UnixMs(NOW_S * 1000);

/// The id of the n-th trace: ids of neighbours are far apart, as random ones are.
pub(crate) fn id(n: u64) -> u128 {
    u128::from((n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64 | u128::from(n + 1)
}

pub(crate) fn hex(n: u64) -> String {
    format!("{:032x}", id(n))
}

/// The spans of the n-th of `all` traces, a millisecond after each other, the last of which ends now.
pub(crate) fn trace(n: u64, all: u64) -> Vec<Span> {
    let ago_ms = all - n;
    let traffic = text("traffic.type", if n.is_multiple_of(3) { "baseline" } else { "demo" });
    let mut root = with(span(id(n), 1, "POST /api/checkout", ago_ms, 20.0 + n as f64 / 7.0), [traffic.clone()]);
    let mut query = with(
        span(id(n), 2, "SELECT products", ago_ms + 1, 5.5),
        [
            traffic,
            text("db.system.name", "postgresql"),
            text("db.query.text", "SELECT * FROM products WHERE id = $1"),
            attribute("db.rows_scanned", Value::IntValue(n as i64)),
            attribute("db.connection.pool.exhausted", Value::BoolValue(n.is_multiple_of(4))),
            attribute("ratio", Value::DoubleValue(n as f64 / 3.0)),
            attribute(
                "tags",
                Value::ArrayValue(ArrayValue { values: vec![AnyValue { value: Some(Value::IntValue(7)) }] }),
            ),
            text("user.id", &format!("user-{n}")),
        ],
    );
    query.parent_span_id = 1u64.to_be_bytes().to_vec();
    let mut leaf = span(id(n), 3, "serialize", ago_ms + 2, 0.25);
    leaf.parent_span_id = 2u64.to_be_bytes().to_vec();
    leaf.trace_state = "vendor=1".into();
    leaf.events.push(Event { time_unix_nano: 5, name: "exception".into(), ..Event::default() });
    if n.is_multiple_of(10) {
        root = failed(root);
    }
    vec![root, query, leaf]
}

pub(crate) fn log(n: u64, all: u64) -> ExportLogsServiceRequest {
    let record = LogRecord {
        time_unix_nano: NOW.0 * 1_000_000 - (all - n) * 1_000_000,
        severity_number: if n.is_multiple_of(10) { 17 } else { 9 },
        event_name: "order_placed".into(),
        body: Some(AnyValue { value: Some(Value::StringValue(format!("order {n} \"placed\""))) }),
        attributes: vec![text("traffic.type", "demo"), attribute("order", Value::IntValue(n as i64))],
        trace_id: id(n).to_be_bytes().to_vec(),
        span_id: 1u64.to_be_bytes().to_vec(),
        ..LogRecord::default()
    };
    let scope_logs = vec![ScopeLogs { log_records: vec![record], ..ScopeLogs::default() }];
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs { resource: resource("checkout"), scope_logs, ..ResourceLogs::default() }],
    }
}

pub(crate) fn metric(n: u64, all: u64) -> ExportMetricsServiceRequest {
    let time_unix_nano = NOW.0 * 1_000_000 - (all - n) * 1_000_000;
    let gauge = Gauge {
        data_points: vec![NumberDataPoint {
            time_unix_nano,
            attributes: vec![text("pool", "main")],
            value: Some(number_data_point::Value::AsInt((n % 20) as i64)),
            ..NumberDataPoint::default()
        }],
    };
    let histogram = Histogram {
        aggregation_temporality: AggregationTemporality::Delta.into(),
        data_points: vec![HistogramDataPoint {
            time_unix_nano,
            count: 3,
            sum: Some(0.1 * n as f64),
            explicit_bounds: vec![0.1, 2.5],
            bucket_counts: vec![1, 1, 1],
            min: Some(0.05),
            ..HistogramDataPoint::default()
        }],
    };
    let metrics = vec![
        Metric {
            name: "db.pool.used".into(),
            unit: "{connection}".into(),
            data: Some(Data::Gauge(gauge)),
            ..Metric::default()
        },
        Metric {
            name: "duration".into(),
            unit: "s".into(),
            data: Some(Data::Histogram(histogram)),
            ..Metric::default()
        },
    ];
    let scope_metrics = vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }];
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: resource("shop"),
            scope_metrics,
            ..ResourceMetrics::default()
        }],
    }
}

/// Takes in the n-th of `all` traces with its log record and metrics; comes back while memory is full, as a sender would.
pub(crate) fn take_in(store: &Store, n: u64, all: u64) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let patiently = |send: &dyn Fn() -> Result<store::Ingested, IngestError>| loop {
        match send() {
            Ok(taken) => return assert_eq!(taken.rejected, 0),
            Err(IngestError::Full) if std::time::Instant::now() < until => std::thread::yield_now(),
            Err(error) => panic!("{error}: {:?}", store.stats()),
        }
    };
    let spans = encoded(&request("frontend", trace(n, all)));
    patiently(&|| store.ingest_traces(&spans, NOW));
    let log = encoded(&log(n, all));
    patiently(&|| store.ingest_logs(&log, NOW));
    let metric = encoded(&metric(n, all));
    patiently(&|| store.ingest_metrics(&metric));
}
