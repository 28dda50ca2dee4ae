//! The statements really use their indexes, and telemetry says what the plan says.

use std::time::{Duration, Instant};

use serde_json::Value;
use shop::ServiceName::ProductCatalog;
use sqlx::{PgConnection, PgPool};
use telemetry::capture::{self, Capture, SpanData};

use crate::stage::Shop;

/// Partitions large enough (5,000 rows) for the planner to want an index.
const PRODUCTS: u32 = 40_000;
const RECOMMEND: &str = "/products/recommendations?category=electronics&user_id=user-0001";
const BROWSE: &str = "/products?category=toys&price_min=10&price_max=500";

/// Asks until the statement's span says `index`, for plans are believed for two seconds; returns that span.
async fn span_with_index(shop: &Shop, capture: &Capture, path: &str, statement: &str, index: &str) -> SpanData {
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut last = None;
    while Instant::now() < deadline {
        let trace_id = uuid::Uuid::new_v4().simple().to_string();
        let request = shop
            .client
            .get(shop.url(ProductCatalog, path))
            .header("traceparent", format!("00-{trace_id}-00f067aa0ba902b7-01"));
        let answer = shop.send(request).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        let spans = capture.trace(&trace_id);
        let Some(span) = spans.iter().find(|span| span.name == statement) else {
            continue;
        };
        let server = spans.iter().find(|span| span.name.starts_with("GET /products")).unwrap();
        last = capture::attribute(span, "db.index_used");
        // The request that found no plan may have gone before it came.
        let on_server = capture::attribute(server, "endpoint.type");
        if last.as_deref() == Some(index) && on_server.is_some() {
            assert_eq!(capture::attribute(span, "endpoint.type"), on_server);
            return span.clone();
        }
    }
    panic!("{statement} used {last:?}, not {index}");
}

async fn run(sql: &PgPool, statement: &'static str) {
    sqlx::raw_sql(statement).execute(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn telemetry_follows_the_plan_when_the_index_goes_and_comes_back() {
    let capture = capture::start();
    let shop = Shop::open(PRODUCTS, &[]).await;
    let sql = shop.sql().await;
    let recommend = "SELECT recommendable_products";

    let fast = span_with_index(&shop, &capture, RECOMMEND, recommend, "idx_products_recommendation").await;
    assert_eq!(capture::attribute(&fast, "endpoint.type").as_deref(), Some("fast_indexed"));
    assert_eq!(capture::attribute(&fast, "db.full_table_scan"), None);
    assert_eq!(capture::attribute(&fast, "db.missing_index"), None);
    let browse = span_with_index(&shop, &capture, BROWSE, "SELECT products", "idx_products_category_active").await;
    assert_eq!(capture::attribute(&browse, "endpoint.type").as_deref(), Some("fast_indexed"));

    run(&sql, "DROP INDEX idx_products_recommendation").await;
    let slow = span_with_index(&shop, &capture, RECOMMEND, recommend, "NONE").await;
    assert_eq!(capture::attribute(&slow, "endpoint.type").as_deref(), Some("slow_unindexed"));
    assert_eq!(capture::attribute(&slow, "db.full_table_scan").as_deref(), Some("true"));
    assert_eq!(capture::attribute(&slow, "db.rows_scanned").as_deref(), Some("5000"), "one partition, not the table");
    assert_eq!(capture::attribute(&slow, "db.missing_index").as_deref(), Some("idx_products_recommendation"));
    span_with_index(&shop, &capture, BROWSE, "SELECT products", "idx_products_category_active").await;

    run(&sql, "CREATE INDEX idx_products_recommendation ON products (category, active, popularity DESC)").await;
    span_with_index(&shop, &capture, RECOMMEND, recommend, "idx_products_recommendation").await;
    run(&sql, "DROP INDEX idx_products_category_active").await;
    let scan = span_with_index(&shop, &capture, BROWSE, "SELECT products", "NONE").await;
    assert_eq!(capture::attribute(&scan, "db.missing_index").as_deref(), Some("idx_products_category_active"));
}

/// As the services' sessions are set: `recommend` plans each time, `browse` and `show` as the database sees fit.
const SESSION: &str = "SET jit = off; SET max_parallel_workers_per_gather = 0; \
    PREPARE recommend (text, integer, integer) AS SELECT product_id, image_url FROM recommendable_products \
    WHERE category = $1 AND active AND price_cents BETWEEN $2 AND $3 ORDER BY popularity DESC LIMIT 10; \
    PREPARE browse (text, integer, integer, bigint) AS SELECT product_id, name FROM products \
    WHERE category = $1 AND active AND price_cents BETWEEN $2 AND $3 ORDER BY created_at DESC LIMIT $4";

async fn plan(session: &mut PgConnection, statement: &'static str) -> String {
    let explain = sqlx::query_scalar::<_, Value>(statement).persistent(false);
    explain.fetch_one(session).await.unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_lives_long_still_plans_for_one_partition_and_its_own_index() {
    let shop = Shop::open(PRODUCTS, &[]).await;
    let sql = shop.sql().await;
    let mut session = sql.acquire().await.unwrap();
    sqlx::raw_sql(SESSION).execute(&mut *session).await.unwrap();
    let recommend = "EXPLAIN (FORMAT JSON) EXECUTE recommend ('electronics', 0, 2147483647)";
    let browse = "EXPLAIN (FORMAT JSON) EXECUTE browse ('electronics', 0, 2147483647, 20)";
    // Twelve executions, because a plan for any parameters is considered after the fifth.
    for _ in 0..12 {
        let seen = plan(&mut session, browse).await;
        assert!(seen.contains("idx_products_category_active_electronics"), "{seen}");
        assert!(!seen.contains("Append") && !seen.contains("Seq Scan"), "{seen}");
    }
    sqlx::raw_sql("SET plan_cache_mode = force_custom_plan").execute(&mut *session).await.unwrap();
    let reads_index = async |session: &mut PgConnection, name: &str| {
        for _ in 0..12 {
            let seen = plan(session, recommend).await;
            assert!(seen.contains(name) && !seen.contains("products_books") && !seen.contains("Seq Scan"), "{seen}");
        }
    };
    reads_index(&mut session, "idx_products_recommendation_electronics").await;
    run(&sql, "DROP INDEX idx_products_recommendation").await;
    let seen = plan(&mut session, recommend).await;
    assert!(seen.contains("Seq Scan") && !seen.contains("Append"), "{seen}");
    // Made by somebody who did not care for the partitions' names.
    run(&sql, "CREATE INDEX idx_products_recommendation ON products (category, active, popularity DESC)").await;
    reads_index(&mut session, "products_electronics_category_active_popularity_idx").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_worked_out_only_for_the_products_that_are_shown() {
    let shop = Shop::open(PRODUCTS, &[]).await;
    let sql = shop.sql().await;
    run(
        &sql,
        "CREATE SEQUENCE calls; CREATE OR REPLACE FUNCTION product_media_url(product_id bigint) RETURNS text \
         LANGUAGE plpgsql STABLE COST 10000 AS $$ BEGIN PERFORM nextval('calls'); RETURN 'x'; END $$",
    )
    .await;
    for index_is_there in [true, false] {
        if !index_is_there {
            run(&sql, "DROP INDEX idx_products_recommendation").await;
        }
        run(&sql, "SELECT setval('calls', 1)").await;
        assert!(shop.get(ProductCatalog, RECOMMEND).await.status.is_success());
        let calls: i64 = sqlx::query_scalar("SELECT last_value - 1 FROM calls").fetch_one(&sql).await.unwrap();
        assert_eq!(calls, 10, "index there: {index_is_there}");
    }
}
