//! Bounds hold, and what they cost is counted.

use detect::UnixMs;
use store::{RedFilter, Store, StoreLimits};

use crate::otlp::{NOW_S, encoded, request, span, text, with};

const NOW: UnixMs = UnixMs(NOW_S * 1000);

fn id(trace: u128) -> String {
    format!("{trace:032x}")
}

#[test]
fn the_oldest_spans_leave_first_and_are_counted() {
    let store = Store::new(StoreLimits { budget_bytes: 1 << 20 }, Default::default());
    // Trace 1 begins first and goes on until the end: what is left of it is its newest spans.
    for trace in 2..=10_000u128 {
        let spans = vec![span(trace, 1, "a", 0, 1.0), span(1, trace as u64, "late", 0, 1.0)];
        store.ingest_traces(&encoded(&request("s", spans)), NOW).expect("it is OTLP");
        let stats = store.stats();
        assert!(stats.bytes_kept <= stats.budget_bytes, "{stats:?}");
        assert_eq!(stats.spans_kept + stats.spans_evicted, stats.spans_received);
    }
    let stats = store.stats();
    assert!(stats.spans_evicted > 1000, "{stats:?}");
    assert!(store.trace(&id(2)).is_none(), "an old trace has left");
    assert!(store.trace(&id(10_000)).is_some(), "the newest is there");
    let first_kept = (2..=10_000).find(|trace| store.trace(&id(*trace)).is_some()).expect("some are kept");
    assert!((first_kept..=10_000).all(|trace| store.trace(&id(trace)).is_some()), "no gaps");
    let long = store.trace(&id(1)).expect("its newest spans are kept");
    let newest = long.spans.iter().map(|span| u64::from_str_radix(&span.span_id, 16).expect("hex"));
    assert_eq!(newest.min().map(u128::from), Some(first_kept));
}

#[test]
fn a_span_greater_than_the_budget_is_not_kept() {
    let store = Store::new(StoreLimits { budget_bytes: 64 << 10 }, Default::default());
    let texts = (0..100).map(|n| text(&format!("k{n}"), &"x".repeat(4000)));
    let large = with(span(1, 1, "a", 0, 1.0), texts);
    store.ingest_traces(&encoded(&request("s", vec![large])), NOW).expect("it is OTLP");
    let stats = store.stats();
    assert_eq!((stats.spans_kept, stats.spans_evicted), (0, 1));
}

#[test]
fn a_flood_of_operations_ends_up_in_other_and_nothing_is_lost_from_the_count() {
    let store = Store::new(StoreLimits::default(), Default::default());
    for n in 0..20_000u64 {
        let taken = store.ingest_traces(
            &encoded(&request("s", vec![span(u128::from(n) + 1, 1, &format!("GET /item/{n}"), 0, 1.0)])),
            NOW,
        );
        assert_eq!(taken.map(|taken| taken.accepted), Ok(1));
    }
    let rows = store.red(&RedFilter::default(), NOW);
    assert!(rows.len() < 4500, "{} rows", rows.len());
    assert_eq!(rows.iter().map(|row| row.count).sum::<u64>(), 20_000);
    let other = rows.iter().find(|row| row.operation == "other").expect("an overflow row");
    assert_eq!(other.count, store.stats().spans_in_overflow);
}

#[test]
fn a_flood_of_different_strings_stays_within_bounds() {
    let store = Store::new(StoreLimits { budget_bytes: 4 << 20 }, Default::default());
    for n in 0..60_000u64 {
        let made = with(span(u128::from(n) + 1, 1, "a", 0, 1.0), [text(&format!("key-{n}"), &format!("value-{n}"))]);
        store.ingest_traces(&encoded(&request(&format!("service-{n}"), vec![made])), NOW).expect("it is OTLP");
    }
    let trace = store.trace(&id(60_000)).expect("the newest is there");
    assert_eq!(trace.spans[0].attributes.values().next().and_then(|value| value.as_str()), Some("value-59999"));
    assert!(store.stats().bytes_kept <= 4 << 20);
}

#[test]
fn a_flood_of_large_resources_and_series_stays_within_bounds() {
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
    use opentelemetry_proto::tonic::metrics::v1::{
        Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric::Data,
    };
    let budget_bytes = 128 << 20;
    let store = Store::new(StoreLimits { budget_bytes }, Default::default());
    // 64 KiB of attributes each, none of them like another: 10,000 resources would be 640 MiB, 20,000 series twice that.
    let large = |n: usize| (0..16).map(move |key| text(&format!("k{key}"), &format!("{n}-{}", "x".repeat(4000))));
    for n in 0..600 {
        let mut message = request("s", vec![span(n as u128 + 1, 1, "a", 0, 1.0)]);
        let resource = message.resource_spans[0].resource.as_mut().expect("a resource");
        resource.attributes.extend(large(n));
        assert_eq!(store.ingest_traces(&encoded(&message), NOW).map(|taken| taken.accepted), Ok(1));
        let point = NumberDataPoint { attributes: large(n).collect(), ..NumberDataPoint::default() };
        let data = Some(Data::Gauge(Gauge { data_points: vec![point] }));
        let metrics = vec![Metric { name: "m".into(), data, ..Metric::default() }];
        let scope_metrics = vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }];
        let resource_metrics = vec![ResourceMetrics { scope_metrics, ..ResourceMetrics::default() }];
        store.ingest_metrics(&encoded(&ExportMetricsServiceRequest { resource_metrics })).expect("OTLP");
    }
    let stats = store.stats();
    assert!(stats.bytes_kept > 40 << 20, "they are counted: {stats:?}");
    assert!(stats.bytes_kept <= 72 << 20, "and bounded: {stats:?}");
    assert!(stats.metric_points_dropped > 0 && stats.spans_kept == 600, "{stats:?}");
    let (first, last) = (store.trace(&id(1)).expect("kept"), store.trace(&id(600)).expect("kept"));
    assert_eq!(first.spans[0].resource.len(), 17);
    assert_eq!((last.spans[0].service.as_str(), last.spans[0].resource.len()), ("s", 0), "its resource had no room");
}

#[test]
fn a_message_larger_than_columns_can_take_at_once_is_refused() {
    let store = Store::new(StoreLimits::default(), Default::default());
    // An unknown field with so many zeros.
    let mut message = vec![0xfa, 0x01, 0x80, 0x80, 0x80, 0x80, 0x01];
    message.resize((256 << 20) + 7, 0);
    let refused = store.ingest_traces(&message, NOW).expect_err("too large").to_string();
    assert!(refused.contains("more than 256 MiB"), "{refused}");
}
