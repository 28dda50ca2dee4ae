//! Logs and metrics in and out.

use std::time::Duration;

use detect::{LogFilter, Query, Signal, UnixMs};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric::Data, number_data_point,
};
use store::{LogCounts, LogSearch, Searched, Store, StoreLimits};

use crate::otlp::{NOW_S, encoded, resource, text};

const NOW: UnixMs = UnixMs(NOW_S * 1000);

fn record(event: &str, severity: i32, body: &str) -> LogRecord {
    LogRecord {
        time_unix_nano: NOW_S * 1_000_000_000,
        severity_number: severity,
        event_name: event.into(),
        body: Some(AnyValue { value: Some(Value::StringValue(body.into())) }),
        attributes: vec![text("traffic.type", "demo")],
        trace_id: 7u128.to_be_bytes().to_vec(),
        span_id: 1u64.to_be_bytes().to_vec(),
        ..LogRecord::default()
    }
}

fn logs(records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    let scope_logs = vec![ScopeLogs { log_records: records, ..ScopeLogs::default() }];
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs { resource: resource("frontend"), scope_logs, ..ResourceLogs::default() }],
    }
}

#[test]
fn log_records_are_found_by_what_they_say_and_counted_for_monitors() {
    let store = Store::new(StoreLimits::default(), Default::default());
    let records = vec![
        record("demo_checkout_failed", 17, "Checkout failed"),
        record("demo_checkout_failed", 17, "Checkout failed again"),
        record("", 9, "all is well"),
    ];
    store.ingest_logs(&encoded(&logs(records)), NOW).expect("it is OTLP");
    let found = store.logs(&LogSearch { text: Some("CHECKOUT".into()), ..LogSearch::default() });
    assert_eq!(
        found.iter().map(|log| log.body.as_str()).collect::<Vec<_>>(),
        ["Checkout failed again", "Checkout failed"]
    );
    assert_eq!((found[0].severity.as_str(), found[0].traffic_type.as_deref()), ("error", Some("demo")));
    let by_trace =
        LogSearch { trace_id: Some(format!("{:032x}", 7)), severity_at_least: Some(17), ..LogSearch::default() };
    assert_eq!(store.logs(&by_trace).len(), 2);
    let filter = LogFilter { event: Some("demo_checkout_failed".into()), ..LogFilter::default() };
    let query = Query { signal: Signal::Logs { filter }, window: Duration::from_secs(5), by_traffic_type: true };
    assert_eq!(store.measure(&[query], NOW)[0][0].value, Some(2.0));
}

#[test]
fn old_log_records_leave_to_keep_the_budget() {
    let store = Store::new(StoreLimits { budget_bytes: 64 << 10 }, Default::default());
    for n in 0..1000 {
        store.ingest_logs(&encoded(&logs(vec![record("", 9, &format!("line {n}"))])), NOW).expect("it is OTLP");
    }
    let stats = store.stats();
    assert_eq!(stats.logs_kept + stats.logs_evicted, 1000);
    assert!(stats.logs_evicted > 0);
    assert_eq!(store.logs(&LogSearch { limit: Some(1), ..LogSearch::default() })[0].body, "line 999");
}

#[test]
fn the_latest_point_of_a_metric_is_kept_and_floods_are_counted() {
    let store = Store::new(StoreLimits::default(), Default::default());
    let point = |n: i64, value: f64| NumberDataPoint {
        attributes: vec![text("pool", &format!("p{n}"))],
        time_unix_nano: NOW_S * 1_000_000_000,
        value: Some(number_data_point::Value::AsDouble(value)),
        ..NumberDataPoint::default()
    };
    let send = |points| {
        let gauge = Some(Data::Gauge(Gauge { data_points: points }));
        let metrics = vec![Metric { name: "db.client.connection.count".into(), data: gauge, ..Metric::default() }];
        let scope_metrics = vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }];
        let resource_metrics =
            vec![ResourceMetrics { resource: resource("catalog"), scope_metrics, ..ResourceMetrics::default() }];
        store.ingest_metrics(&encoded(&ExportMetricsServiceRequest { resource_metrics })).expect("it is OTLP")
    };
    send(vec![point(1, 3.0), point(2, 4.0), point(1, 5.0)]);
    let list = store.metrics(Some("catalog"), None);
    assert_eq!(list.iter().map(|metric| metric.value.as_f64()).collect::<Vec<_>>(), [Some(5.0), Some(4.0)]);
    assert_eq!((list[0].kind.as_str(), &list[0].attributes["pool"]), ("gauge", &"p1".into()));
    let flood = send((0..30_000).map(|n| point(n, 1.0)).collect());
    assert!(flood.rejected > 1000, "{flood:?}");
    assert_eq!(store.stats().metric_points_dropped, flood.rejected);
}

#[test]
fn records_are_counted_by_severity_in_equal_stretches() {
    let store = Store::new(StoreLimits::default(), Default::default());
    let at = |ago_ms: u64, severity: i32, body: &str| LogRecord {
        time_unix_nano: (NOW_S * 1000 - ago_ms) * 1_000_000,
        ..record("", severity, body)
    };
    let records =
        vec![at(70_000, 17, "too old"), at(55_000, 9, "a"), at(52_000, 21, "b"), at(1000, 13, "c"), at(0, 5, "d")];
    store.ingest_logs(&encoded(&logs(records)), NOW).expect("it is OTLP");
    let Searched { found: counts, is_cut } = store.log_counts(&LogSearch::default(), 6, NOW);
    assert!(!is_cut);
    assert_eq!(counts.len(), 6);
    assert_eq!((counts[0].at_unix_ms, counts[0].info, counts[0].error), (NOW.0 - 60_000, 1, 1));
    assert_eq!((counts[5].warn, counts[5].debug), (1, 1), "what came just now is of the last stretch");
    assert_eq!(counts.iter().map(LogCounts::total).sum::<u64>(), 4);
    let only = LogSearch { text: Some("C".into()), ..LogSearch::default() };
    assert_eq!(store.log_counts(&only, 6, NOW).found.iter().map(LogCounts::total).sum::<u64>(), 1);
    let never = LogSearch { service: Some("never".into()), ..LogSearch::default() };
    assert_eq!(store.log_counts(&never, 6, NOW).found, []);
}
