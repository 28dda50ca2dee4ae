//! Pools resized, and sessions leaked out of them, over HTTP and on a real PostgreSQL.

use serde_json::{Value, json};
use shop::ServiceName::{Checkout, Frontend, ProductCatalog};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::stage::{FEW_PRODUCTS, Shop, unix_in, until};

const SIZE: &str = "/admin/pools/recommendations/size";
const LEAK: &str = "/admin/pools/orders/leak";

/// Sessions that `pg_stat_activity` shows for a pool.
async fn sessions(sql: &PgPool, pool: &str) -> i64 {
    let statement =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1";
    sqlx::query_scalar(statement).bind(format!("doorbuster {pool}")).fetch_one(sql).await.unwrap()
}

fn order() -> Value {
    json!({"user_id": "user-0001", "product_id": "prod-9"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_is_resized_under_load_fails_no_request() {
    let shop = Shop::open(FEW_PRODUCTS, &[("POOL_RECOMMENDATIONS_SIZE", "4")]).await;
    let sql = shop.sql().await;
    let url = shop.url(ProductCatalog, "/products/recommendations?category=electronics&user_id=user-0001");
    let mut callers = JoinSet::new();
    for _ in 0..12 {
        let (client, url) = (shop.client.clone(), url.clone());
        callers.spawn(async move {
            for _ in 0..25 {
                let status = client.get(&url).send().await.unwrap().status();
                assert!(status.is_success(), "{status}");
            }
        });
    }
    let acquires = async || shop.pool(ProductCatalog, "recommendations").await["acquires"].as_u64().unwrap();
    for (step, size) in [9_u64, 1, 6].into_iter().enumerate() {
        let milestone = 60 * (step as u64 + 1);
        until(true, async || acquires().await >= milestone).await;
        let body = json!({"size": size, "until_unix": unix_in(600.0)});
        let answer = shop.put(ProductCatalog, SIZE, &body).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        let stats = answer.json();
        assert_eq!(
            (&stats["name"], &stats["max"], &stats["configured"]),
            (&json!("recommendations"), &json!(size), &json!(4))
        );
    }
    while let Some(caller) = callers.join_next().await {
        caller.unwrap();
    }
    let stats = shop.pool(ProductCatalog, "recommendations").await;
    assert_eq!((&stats["acquires"], &stats["timeouts"]), (&json!(300), &json!(0)));
    assert_eq!(shop.delete(ProductCatalog, SIZE).await.json()["max"], 4);
    assert_eq!(shop.delete(ProductCatalog, SIZE).await.json()["max"], 4, "twice is once");
    until(true, async || sessions(&sql, "recommendations").await <= 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_size_ends_by_itself() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let body = json!({"size": 2, "until_unix": unix_in(0.4)});
    assert_eq!(shop.put(ProductCatalog, SIZE, &body).await.json()["max"], 2);
    until(20, async || shop.pool(ProductCatalog, "recommendations").await["max"].as_u64().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaked_sessions_starve_checkout_until_they_are_given_back() {
    let vars = [("POOL_ORDERS_SIZE", "3"), ("POOL_ORDERS_ACQUIRE_TIMEOUT_MS", "1500")];
    let shop = Shop::open(FEW_PRODUCTS, &vars).await;
    let sql = shop.sql().await;
    let leaked = async || shop.pool(Checkout, "orders").await["leaked"].as_u64().unwrap();
    let all = json!({"points": [[unix_in(-1.0), 3]], "until_unix": unix_in(600.0)});
    assert!(shop.put(Checkout, LEAK, &all).await.status.is_success());
    until(3, leaked).await;
    let stats = shop.pool(Checkout, "orders").await;
    assert_eq!((&stats["in_use"], &stats["max"], &stats["pending"]), (&json!(3), &json!(3), &json!(0)));
    assert_eq!(sessions(&sql, "orders").await, 3, "they are really open");

    let order = order();
    let (waiting, ()) = tokio::join!(
        shop.post(Checkout, "/orders/create", &order),
        until(1, async || shop.pool(Checkout, "orders").await["pending"].as_u64().unwrap()),
    );
    let code = waiting.json()["error"]["code"].clone();
    assert_eq!((waiting.status.as_u16(), code), (503, json!("pool_exhausted")));
    let stats = shop.delete(Checkout, "/admin/pool-stats/peaks").await.json();
    assert_eq!((&stats["pools"][0]["pending_max"], &stats["pools"][0]["timeouts"]), (&json!(1), &json!(1)));

    // Two come back at once, and the next order has one of them.
    let one = json!({"points": [[unix_in(-1.0), 1]], "until_unix": unix_in(600.0)});
    assert!(shop.put(Checkout, LEAK, &one).await.status.is_success());
    until(1, leaked).await;
    assert_eq!(shop.post(Checkout, "/orders/create", &order).await.status.as_u16(), 201);
    assert_eq!(shop.delete(Checkout, LEAK).await.json()["leaked"], 0);
    assert_eq!(shop.delete(Checkout, LEAK).await.json()["leaked"], 0, "twice is once");
    until(0, async || shop.pool(Checkout, "orders").await["in_use"].as_u64().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_grows_along_its_points_and_ends_by_itself() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let points = json!([[unix_in(0.0), 0], [unix_in(1.0), 5]]);
    let body = json!({"points": points, "until_unix": unix_in(2.0)});
    assert!(shop.put(Checkout, LEAK, &body).await.status.is_success());
    let mut seen = vec![0];
    until(5, async || {
        let now = shop.pool(Checkout, "orders").await["leaked"].as_u64().unwrap();
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        now
    })
    .await;
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]) && seen.len() >= 4, "{seen:?}");
    until(0, async || shop.pool(Checkout, "orders").await["leaked"].as_u64().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_finds_no_connection_says_so_and_is_lost_revenue() {
    let capture = telemetry::capture::start();
    let vars = [("POOL_ORDERS_SIZE", "1"), ("POOL_ORDERS_ACQUIRE_TIMEOUT_MS", "100")];
    let shop = Shop::open(FEW_PRODUCTS, &vars).await;
    let all = json!({"points": [[unix_in(-1.0), 1]], "until_unix": unix_in(600.0)});
    shop.put(Checkout, LEAK, &all).await;
    until(1, async || shop.pool(Checkout, "orders").await["leaked"].as_u64().unwrap()).await;
    let body = json!({"user_id": "user-0042", "product_id": "prod-17", "quantity": 2});
    let (failed, trace_id) = shop.demo_post(Frontend, "/api/checkout", &body).await;
    assert_eq!(failed.status.as_u16(), 503, "{}", failed.text);
    let spans = capture.trace(&trace_id);
    let entry = spans.iter().find(|span| span.name == "POST /api/checkout").unwrap();
    let attribute = |key| telemetry::capture::attribute(entry, key).unwrap();
    assert_eq!(attribute("checkout.failure_reason"), "ConnectionPoolExhausted");
    let total: f64 = attribute("checkout.total").parse().unwrap();
    let untagged = shop.post(Frontend, "/api/checkout", &body).await;
    assert_eq!(untagged.status.as_u16(), 503);

    let stats = shop.get(Frontend, "/admin/checkout-stats").await.json();
    let lost = |of: &Value| (of["failed"].as_u64().unwrap(), of["lost_revenue_usd"].as_f64().unwrap());
    assert!(total > 0.0);
    assert_eq!(lost(&stats["by_traffic_type"]["demo"]), (1, total));
    assert_eq!(lost(&stats["by_traffic_type"]["untagged"]), (1, total));
    assert_eq!(lost(&stats), (2, total * 2.0));
    let counted = capture.points().into_iter().find(|point| {
        point.metric == "checkout.lost_revenue" && point.attributes.iter().any(|a| a.value.as_str() == "demo")
    });
    let counted = counted.unwrap();
    assert_eq!((counted.count, counted.unit.as_str()), (total, "USD"));
}
