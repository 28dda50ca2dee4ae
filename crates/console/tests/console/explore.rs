//! Services, their map, databases: pages and their JSON twins, fed over OTLP.

use console::api::{Pool, Red, ServiceMap, Statement};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric::Data,
    number_data_point::Value as Number,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use prost::Message;
use reqwest::StatusCode;

use crate::otlp::{attribute, failed, now_ns, request, span, text};
use crate::started::Started;

const EVIL: &str = "<script>alert(1)</script>";

async fn send(console: &Started, signal: &str, body: Vec<u8>) {
    let request = console.client.post(format!("{}/v1/{signal}", console.otlp_http)).body(body);
    let answer = request.header("content-type", "application/x-protobuf").send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::OK);
}

async fn page(console: &Started, path: &str) -> String {
    let answer = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.expect("text")
}

fn child(parent: u64, mut span: Span, attributes: impl IntoIterator<Item = KeyValue>) -> Span {
    span.parent_span_id = parent.to_be_bytes().to_vec();
    span.attributes.extend(attributes);
    span
}

/// A shop of two services, a database and Redis; the statement fails, reads a table, and has markup in it.
async fn shop() -> Started {
    let console = Started::new().await;
    let whole =
        |key: &str, value| attribute(key, opentelemetry_proto::tonic::common::v1::any_value::Value::IntValue(value));
    let front = vec![
        failed(span(1, 1, "POST /api/checkout", SpanKind::Server, 900)),
        failed(child(1, span(1, 2, "GET", SpanKind::Client, 890), [])),
        child(1, span(1, 3, "HGETALL", SpanKind::Client, 1), [text("db.system.name", "redis")]),
    ];
    let statement = [
        text("db.system.name", "postgresql"),
        text("db.query.text", &format!("SELECT {EVIL} FROM products")),
        text("db.index_used", "NONE"),
        whole("db.rows_scanned", 62_500),
    ];
    let catalog = vec![
        failed(child(2, span(1, 4, EVIL, SpanKind::Server, 880), [])),
        failed(child(4, span(1, 5, "SELECT products", SpanKind::Client, 870), statement)),
    ];
    send(&console, "traces", request("frontend", front).encode_to_vec()).await;
    send(&console, "traces", request("product-catalog", catalog).encode_to_vec()).await;
    console
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_shows_who_calls_whom_and_the_page_draws_it() {
    let console = shop().await;
    let map: ServiceMap = console.json("/api/map").await;
    let edges: Vec<_> = map.edges.iter().map(|edge| (edge.from.as_str(), edge.to.as_str(), edge.error_rate)).collect();
    let expected =
        [("frontend", "product-catalog", 1.0), ("frontend", "redis", 0.0), ("product-catalog", "postgresql", 1.0)];
    assert_eq!(edges, expected);
    let html = page(&console, "/services").await;
    assert!(html.contains("data-node=\"product-catalog\"") && html.contains("100 % fail"), "{html}");
    assert!(html.contains("data-from=\"product-catalog\" data-to=\"postgresql\""));
    assert!(!html.contains(EVIL) && html.contains("&lt;script&gt;alert"), "names are text");
    // Narrowed to a service: only its neighbours.
    let near: ServiceMap = console.json("/api/map?service=product-catalog&window=5m").await;
    assert_eq!(near.edges.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_narrowed_by_traffic_and_stretch_and_bad_fields_are_named() {
    let console = shop().await;
    let red: Vec<Red> = console.json("/api/red?window=all&traffic_type=demo&service=frontend&kind=server").await;
    assert_eq!((red.len(), red[0].count), (1, 1));
    let html = page(&console, "/services?traffic_type=demo&window=15m").await;
    assert!(html.contains("data-operation=\"POST /api/checkout\" data-traffic=\"demo\""), "{html}");
    assert!(!html.contains("data-operation=\"SELECT products\""), "calls to databases stand under all spans");
    assert!(page(&console, "/services?show=all").await.contains("data-operation=\"SELECT products\""));
    let none = page(&console, "/services?traffic_type=nobody").await;
    assert!(none.contains("Nothing ended in this stretch"));
    for path in ["/services?window=ever", "/databases?window=ever"] {
        assert!(page(&console, path).await.contains("`window` cannot be `ever`: use 1m, 5m, 15m, 1h or all"), "{path}");
    }
    for path in
        ["/api/red?window=ever", "/api/map?window=ever", "/api/statements?window=ever", "/api/pools?window=ever"]
    {
        let answer = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        let text = answer.text().await.expect("text");
        assert!(text.contains("`window`"), "{path}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_say_what_they_read_and_redis_stands_by_itself() {
    let console = shop().await;
    let all: Vec<Statement> = console.json("/api/statements").await;
    assert_eq!(all.iter().map(|one| one.system.as_str()).collect::<Vec<_>>(), ["postgresql", "redis"], "by time taken");
    assert_eq!((all[0].index_used.as_deref(), all[0].rows_scanned, all[0].errors), (Some("NONE"), Some(62_500.0), 1));
    let redis: Vec<Statement> = console.json("/api/statements?system=redis").await;
    assert_eq!(redis.len(), 1);
    let html = page(&console, "/databases").await;
    assert!(html.contains("no index") && html.contains("62\u{2009}500"), "{html}");
    assert!(!html.contains(EVIL) && html.contains("SELECT &lt;script&gt;"), "statements are text");
    let at = |part: &str| html.find(part).unwrap_or_else(|| panic!("{part} is there: {html}"));
    assert!(at("data-system=\"redis\"") > at("id=\"redis\""), "Redis has a section of its own");
    assert!(html.contains("No pool has said anything"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_a_free_connection_is_exhausted() {
    let console = Started::new().await;
    let metric = |name: &str, value: i64, state: Option<&str>| {
        let mut attributes = vec![text("db.client.connection.pool.name", "<b>orders</b>")];
        attributes.extend(state.map(|state| text("db.client.connection.state", state)));
        let point = NumberDataPoint {
            attributes,
            time_unix_nano: now_ns(),
            value: Some(Number::AsInt(value)),
            ..NumberDataPoint::default()
        };
        let aggregation_temporality = AggregationTemporality::Cumulative.into();
        let data = Data::Sum(Sum { data_points: vec![point], aggregation_temporality, is_monotonic: false });
        Metric { name: format!("db.client.connection.{name}"), data: Some(data), ..Metric::default() }
    };
    let metrics = vec![
        metric("count", 20, Some("used")),
        metric("count", 0, Some("idle")),
        metric("max", 20, None),
        metric("pending_requests", 51, None),
    ];
    let resource = Some(Resource { attributes: vec![text("service.name", "checkout")], ..Resource::default() });
    let scope_metrics = vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }];
    let resource_metrics = vec![ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }];
    send(&console, "metrics", ExportMetricsServiceRequest { resource_metrics }.encode_to_vec()).await;
    let pools: Vec<Pool> = console.json("/api/pools?service=checkout").await;
    let [pool] = &pools[..] else { panic!("one pool: {pools:?}") };
    assert_eq!((pool.used, pool.idle, pool.max, pool.waiting), (Some(20.0), Some(0.0), Some(20.0), Some(51.0)));
    let html = page(&console, "/databases").await;
    assert!(html.contains("EXHAUSTED") && html.contains("20 used, 0 idle, 20 at most"), "{html}");
    assert!(!html.contains("<b>orders") && html.contains("&lt;b&gt;orders"));
}
