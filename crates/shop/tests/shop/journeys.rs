//! A customer's way through all nine services.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use shop::ServiceName::{self, Cart, Frontend, ProductCatalog};
use telemetry::capture;

use crate::stage::{FEW_PRODUCTS, Shop, number};

const DEMO: &str = "traffic.type=demo";

/// `DEMO_START_TIMESTAMP` that makes it minute `minute` now, at speed 1.
fn started_before(minute: f64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    (now - minute * 60.0).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_browses_fills_a_cart_and_checks_out() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    for name in ServiceName::ALL {
        let health = shop.get(name, "/health").await.json();
        assert_eq!(health["service"], name.name());
        assert!(health["uptime_seconds"].is_number() && health["version"].is_string());
        let ready = shop.get(name, "/ready").await;
        assert!(ready.status.is_success(), "{}", ready.text);
    }
    let page = shop.post(Frontend, "/api/browse", &json!({"user_id": "user-0001"})).await.json();
    assert_eq!((page["status"].as_str(), page["flow"].as_str()), (Some("success"), Some("baseline_browse")));
    assert_eq!(page["products"].as_array().unwrap().len(), 20);
    assert_eq!(page["ads"].as_array().unwrap().len(), 3);

    let sql = shop.sql().await;
    let before = number(&sql, "SELECT stock_quantity::bigint FROM products WHERE product_id = 77").await;
    let line = json!({"user_id": "user-0001", "cart_id": "mine", "product_id": "prod-77", "quantity": 2});
    let cart = shop.post(Frontend, "/api/cart", &line).await.json();
    assert_eq!(cart["cart"]["items"], json!([{"product_id": "prod-77", "quantity": 2}]));

    let checkout = shop.post(Frontend, "/api/checkout", &json!({"user_id": "user-0001", "cart_id": "mine"})).await;
    assert!(checkout.status.is_success(), "{}", checkout.text);
    let answer = checkout.json();
    assert_eq!(answer["flow"], "baseline_checkout");
    assert_eq!(answer["recommendations"], json!([]), "the flag is off");
    let product = shop.get(ProductCatalog, "/products/prod-77").await.json();
    let total = product["price"].as_f64().unwrap() * 2.0 + answer["shipping"].as_f64().unwrap();
    assert!((answer["total"].as_f64().unwrap() - total).abs() < 1e-6);
    let order = answer["order_id"].as_str().unwrap().strip_prefix("order-").unwrap().parse::<i64>().unwrap();
    let written: i64 = sqlx::query_scalar("SELECT total_cents FROM orders WHERE order_id = $1")
        .bind(order)
        .fetch_one(&sql)
        .await
        .unwrap();
    assert_eq!(written, (total * 100.0).round() as i64);
    assert_eq!(number(&sql, "SELECT stock_quantity::bigint FROM products WHERE product_id = 77").await, before - 2);
    assert_eq!(shop.get(Cart, "/cart/mine").await.json()["items"], json!([]), "what was bought leaves the cart");
}

#[tokio::test(flavor = "multi_thread")]
async fn buying_one_product_leaves_the_rest_of_the_cart_alone() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    shop.post(Frontend, "/api/cart", &json!({"cart_id": "c", "product_id": "prod-5"})).await;
    let body = json!({"user_id": "u", "cart_id": "c", "product_id": "prod-9", "quantity": 3});
    let bought = shop.post(Frontend, "/api/checkout", &body).await;
    assert!(bought.status.is_success(), "{}", bought.text);
    assert_eq!(shop.get(Cart, "/cart/c").await.json()["items"], json!([{"product_id": "prod-5", "quantity": 1}]));
    let empty_handed = shop.post(Frontend, "/api/checkout", &json!({"user_id": "test", "cart_id": "test"})).await;
    assert!(empty_handed.status.is_success(), "{}", empty_handed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_cohort_gets_recommendations_in_one_trace_that_carries_its_traffic_type() {
    let capture = capture::start();
    let start = started_before(16.5);
    let vars = [
        ("FEATURE_RECOMMENDATIONS", DEMO),
        ("DEMO_MODE", "black-friday"),
        ("DEMO_START_TIMESTAMP", start.as_str()),
        ("DEMO_PHASES", "ramp:0,degradation:15"),
    ];
    let shop = Shop::open(FEW_PRODUCTS, &vars).await;
    let body = json!({"user_id": "user-0042", "cart_id": "c", "product_id": "prod-17"});
    let baseline = shop.post(Frontend, "/api/checkout", &body).await.json();
    assert_eq!(baseline["recommendations"], json!([]));

    let (answer, trace_id) = shop.demo_post(Frontend, "/api/checkout", &body).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    let answer = answer.json();
    assert_eq!(answer["recommendations"].as_array().unwrap().len(), 10);
    assert_eq!((answer["flow"].as_str(), answer["demo_minute"].as_i64()), (Some("demo_checkout"), Some(16)));
    assert!(answer["recommendations"][0]["image_url"].as_str().unwrap().starts_with("/media/"));

    let spans = capture.trace(&trace_id);
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_ref()).collect();
    for wanted in [
        "POST /api/checkout",
        "GET /products/{product_id}",
        "POST /cart/{cart_id}/add",
        "EVAL cart add",
        "POST /calculate",
        "GET /products/recommendations",
        "SELECT recommendable_products",
        "POST /recommend",
        "SELECT orders",
        "POST /api/payment/process",
        "POST /orders/create",
        "UPDATE products",
        "SELECT restockable_products",
        "INSERT orders",
        "COMMIT",
    ] {
        assert!(names.contains(&wanted), "{wanted} is not in {names:?}");
    }
    for span in &spans {
        assert_eq!(capture::attribute(span, "traffic.type").as_deref(), Some("demo"), "{}", span.name);
    }
    let entry = spans.iter().find(|span| span.name == "POST /api/checkout").unwrap();
    assert_eq!(capture::attribute(entry, "demo.minute").as_deref(), Some("16"));
    assert_eq!(capture::attribute(entry, "demo.phase").as_deref(), Some("degradation"));
    let depth = |name: &str| {
        let mut span = spans.iter().find(|span| span.name == name).unwrap();
        let mut depth = 1;
        while let Some(parent) = spans.iter().find(|s| s.span_context.span_id() == span.parent_span_id) {
            (span, depth) = (parent, depth + 1);
        }
        depth
    };
    assert_eq!(depth("SELECT orders"), 6, "with the load generator's two spans above it: eight levels");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_recommendation_fails_the_checkout_and_charges_nothing() {
    let capture = capture::start();
    let vars = [
        ("FEATURE_RECOMMENDATIONS", DEMO),
        ("POOL_RECOMMENDATIONS_SIZE", "1"),
        ("POOL_RECOMMENDATIONS_ACQUIRE_TIMEOUT_MS", "200"),
    ];
    let shop = Shop::open(FEW_PRODUCTS, &vars).await;
    let sql = shop.sql().await;
    // prod-17 is of the category whose turn comes first: electronics.
    let body = json!({"user_id": "user-0042", "cart_id": "c", "product_id": "prod-17"});
    let warm = shop.demo_post(Frontend, "/api/checkout", &body).await.0;
    assert!(warm.status.is_success(), "{}", warm.text);
    let orders = number(&sql, "SELECT count(*) FROM orders").await;

    // The pictures' function waits for a lock that the test holds, and with it the pool's only connection.
    sqlx::raw_sql(
        "CREATE OR REPLACE FUNCTION product_media_url(product_id bigint) RETURNS text LANGUAGE plpgsql STABLE COST 10000 AS $$ \
         BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN 'late'; END $$",
    )
    .execute(&sql)
    .await
    .unwrap();
    let mut lock = sql.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(7)").execute(&mut *lock).await.unwrap();
    let holder = {
        let (client, url) =
            (shop.client.clone(), shop.url(ProductCatalog, "/products/recommendations?category=electronics"));
        tokio::spawn(async move { client.get(url).send().await })
    };
    let in_use =
        async || shop.get(ProductCatalog, "/admin/pool-stats").await.json()["pools"][0]["in_use"].as_i64().unwrap();
    while in_use().await < 1 {
        tokio::task::yield_now().await;
    }
    let (failed, trace_id) = shop.demo_post(Frontend, "/api/checkout", &body).await;
    assert_eq!(failed.status.as_u16(), 503);
    assert_eq!(
        failed.json(),
        json!({"error": "Checkout failed", "reason": "Product recommendations unavailable", "demo_minute": 0})
    );
    assert!(shop.post(Frontend, "/api/checkout", &body).await.status.is_success(), "who is not in the cohort can buy");
    drop(lock);
    holder.await.unwrap().unwrap();

    assert_eq!(number(&sql, "SELECT count(*) FROM orders").await, orders + 1);
    let spans = capture.trace(&trace_id);
    assert!(spans.iter().all(|span| !span.name.contains("payment")), "nothing was charged");
    let entry = spans.iter().find(|span| span.name == "POST /api/checkout").unwrap();
    assert_eq!(capture::attribute(entry, "checkout.failed").as_deref(), Some("true"));
    assert_eq!(capture::attribute(entry, "checkout.failure_reason").as_deref(), Some("ConnectionPoolExhausted"));
    assert!(capture::attribute(entry, "checkout.total").unwrap().parse::<f64>().unwrap() > 0.0);
    let statement = spans.iter().find(|span| span.name == "SELECT recommendable_products").unwrap();
    assert_eq!(capture::attribute(statement, "db.connection.pool.exhausted").as_deref(), Some("true"));
    let stats = shop.get(ProductCatalog, "/admin/pool-stats").await.json();
    assert_eq!(
        (stats["pools"][0]["name"].as_str(), stats["pools"][0]["timeouts"].as_i64()),
        (Some("recommendations"), Some(1))
    );
    assert_eq!(stats["pools"][1]["name"], "browse");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_service_is_a_503_and_never_a_500() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let vars: Vec<(&str, &str)> = vec![("REDIS_URL", "redis://127.0.0.1:1/0")];
    let without_redis = Shop::open_on(shop.vars["DATABASE_URL"].clone(), &vars).await;
    let answer = without_redis.post(Frontend, "/api/checkout", &json!({})).await;
    assert_eq!(answer.status.as_u16(), 503, "{}", answer.text);
    assert_eq!(without_redis.get(Cart, "/ready").await.status.as_u16(), 503);
    let without_database = Shop::open_on("postgres://nobody@127.0.0.1:1/nothing".to_owned(), &[]).await;
    for body in [json!({"product_id": "prod-1"}), json!({})] {
        let answer = without_database.post(Frontend, "/api/checkout", &body).await;
        assert_eq!(answer.status.as_u16(), 503, "{}", answer.text);
    }
    let ready = without_database.get(ProductCatalog, "/ready").await;
    assert_eq!(ready.status.as_u16(), 503);
    assert!(ready.text.contains("postgresql"), "{}", ready.text);
}
