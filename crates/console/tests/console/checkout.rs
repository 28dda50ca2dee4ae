//! A checkout as the shop traces it, fast or slow: the traces that the story is told with.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use crate::otlp::{attribute, below, failed, from_to, now_ns, span, text, with};
use crate::started::Started;

/// Sends a checkout whose statement took this long. A slow one scans the table; one that fails finds no connection.
pub(crate) async fn send_checkout(console: &Started, trace: u128, select_ms: u64, is_failed: bool) {
    let moment = now_ns() - (select_ms + 20) * 1_000_000;
    let is_slow = select_ms > 500;
    let at =
        |id, parent, name, kind, from, to| below(from_to(span(trace, id, name, kind, 1), moment, from, to), parent);
    let end = select_ms + 12;
    let mut root = at(1, 0, "POST /api/checkout", SpanKind::Server, 0, end + 8);
    root.parent_span_id.clear();
    let code = if is_failed { 503 } else { 200 };
    root = with(
        root,
        [attribute("http.response.status_code", Value::IntValue(code)), text("user.id", &format!("user-{trace}"))],
    );
    let mut frontend = vec![root, at(2, 1, "GET", SpanKind::Client, 2, end)];
    let select = at(4, 3, "SELECT recommendable_products", SpanKind::Client, 6, 6 + select_ms);
    let index = if is_slow { "NONE" } else { "idx_products_recommendation" };
    let rows = if is_slow { 500_000 } else { 10 };
    let mut select = with(select, [text("db.index_used", index), attribute("db.rows_scanned", Value::IntValue(rows))]);
    if is_slow {
        select = with(select, [attribute("db.full_table_scan", Value::BoolValue(true))]);
    }
    let mut catalog = vec![at(3, 2, "GET /products/recommendations", SpanKind::Server, 4, end - 2), select];
    if is_failed {
        frontend = frontend.into_iter().map(failed).collect();
        catalog = catalog.into_iter().map(failed).collect();
    } else {
        let pay = at(5, 1, "POST /api/payment/process", SpanKind::Server, end + 2, end + 6);
        console.send("payment-service", vec![pay]).await;
    }
    console.send("frontend", frontend).await;
    console.send("product-catalog", catalog).await;
}

/// The identifier of a trace in text.
pub(crate) fn hex(trace: u128) -> String {
    format!("{trace:032x}")
}
