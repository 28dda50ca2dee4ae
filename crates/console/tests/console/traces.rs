//! Traces and RED numbers over the API.

use console::api::{Red, TraceSummary, TraceView};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::StatusCode;

use crate::otlp::{failed, span};
use crate::started::Started;

#[tokio::test(flavor = "multi_thread")]
async fn red_numbers_are_those_of_the_spans_that_were_sent() {
    let console = Started::new().await;
    // Durations 1 to 200 ms; every fifth fails.
    let spans = (1..=200u64).map(|n| {
        let made = span(u128::from(n), 1, "POST /api/checkout", SpanKind::Server, n);
        if n % 5 == 0 { failed(made) } else { made }
    });
    console.send("frontend", spans.collect()).await;
    let rows: Vec<Red> =
        console.json("/api/red?service=frontend&operation=POST%20/api/checkout&traffic_type=demo&kind=server").await;
    let [row] = &rows[..] else { panic!("one row: {rows:?}") };
    assert_eq!((row.count, row.errors), (200, 40));
    assert!((row.error_rate - 0.2).abs() < 1e-9);
    for (found, truth) in [(row.p50_ms, 100.0), (row.p95_ms, 190.0), (row.p99_ms, 198.0)] {
        assert!((found / truth - 1.0).abs() < 0.012, "{found} instead of {truth}");
    }
    let none: Vec<Red> = console.json("/api/red?service=nobody").await;
    assert_eq!(none, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_found_and_fetched() {
    let console = Started::new().await;
    let mut child = failed(span(0xabc, 2, "SELECT recommendable_products", SpanKind::Client, 30));
    child.parent_span_id = 1u64.to_be_bytes().to_vec();
    console.send("product-catalog", vec![child]).await;
    console.send("frontend", vec![span(0xabc, 1, "POST /api/checkout", SpanKind::Server, 40)]).await;
    let found: Vec<TraceSummary> = console
        .json("/api/traces?service=product-catalog&status=error&min_duration_ms=25&traffic_type=demo&limit=5")
        .await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].root_operation.as_str(), found[0].spans), ("POST /api/checkout", 2));
    let trace: TraceView = console.json(&format!("/api/traces/{}", found[0].trace_id)).await;
    assert_eq!(trace.spans.len(), 2);
    assert_eq!(trace.spans[1].parent_span_id.as_deref(), Some("0000000000000001"));
    let missing =
        console.client.get(format!("{}/api/traces/{:032x}", console.pages, 1)).send().await.expect("it answers");
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_that_make_no_sense_are_answered_with_the_field_and_a_remedy() {
    let console = Started::new().await;
    for (path, field) in [
        ("/api/traces?status=maybe", "status"),
        ("/api/traces?limit=-1", "limit"),
        ("/api/traces?min_duration_ms=long", "min_duration_ms"),
        ("/api/red?kind=queen", "kind"),
        ("/api/red?from_unix_ms=yesterday", "from_unix_ms"),
        ("/api/alerts?since=last", "since"),
    ] {
        let answer = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        let body: serde_json::Value = answer.json().await.expect("JSON");
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(message.contains(&format!("`{field}`")), "{path}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_disk_the_memory_budget_holds_and_the_oldest_traces_leave() {
    let disk = console::DiskOptions { budget: 0, ..console::DiskOptions::default() };
    let options = console::ConsoleOptions { memory_budget: 1 << 20, disk, ..console::ConsoleOptions::default() };
    let console = Started::with(options).await;
    for batch in 0..20u128 {
        let spans = (1..=500u128).map(|n| span(batch * 1000 + n, 1, "GET /", SpanKind::Server, 1)).collect();
        console.send("s", spans).await;
    }
    let health = console.health().await;
    assert_eq!(health.spans_received, 10_000);
    assert!(health.store.bytes_kept <= 1 << 20, "{health:?}");
    assert!(health.store.spans_evicted > 1000, "{health:?}");
    let newest: TraceView = console.json(&format!("/api/traces/{:032x}", 19_500)).await;
    assert_eq!(newest.spans.len(), 1);
}
