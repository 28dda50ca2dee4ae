use std::time::{Duration, Instant};

use faults::FaultError;
use scenario::{PlanShape, Proof};
use serde_json::json;

use crate::fixture::*;

#[tokio::test]
async fn a_partitioned_index_goes_and_comes_back_as_it_was() {
    let shop = shop(8_000).await;
    let before = shop.state().await;
    let injector = shop.injector();
    let applied = injector.apply(&missing_index(), &clock_started(60.0)).await.expect("applied");
    assert_eq!(applied.what, "dropped doorbuster.idx_products_recommendation");
    assert!(!shop.index_is_there().await);
    let restored = injector.undo("the-drop-index").await;
    assert!(restored.restored, "{}", restored.seen);
    assert_eq!(restored.seen, "index doorbuster.idx_products_recommendation is back");
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn the_plan_becomes_a_sequential_scan_and_an_index_scan_again() {
    let shop = shop(80_000).await;
    let injector = shop.injector();
    let queries = [("recommendations".to_owned(), RECOMMENDATIONS.to_owned())].into_iter().collect();
    let plan = |is| Proof::Plan { query: "recommendations".into(), is };
    let absent = Proof::IndexAbsent { index: INDEX.into() };
    assert!(injector.prove(&plan(PlanShape::IndexScan), &queries).await.expect("seen").holds);
    assert!(!injector.prove(&absent, &queries).await.expect("seen").holds);
    injector.apply(&missing_index(), &clock_started(60.0)).await.expect("applied");
    let seen = injector.prove(&plan(PlanShape::SeqScan), &queries).await.expect("seen");
    assert!(seen.holds, "{}", seen.seen);
    assert_eq!(seen.seen, "Seq Scan on products_electronics");
    assert!(injector.prove(&absent, &queries).await.expect("seen").holds);
    injector.undo_all().await;
    let seen = injector.prove(&plan(PlanShape::IndexScan), &queries).await.expect("seen");
    assert_eq!(seen.seen, "Index Scan using idx_products_recommendation_electronics on products_electronics");
}

#[tokio::test]
async fn an_index_of_a_plain_table_with_odd_names_comes_back() {
    let shop = shop(8).await;
    shop.run(r#"CREATE TABLE "My ""Table" (id int, "Größe" text); CREATE UNIQUE INDEX "the ""index" ON "My ""Table" (lower("Größe") DESC) INCLUDE (id) WITH (fillfactor = 70) WHERE id > 3"#).await;
    let before = shop.state().await;
    let injector = shop.injector();
    let odd = fault("drop_index", json!({"table": "My \"Table", "indexes": ["the \"index"]}));
    injector.apply(&odd, &clock_started(0.0)).await.expect("applied");
    assert_ne!(shop.state().await, before);
    let records = injector.undo_all().await;
    assert!(records.iter().all(|r| r.restored), "{records:?}");
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn two_indexes_go_together_or_not_at_all() {
    let shop = shop(800).await;
    let before = shop.state().await;
    let injector = shop.injector();
    let wrong = fault("drop_index", json!({"table": "products", "indexes": [INDEX, "idx_no_such"]}));
    assert!(matches!(injector.apply(&wrong, &clock_started(0.0)).await, Err(FaultError::Refused { .. })));
    assert_eq!(shop.state().await, before);
    let both = fault(
        "drop_index",
        json!({"table": "products", "indexes": ["idx_products_category", "idx_products_stock_quantity"]}),
    );
    injector.apply(&both, &clock_started(0.0)).await.expect("applied");
    injector.undo_all().await;
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn what_can_not_be_dropped_is_refused_with_the_reason() {
    let shop = shop(8).await;
    let injector = shop.injector();
    let table = [
        ("products", "products_pkey", "constraint"),
        ("orders", INDEX, "not an index of orders"),
        ("products_electronics", "idx_products_recommendation_electronics", "part of a partitioned index"),
        ("products", "idx_no_such", "no index"),
    ];
    for (of, index, reason) in table {
        let refused =
            injector.apply(&fault("drop_index", json!({"table": of, "indexes": [index]})), &clock_started(0.0)).await;
        let message = refused.expect_err("refused").to_string();
        assert!(message.contains(reason), "{message}");
    }
    assert!(injector.undo_all().await.is_empty(), "nothing was begun");
}

#[tokio::test]
async fn an_index_that_somebody_made_again_by_hand_is_said_and_left() {
    let table = [
        (
            "CREATE INDEX idx_products_recommendation ON products (category, active, popularity DESC)",
            "index doorbuster.idx_products_recommendation was there already",
        ),
        (
            "CREATE INDEX by_hand ON products (category, active, popularity DESC)",
            "index doorbuster.by_hand, made by somebody else, does the work of doorbuster.idx_products_recommendation; it was left as it is",
        ),
    ];
    for (by_hand, said) in table {
        let shop = shop(800).await;
        let injector = shop.injector();
        injector.apply(&missing_index(), &clock_started(0.0)).await.expect("applied");
        shop.run(by_hand).await;
        let record = injector.undo("the-drop-index").await;
        assert!(record.restored);
        assert_eq!(record.seen, said);
    }
}

#[tokio::test]
async fn a_half_made_index_is_completed() {
    let shop = shop(800).await;
    let before = shop.state().await;
    let injector = shop.injector();
    injector.apply(&missing_index(), &clock_started(0.0)).await.expect("applied");
    shop.run(
        "CREATE INDEX idx_products_recommendation ON ONLY products (category, active, popularity DESC);
         CREATE INDEX idx_products_recommendation_toys ON products_toys (category, active, popularity DESC);
         CREATE INDEX idx_products_recommendation_books ON products_books (category, active, popularity DESC);
         ALTER INDEX idx_products_recommendation ATTACH PARTITION idx_products_recommendation_books",
    )
    .await;
    let record = injector.undo("the-drop-index").await;
    assert!(record.restored, "{}", record.seen);
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn another_index_of_that_name_is_not_destroyed_and_the_record_says_what_to_type() {
    let shop = shop(800).await;
    let injector = shop.injector();
    injector.apply(&missing_index(), &clock_started(0.0)).await.expect("applied");
    shop.run("CREATE INDEX idx_products_recommendation ON products (name)").await;
    let record = injector.undo("the-drop-index").await;
    assert!(!record.restored);
    assert!(record.seen.starts_with("index doorbuster.idx_products_recommendation can't be put back: somebody made another index of that name\ntype by hand:\nCREATE INDEX IF NOT EXISTS"), "{}", record.seen);

    // What the record says does it, once the way is free; and the fault then counts as undone.
    shop.run("DROP INDEX idx_products_recommendation").await;
    let by_hand = record.seen.split_once("type by hand:\n").expect("it says").1;
    shop.run(by_hand).await;
    let again = injector.undo_all().await;
    assert_eq!(again.len(), 1);
    assert!(again[0].restored, "{}", again[0].seen);
}

#[tokio::test]
async fn a_lock_on_the_table_delays_the_fault_but_never_the_shop() {
    let shop = shop(800).await;
    let injector = shop.injector();
    let mut writer = shop.connect().await;
    run(&mut writer, "BEGIN; UPDATE products SET stock_quantity = 1 WHERE product_id = 1").await;
    let reading = async {
        // While the fault waits for its lock, a reader is held up no longer than the bound on that lock.
        let mut reader = shop.connect().await;
        let mut longest = Duration::ZERO;
        for _ in 0..100 {
            let began = Instant::now();
            run(&mut reader, RECOMMENDATIONS).await;
            longest = longest.max(began.elapsed());
        }
        run(&mut writer, "COMMIT").await;
        longest
    };
    let clock = clock_started(0.0);
    let drop = missing_index();
    let (applied, longest) = tokio::join!(injector.apply(&drop, &clock), reading);
    applied.expect("applied once the lock was free");
    assert!(longest < Duration::from_millis(2500), "{longest:?}");
    assert!(injector.undo_all().await.iter().all(|r| r.restored));
}
