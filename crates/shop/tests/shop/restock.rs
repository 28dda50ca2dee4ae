//! The question for the buyers' desk inside the order's transaction: its index, and what is said of it.

use std::time::Instant;

use serde_json::{Value, json};
use shop::ServiceName::Checkout;
use sqlx::PgPool;
use telemetry::capture::{self, Capture, SpanData};

use crate::stage::{DEADLINE, Shop};

/// Partitions large enough (5,000 rows) for the planner to want an index.
const PRODUCTS: u32 = 40_000;
const STATEMENT: &str = "SELECT restockable_products";
const PREPARE: &str = "SET jit = off; SET max_parallel_workers_per_gather = 0; PREPARE scarcest (text) AS \
    SELECT product_id, stock_quantity, warehouse FROM restockable_products \
    WHERE category = $1 ORDER BY stock_quantity LIMIT 1";

async fn run(sql: &PgPool, statement: &'static str) {
    sqlx::raw_sql(statement).execute(sql).await.unwrap();
}

/// Orders a product of electronics until the statement's span says `index`.
async fn span_with_index(shop: &Shop, capture: &Capture, index: &str) -> SpanData {
    let began = Instant::now();
    let mut last = None;
    while began.elapsed() < DEADLINE {
        let order = json!({"user_id": "u", "product_id": "prod-17"});
        let (answer, trace_id) = shop.demo_post(Checkout, "/orders/create", &order).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.text);
        let found = capture.trace(&trace_id).into_iter().find(|span| span.name == STATEMENT);
        // The span of a plan that was still to come ends later.
        let Some(span) = found else { continue };
        last = capture::attribute(&span, "db.index_used");
        if last.as_deref() == Some(index) {
            return span;
        }
    }
    panic!("{STATEMENT} used {last:?}, not {index}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_reads_the_stock_index_and_without_it_one_partition() {
    let capture = capture::start();
    let shop = Shop::open(PRODUCTS, &[]).await;
    let sql = shop.sql().await;
    // It is bought again and again until a plan is asked for anew, two seconds each time.
    run(&sql, "UPDATE products SET stock_quantity = 1000000 WHERE product_id = 17").await;
    let fast = span_with_index(&shop, &capture, "idx_products_stock_quantity").await;
    assert_eq!(capture::attribute(&fast, "db.full_table_scan"), None);
    assert_eq!(capture::attribute(&fast, "db.response.returned_rows").as_deref(), Some("1"));
    let spans = capture.trace(&fast.span_context.trace_id().to_string());
    let began = |name: &str| spans.iter().find(|span| span.name == name).unwrap().start_time;
    assert!(began("UPDATE products") < began(STATEMENT) && began(STATEMENT) < began("INSERT orders"));

    run(&sql, "DROP INDEX idx_products_stock_quantity").await;
    let slow = span_with_index(&shop, &capture, "NONE").await;
    assert_eq!(capture::attribute(&slow, "db.full_table_scan").as_deref(), Some("true"));
    assert_eq!(capture::attribute(&slow, "db.rows_scanned").as_deref(), Some("5000"));
    assert_eq!(capture::attribute(&slow, "db.missing_index").as_deref(), Some("idx_products_stock_quantity"));
    run(&sql, "CREATE INDEX idx_products_stock_quantity ON products (stock_quantity)").await;
    span_with_index(&shop, &capture, "idx_products_stock_quantity").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_lives_long_never_reads_another_category() {
    let shop = Shop::open(PRODUCTS, &[]).await;
    let sql = shop.sql().await;
    let mut session = sql.acquire().await.unwrap();
    sqlx::raw_sql(PREPARE).execute(&mut *session).await.unwrap();
    for index_is_there in [true, false] {
        if !index_is_there {
            run(&sql, "DROP INDEX idx_products_stock_quantity").await;
        }
        // Twelve executions, because a plan for any parameters is considered after the fifth.
        for _ in 0..12 {
            let explain = "EXPLAIN (ANALYZE, TIMING off, FORMAT JSON) EXECUTE scarcest ('electronics')";
            let explain = sqlx::query_scalar::<_, Value>(explain).persistent(false);
            let seen = explain.fetch_one(&mut *session).await.unwrap().to_string();
            assert!(!seen.contains("products_books"), "{seen}");
            assert_eq!(seen.contains("idx_products_stock_quantity_electronics"), index_is_there, "{seen}");
            assert_eq!(seen.contains("Seq Scan"), !index_is_there, "{seen}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warehouse_is_worked_out_for_the_one_product_that_is_asked_for() {
    let shop = Shop::open(PRODUCTS, &[]).await;
    let sql = shop.sql().await;
    let place: String = sqlx::query_scalar("SELECT warehouse FROM restockable_products WHERE product_id = 17")
        .fetch_one(&sql)
        .await
        .unwrap();
    assert_eq!(place, "warehouse-6");
    run(
        &sql,
        "CREATE SEQUENCE calls; CREATE OR REPLACE FUNCTION product_warehouse(product_id bigint) RETURNS text \
         LANGUAGE plpgsql STABLE COST 10000 AS $$ BEGIN PERFORM nextval('calls'); RETURN 'x'; END $$",
    )
    .await;
    for index_is_there in [true, false] {
        if !index_is_there {
            run(&sql, "DROP INDEX idx_products_stock_quantity").await;
        }
        run(&sql, "SELECT setval('calls', 1)").await;
        // Two products of one category are one question, and those of another are one more.
        let items = json!([{"product_id": "prod-1"}, {"product_id": "prod-9"}, {"product_id": "prod-2"}]);
        let order = json!({"user_id": "u", "items": items});
        assert_eq!(shop.post(Checkout, "/orders/create", &order).await.status.as_u16(), 201);
        let calls: i64 = sqlx::query_scalar("SELECT last_value - 1 FROM calls").fetch_one(&sql).await.unwrap();
        assert_eq!(calls, 2, "index there: {index_is_there}");
    }
}
