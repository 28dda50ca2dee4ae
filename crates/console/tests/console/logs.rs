//! Log records: the page and its JSON twins.

use console::api::{LogCounts, LogTimeline, LogView};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;
use reqwest::StatusCode;

use crate::otlp::{now_ns, text};
use crate::started::Started;

fn record(ago_s: u64, severity: i32, event: &str, body: &str) -> LogRecord {
    LogRecord {
        time_unix_nano: now_ns() - ago_s * 1_000_000_000,
        severity_number: severity,
        event_name: event.into(),
        body: Some(AnyValue { value: Some(Value::StringValue(body.into())) }),
        attributes: vec![text("traffic.type", "demo"), text("checkout.failure_reason", "<i>Pool</i>")],
        trace_id: 7u128.to_be_bytes().to_vec(),
        span_id: 1u64.to_be_bytes().to_vec(),
        ..LogRecord::default()
    }
}

async fn started() -> Started {
    let console = Started::new().await;
    let log_records = vec![
        record(5, 9, "", "older, though it came first"),
        record(3, 17, "demo_checkout_failed", "<script>alert(1)</script>"),
        record(4, 13, "demo_pool_exhaustion", "connection pool exhausted"),
    ];
    let resource = Some(Resource { attributes: vec![text("service.name", "frontend")], ..Resource::default() });
    let scope_logs = vec![ScopeLogs { log_records, ..ScopeLogs::default() }];
    let resource_logs = vec![ResourceLogs { resource, scope_logs, ..ResourceLogs::default() }];
    let body = ExportLogsServiceRequest { resource_logs }.encode_to_vec();
    let request = console.client.post(format!("{}/v1/logs", console.otlp_http)).body(body);
    let answer = request.header("content-type", "application/x-protobuf").send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::OK);
    console
}

async fn page(console: &Started, path: &str) -> String {
    let answer = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_found_by_every_field_the_newest_first() {
    let console = started().await;
    let bodies = async |path: &str| {
        let found: Vec<LogView> = console.json(path).await;
        found.into_iter().map(|record| record.event.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(bodies("/api/logs").await, ["demo_checkout_failed", "demo_pool_exhaustion", ""]);
    assert_eq!(bodies("/api/logs?severity_at_least=17").await, ["demo_checkout_failed"]);
    assert_eq!(bodies("/api/logs?text=EXHAUSTED&service=frontend&window=5m").await, ["demo_pool_exhaustion"]);
    assert_eq!(bodies(&format!("/api/logs?trace_id={:032x}", 7)).await.len(), 3);
    assert_eq!(bodies("/api/logs?attributes=checkout.failure_reason~pool&traffic_type=demo").await.len(), 3);
    assert_eq!(bodies("/api/logs?attributes=checkout.failure_reason=other").await.len(), 0);
    let LogTimeline { steps: counts, is_cut } = console.json("/api/logs/counts?window=1m").await;
    assert!(!is_cut);
    let sum = |of: fn(&LogCounts) -> u64| counts.iter().map(of).sum::<u64>();
    assert_eq!((counts.len(), sum(|one| one.error), sum(|one| one.warn), sum(|one| one.info)), (60, 1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_records_as_text_and_leads_to_their_spans() {
    let console = started().await;
    let html = page(&console, "/logs").await;
    for raw in ["<script>alert", "<i>Pool"] {
        assert!(!html.contains(raw), "{raw} is shown as markup");
    }
    assert!(html.contains("&lt;script&gt;alert") && html.contains("ERROR") && html.contains("WARN"), "{html}");
    assert!(html.contains(&format!("/traces/{:032x}#{:016x}", 7, 1)), "a record leads to its span");
    assert!(html.contains("3 records, 1 of them errors"));
    let narrowed = page(&console, "/logs?text=nothing+of+the+kind").await;
    assert!(narrowed.contains("No record fits") && narrowed.contains("Take everything out of the form"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_cannot_be_read_are_named_on_the_page_and_in_the_json() {
    let console = Started::new().await;
    for (query, field) in [
        ("trace_id=xyz", "trace_id"),
        ("severity_at_least=loud", "severity_at_least"),
        ("window=ever", "window"),
        ("attributes=%3D1", "attributes"),
        ("from_unix_ms=yesterday", "from_unix_ms"),
    ] {
        let answer =
            console.client.get(format!("{}/api/logs?{query}", console.pages)).send().await.expect("it answers");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.text().await.expect("text").contains(&format!("`{field}`")), "{query}");
        let html = page(&console, &format!("/logs?{query}")).await;
        assert!(
            html.contains(&format!("`{field}` cannot be")) && html.contains("Nothing was searched"),
            "{query}: {html}"
        );
    }
}
