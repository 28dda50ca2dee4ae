//! What visitors do, as traces: the demo stream checks out with recommendations, the baseline browses and fills carts.

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use crate::course::{Demo, chance};
use crate::otlp::{number, text, whole, yes};
use crate::spans::{Place, Trace};

const RECOMMENDATIONS: &str = "SELECT product_id, name, price_cents, popularity, image_url FROM recommendable_products \
     WHERE category = $1 AND active AND price_cents BETWEEN $2 AND $3 ORDER BY popularity DESC LIMIT $4";
const BROWSE: &str = "SELECT product_id, name, price_cents, popularity, stock_quantity FROM products \
     WHERE category = $1 AND active ORDER BY created_at DESC LIMIT $2";
const HISTORY: &str = "SELECT item.product_id, item.category, item.unit_price_cents FROM orders \
     JOIN order_items item USING (order_id) WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2";
const ORDER: &str = "INSERT INTO orders (user_id, total_cents, idempotency_key) VALUES ($1, $2, $3) RETURNING order_id";
const STOCK: &str = "UPDATE products SET stock_quantity = stock_quantity - $1 WHERE product_id = $2 RETURNING category";

/// Longer than anybody waits for a connection, in milliseconds.
const ACQUIRE_MS: f64 = 2100.0;

fn statement(system: &str, text_of: &str, name: &str, pool: Option<&str>) -> Vec<KeyValue> {
    let mut attributes =
        vec![text("db.system.name", system), text("db.query.text", text_of), text("db.query.summary", name)];
    attributes.extend(pool.map(|pool| text("db.client.connection.pool.name", pool)));
    attributes
}

/// The root: what the load generator does.
fn visit(trace: &mut Trace, journey: &str, route: &str, (start, ms): (f64, f64)) -> (Place, Place) {
    let name = format!("user_journey.{journey}");
    let root = trace.span(
        "load-generator",
        0,
        (SpanKind::Internal, &name),
        (start, ms + 0.6),
        vec![text("user.journey", journey), text("user.id", &format!("user-{:04}", trace.id % 9973))],
    );
    (root, trace.call(("load-generator", "frontend"), root, route, (start + 0.0003, ms)))
}

fn redis(trace: &mut Trace, parent: Place, command: &str, at: (f64, f64)) {
    let attributes = statement("redis", command, command, None);
    trace.span("cart", parent, (SpanKind::Client, command), at, attributes);
}

/// A checkout of the demo stream; `n` numbers those of its second.
pub(crate) fn demo(demo: &Demo, at: f64, n: u64) -> Trace {
    let seed = (at * 1000.0) as u64 * 4096 + n * 16;
    let is_failed = chance(seed) < demo.error_rate;
    let query_ms = match (demo.is_slow(), is_failed) {
        (false, _) => 8.0 + chance(seed + 1) * 24.0,
        (true, true) => ACQUIRE_MS,
        (true, false) => demo.p95_ms - 60.0 - 700.0 * chance(seed + 1),
    };
    let order_ms = if is_failed { 0.0 } else { 9.0 };
    let total_ms = query_ms + order_ms + 16.0;
    let start = at - chance(seed + 2) - total_ms / 1000.0;
    let mut trace = Trace::new(u128::from(seed) << 20 | 1, "demo");
    let (root, front) = visit(&mut trace, "full_checkout", "POST /api/checkout", (start, total_ms));
    let mut cursor = start + 0.001;
    let mut next = |ms: f64| {
        let from = cursor;
        cursor += ms / 1000.0;
        (from, ms)
    };
    let slot = next(3.2);
    let cart = trace.call(("frontend", "cart"), front, "POST /cart/{id}/add", slot);
    redis(&mut trace, cart, "HINCRBY", (slot.0 + 0.0008, 0.4));
    redis(&mut trace, cart, "HGETALL", (slot.0 + 0.0016, 0.6 + chance(seed + 3)));
    let slot = next(1.6);
    trace.call(("frontend", "shipping"), front, "POST /calculate", slot);
    let slot = next(query_ms + 3.0);
    let catalog = trace.call(("frontend", "product-catalog"), front, "GET /products/recommendations", slot);
    let select = trace.span(
        "product-catalog",
        catalog,
        (SpanKind::Client, "SELECT recommendable_products"),
        (slot.0 + 0.0006, query_ms),
        statement("postgresql", RECOMMENDATIONS, "SELECT recommendable_products", Some("recommendations")),
    );
    explain(&mut trace, catalog, select, demo.is_slow(), query_ms, is_failed);
    if is_failed {
        trace.fail(&[root, root + 1, front, catalog - 1, catalog, select], "no connection within 2100 ms");
        let lost = (chance(seed + 4) * 22_000.0).round() / 100.0 + 9.99;
        trace.lost = Some(lost);
        trace.add(
            front,
            [
                whole("http.response.status_code", 503),
                yes("checkout.failed"),
                text("checkout.failure_reason", "ConnectionPoolExhausted"),
                number("checkout.total", lost),
            ],
        );
        return trace;
    }
    let rank = trace.call(
        ("product-catalog", "recommendation"),
        catalog,
        "POST /recommend",
        (slot.0 + query_ms / 1000.0 + 0.0008, 2.0),
    );
    let history = statement("postgresql", HISTORY, "SELECT orders", Some("order-history"));
    trace.span(
        "recommendation",
        rank,
        (SpanKind::Client, "SELECT orders"),
        (slot.0 + query_ms / 1000.0 + 0.0012, 1.1),
        history,
    );
    let slot = next(1.6);
    let payment = trace.call(("frontend", "payment-service"), front, "POST /api/payment/process", slot);
    trace.add(payment, [whole("http.response.status_code", 200)]);
    let slot = next(order_ms);
    order(&mut trace, front, slot);
    trace.add(front, [whole("http.response.status_code", 200)]);
    trace
}

/// What the plan says of the recommendation query.
fn explain(trace: &mut Trace, catalog: Place, select: Place, is_slow: bool, ms: f64, is_failed: bool) {
    let endpoint = if is_slow { "slow_unindexed" } else { "fast_indexed" };
    trace.add(catalog, [text("endpoint.type", endpoint)]);
    if is_failed {
        trace.add(
            select,
            [
                yes("db.connection.pool.exhausted"),
                whole("db.connection.pool.size", 20),
                number("db.connection.pool.wait_time_ms", ACQUIRE_MS),
                text("error.type", "pool_timeout"),
            ],
        );
    } else if is_slow {
        trace.add(
            select,
            [
                text("db.index_used", "NONE"),
                text("db.missing_index", "idx_products_recommendation"),
                yes("db.full_table_scan"),
                yes("db.slow_query"),
                whole("db.rows_scanned", 62_500),
                number("db.connection.pool.wait_time_ms", ms * 0.6),
                number("db.duration_ms", ms * 0.4),
            ],
        );
    } else {
        trace.add(select, [text("db.index_used", "idx_products_recommendation"), number("db.duration_ms", ms - 0.3)]);
    }
}

fn order(trace: &mut Trace, front: Place, (start, ms): (f64, f64)) {
    let order = trace.call(("frontend", "checkout"), front, "POST /orders/create", (start, ms));
    let mut at = start + 0.0006;
    for (name, sql, ms) in [
        ("BEGIN", "BEGIN", 0.3),
        ("UPDATE products", STOCK, 1.9),
        ("INSERT orders", ORDER, 2.4),
        ("COMMIT", "COMMIT", 1.8),
    ] {
        trace.span(
            "checkout",
            order,
            (SpanKind::Client, name),
            (at, ms),
            statement("postgresql", sql, name, Some("orders")),
        );
        at += ms / 1000.0;
    }
}

/// A visit of the baseline: the first of a second browses, the second fills a cart.
pub(crate) fn baseline(at: f64, n: u64) -> Trace {
    let seed = (at * 1000.0) as u64 * 4096 + 4000 + n * 16;
    let mut trace = Trace::new(u128::from(seed) << 20 | 2, "baseline");
    let query_ms = 3.0 + chance(seed) * 9.0;
    let start = at - chance(seed + 1) - 0.03;
    if n == 0 {
        let (_, front) = visit(&mut trace, "browse_only", "POST /api/browse", (start, query_ms + 8.0));
        trace.call(("frontend", "ad-service"), front, "GET /ads", (start + 0.001, 1.1));
        trace.call(("frontend", "currency"), front, "GET /convert", (start + 0.0022, 0.9));
        let catalog =
            trace.call(("frontend", "product-catalog"), front, "GET /products", (start + 0.0032, query_ms + 2.0));
        trace.add(catalog, [text("endpoint.type", "fast_indexed")]);
        let mut attributes = statement("postgresql", BROWSE, "SELECT products", Some("browse"));
        attributes.push(text("db.index_used", "idx_products_category_active"));
        trace.span(
            "product-catalog",
            catalog,
            (SpanKind::Client, "SELECT products"),
            (start + 0.004, query_ms),
            attributes,
        );
    } else {
        let (_, front) = visit(&mut trace, "browse_and_cart", "POST /api/cart", (start, 6.5));
        let cart = trace.call(("frontend", "cart"), front, "POST /cart/{id}/add", (start + 0.001, 3.4));
        redis(&mut trace, cart, "HINCRBY", (start + 0.0018, 0.4));
        redis(&mut trace, cart, "EXPIRE", (start + 0.0024, 0.3));
        redis(&mut trace, cart, "HGETALL", (start + 0.003, 0.5 + chance(seed + 2) * 0.4));
    }
    trace
}
