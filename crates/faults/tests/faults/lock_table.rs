use std::time::{Duration, Instant};

use faults::FaultError;
use scenario::Proof;
use serde_json::json;

use crate::fixture::*;
use crate::stage::{apply, look, proved, undo};

const READ: &str = "SELECT count(*) FROM orders";
const WRITE: &str = "INSERT INTO orders (user_id, status, total_cents) VALUES ('u', 'created', 1)";

fn locked(table: &str) -> Proof {
    Proof::TableLocked { table: table.into() }
}

fn waiters(table: &str, at_least: u32) -> Proof {
    Proof::LockWaiters { table: table.into(), at_least }
}

/// Whether `sql` is done without waiting for a lock.
async fn passes(shop: &Shop, sql: &str) -> bool {
    let mut connection = shop.connect().await;
    run(&mut connection, "SET lock_timeout = 50").await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.is_ok()
}

#[tokio::test]
async fn everybody_waits_for_the_table_until_the_transaction_is_rolled_back() {
    let shop = shop(80).await;
    let before = shop.state().await;
    let injector = shop.injector();
    assert_eq!(
        look(&injector, &locked("orders")).await,
        (false, "no prepared transaction of ours locks orders".into())
    );
    let said = apply(&injector, &orders_locked()).await;
    let gid = shop.text("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()").await;
    assert_eq!(said, format!("locked doorbuster.orders in ACCESS EXCLUSIVE MODE by the prepared transaction {gid}"));
    assert!(gid.starts_with("doorbuster-the-lock-table-"), "{gid}");
    let held = format!("AccessExclusiveLock held by the prepared transaction {gid}");
    assert_eq!(look(&injector, &locked("orders")).await, (true, held));
    assert!(!look(&injector, &locked("products")).await.0, "another table is free");
    assert!(!passes(&shop, READ).await && !passes(&shop, WRITE).await);
    assert!(passes(&shop, "SELECT count(*) FROM products").await);

    // A shopper waits, is seen to wait, and is served when the lock is gone.
    let mut shopper = shop.connect().await;
    let buying = tokio::spawn(async move { run(&mut shopper, WRITE).await });
    assert_eq!(proved(&injector, &waiters("orders", 1)).await, "sessions that wait for a lock on orders: 1");
    assert!(!look(&injector, &waiters("orders", 2)).await.0);
    let seen = format!("the prepared transaction {gid} is rolled back, doorbuster.orders is free");
    assert_eq!(undo(&injector, &orders_locked()).await, seen);
    buying.await.expect("served");
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn each_mode_keeps_out_whom_it_should() {
    let shop = shop(80).await;
    let injector = shop.injector();
    let table = [
        (None, false, false, false),
        (Some("access_exclusive"), false, false, false),
        (Some("exclusive"), true, false, false),
        (Some("share_row_exclusive"), true, false, false),
        (Some("share"), true, false, true),
    ];
    for (mode, reads, writes, shares) in table {
        let args = match mode {
            Some(mode) => json!({"table": "orders", "mode": mode}),
            None => json!({"table": "orders"}),
        };
        let lock = fault("lock_table", args);
        apply(&injector, &lock).await;
        assert!(look(&injector, &locked("orders")).await.0, "{mode:?}");
        assert_eq!(passes(&shop, READ).await, reads, "{mode:?}: readers");
        assert_eq!(passes(&shop, WRITE).await, writes, "{mode:?}: writers");
        let share = "BEGIN; LOCK TABLE orders IN SHARE MODE; COMMIT";
        assert_eq!(passes(&shop, share).await, shares, "{mode:?}: others that share");
        undo(&injector, &lock).await;
        assert!(passes(&shop, READ).await && passes(&shop, WRITE).await);
    }
}

#[tokio::test]
async fn every_partition_is_locked_and_whoever_waits_for_one_counts() {
    let shop = shop(80).await;
    let injector = shop.injector();
    apply(&injector, &fault("lock_table", json!({"table": "products"}))).await;
    let mut shopper = shop.connect().await;
    let buying = tokio::spawn(async move { run(&mut shopper, "SELECT count(*) FROM products_toys").await });
    proved(&injector, &waiters("products", 1)).await;
    assert!(injector.undo_all().await.iter().all(|r| r.restored));
    buying.await.expect("served");
}

#[tokio::test]
async fn a_table_that_is_busy_is_locked_when_it_is_free_and_nobody_waits_long_meanwhile() {
    let shop = shop(80).await;
    let injector = shop.injector();
    let mut writer = shop.connect().await;
    run(&mut writer, &format!("BEGIN; {WRITE}")).await;
    let shopping = async {
        let mut longest = Duration::ZERO;
        let mut reader = shop.connect().await;
        for _ in 0..100 {
            let began = Instant::now();
            run(&mut reader, READ).await;
            longest = longest.max(began.elapsed());
        }
        run(&mut writer, "COMMIT").await;
        longest
    };
    let lock = orders_locked();
    let (_, longest) = tokio::join!(apply(&injector, &lock), shopping);
    assert!(longest < Duration::from_millis(2500), "{longest:?}");
    assert!(look(&injector, &locked("orders")).await.0);
    undo(&injector, &lock).await;
}

#[tokio::test]
async fn an_attempt_whose_outcome_was_not_known_is_not_made_twice() {
    let shop = shop(80).await;
    let before = shop.state().await;
    let injector = shop.injector();
    let mut writer = shop.connect().await;
    run(&mut writer, &format!("BEGIN; {WRITE}")).await;
    // The act waits for the writer; its session is cut, and it is tried again.
    let cutting = async {
        let cut = "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity WHERE application_name = 'doorbuster fault' \
                   AND datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..3 {
            while shop.text(cut).await == "0" {
                tokio::task::yield_now().await;
            }
        }
        run(&mut writer, "ROLLBACK").await;
    };
    let lock = orders_locked();
    tokio::join!(apply(&injector, &lock), cutting);
    assert_eq!(
        shop.text("SELECT count(*)::text FROM pg_prepared_xacts WHERE database = current_database()").await,
        "1"
    );
    undo(&injector, &lock).await;
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn what_can_not_be_locked_is_refused_with_the_remedy() {
    let shop = shop(80).await;
    let injector = shop.injector();
    apply(&injector, &orders_locked()).await;
    let again = scenario::Fault { id: "again".into(), ..orders_locked() };
    let view = fault("lock_table", json!({"table": "recommendable_products"}));
    for (fault, said) in
        [(again, "is locked already: AccessExclusiveLock held by"), (view, "there is no table recommendable_products")]
    {
        let fault = scenario::Fault { id: "other".into(), ..fault };
        let refused = injector.apply(&fault, &clock_started(0.0)).await.expect_err("refused");
        assert!(matches!(refused, FaultError::Refused { .. }) && refused.to_string().contains(said), "{refused}");
    }
    assert_eq!(injector.undo_all().await.len(), 1);
}

#[tokio::test]
async fn what_is_to_be_typed_by_hand_does_it_and_then_the_fault_counts_as_undone() {
    let shop = shop(80).await;
    let before = shop.state().await;
    let injector = shop.injector();
    apply(&injector, &orders_locked()).await;
    drop(injector);
    let away = faults::Target::new("postgres://doorbuster@127.0.0.1:1/doorbuster");
    tokio::time::pause();
    let recovery = faults::recover(&shop.journal(), &away).await.expect("an answer");
    tokio::time::resume();
    let (_, by_hand) = recovery.failed[0].seen.split_once("type by hand:\n").expect("it says");
    assert!(by_hand.starts_with("ROLLBACK PREPARED 'doorbuster-the-lock-table-"), "{by_hand}");
    shop.run(by_hand).await;
    assert_eq!(shop.state().await, before);
    let recovery = faults::recover(&shop.journal(), &shop.target()).await.expect("recovered");
    assert!(recovery.failed.is_empty() && recovery.to_string().ends_with("was gone already"), "{recovery}");
}
