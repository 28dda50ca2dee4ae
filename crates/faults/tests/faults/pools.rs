use std::time::{Duration, Instant};

use faults::FaultError;
use scenario::{Fault, Proof};
use serde_json::json;
use shop::ServiceName::{Checkout, Currency, ProductCatalog};

use crate::fixture::{Shop, clock_started, fault, shop};
use crate::stage::*;

/// The catalogue and checkout on the shop's database, with small pools.
async fn services(shop: &Shop) -> [Served; 3] {
    let vars = [
        ("DATABASE_URL", shop.url.as_str()),
        ("POOL_RECOMMENDATIONS_SIZE", "4"),
        ("POOL_BROWSE_SIZE", "2"),
        ("POOL_BROWSE_ACQUIRE_TIMEOUT_MS", "300"),
        ("POOL_ORDERS_SIZE", "3"),
    ];
    [
        Served::start(ProductCatalog, 0, &vars).await,
        Served::start(Checkout, 0, &vars).await,
        Served::start(Currency, 0, &[]).await,
    ]
}

fn is(pool: &str, is: u32) -> Proof {
    Proof::PoolSize { pool: pool.into(), is }
}

fn leaked(pool: &str, at_least: u32) -> Proof {
    Proof::PoolLeaked { pool: pool.into(), at_least }
}

fn waiters(pool: &str, at_least: u32) -> Proof {
    Proof::PoolWaiters { pool: pool.into(), at_least }
}

fn leak(pool: &str, points: serde_json::Value) -> Fault {
    fault("leak_connections", json!({"pool": pool, "leaked": points}))
}

/// Sessions that checkout has open.
async fn sessions(shop: &Shop) -> u32 {
    let open = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'doorbuster orders'";
    shop.text(open).await.parse().expect("a number")
}

#[tokio::test]
async fn a_pool_has_another_size_in_whichever_service_it_is_and_its_own_again() {
    let shop = shop(80).await;
    let [catalog, checkout, currency] = services(&shop).await;
    let stage = Stage::on(&shop.url, &[&catalog, &checkout, &currency]);
    let injector = stage.injector();
    for (pool, service, own) in [("recommendations", "product-catalog", 4), ("orders", "checkout", 3)] {
        let resize = fault("resize_pool", json!({"pool": pool, "size": 1}));
        let seen = format!("the limit of pool {pool} of {service} is {own}");
        assert_eq!(look(&injector, &is(pool, own)).await, (true, seen));
        assert_eq!(apply(&injector, &resize).await, format!("the limit of pool {pool} is 1"));
        assert_eq!(look(&injector, &is(pool, 1)).await, (true, format!("the limit of pool {pool} of {service} is 1")));
        assert!(!look(&injector, &is(pool, own)).await.0);
        assert_eq!(undo(&injector, &resize).await, format!("{service} no longer has the other limit of pool {pool}"));
        assert!(look(&injector, &is(pool, own)).await.0);
    }
}

#[tokio::test]
async fn sessions_leak_as_the_curve_says_and_all_come_back() {
    let shop = shop(80).await;
    let [catalog, checkout, currency] = services(&shop).await;
    let stage = Stage::on(&shop.url, &[&catalog, &checkout, &currency]);
    let injector = stage.injector();
    // Nothing before minute 0, which is in a second and a half; one from then on, two half a second later.
    let points = json!([[0, 1], [0.0083, 2]]);
    let clock = clock_started(-1.5);
    let said = injector.apply(&leak("orders", points), &clock).await.expect("applied").what;
    assert_eq!(said, "up to 2 sessions of pool orders leak");
    assert_eq!(
        look(&injector, &leaked("orders", 1)).await,
        (false, "0 of 3 connections of pool orders of checkout have leaked".into())
    );
    assert_eq!(
        proved(&injector, &leaked("orders", 2)).await,
        "2 of 3 connections of pool orders of checkout have leaked"
    );
    assert!(sessions(&shop).await >= 2, "they are open in the database");
    assert_eq!(
        undo(&injector, &leak("orders", json!([[0, 1]]))).await,
        "checkout no longer has the leak of pool orders"
    );
    assert_eq!(
        look(&injector, &leaked("orders", 0)).await,
        (true, "0 of 3 connections of pool orders of checkout have leaked".into())
    );
}

#[tokio::test]
async fn a_leak_that_has_not_begun_does_not_begin_after_its_undo() {
    let shop = shop(80).await;
    let [catalog, checkout, currency] = services(&shop).await;
    let stage = Stage::on(&shop.url, &[&catalog, &checkout, &currency]);
    let injector = stage.injector();
    let begins = Instant::now() + Duration::from_millis(1500);
    let soon = leak("orders", json!([[0, 3]]));
    injector.apply(&soon, &clock_started(-1.5)).await.expect("applied");
    assert_eq!(undo(&injector, &soon).await, "checkout has nothing of the leak of pool orders");
    // Twice as long as the service takes between two looks at its curve.
    while Instant::now() < begins + Duration::from_millis(200) {
        assert!(!look(&injector, &leaked("orders", 1)).await.0);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn requests_wait_where_every_session_has_leaked() {
    let shop = shop(800).await;
    let [catalog, checkout, currency] = services(&shop).await;
    let stage = Stage::on(&shop.url, &[&catalog, &checkout, &currency]);
    let injector = stage.injector();
    let dry = Fault { proof: vec![waiters("browse", 1)], ..leak("browse", json!([[0, 2]])) };
    apply(&injector, &dry).await;
    proved(&injector, &leaked("browse", 2)).await;
    assert!(!look(&injector, &waiters("browse", 1)).await.0, "nobody has asked yet");
    let url = format!("{}/products?category=electronics", catalog.url());
    assert_eq!(get(&url).await.0, 503, "no connection came free in time");
    let (holds, seen) = look(&injector, &waiters("browse", 1)).await;
    assert!(holds && seen.starts_with("up to "), "{seen}");
    undo(&injector, &dry).await;
    assert_eq!(get(&url).await.0, 200);
    // What waited before a fault proves nothing of it.
    let again = Fault { proof: vec![waiters("browse", 1)], ..leak("recommendations", json!([[0, 1]])) };
    apply(&injector, &again).await;
    assert!(!look(&injector, &waiters("browse", 1)).await.0);
}

#[tokio::test]
async fn a_leak_and_another_size_of_one_pool_go_together_and_come_back_in_any_order() {
    let shop = shop(80).await;
    let [catalog, checkout, currency] = services(&shop).await;
    let stage = Stage::on(&shop.url, &[&catalog, &checkout, &currency]);
    let injector = stage.injector();
    let (small, dry) = (fault("resize_pool", json!({"pool": "orders", "size": 2})), leak("orders", json!([[0, 2]])));
    for first in [&small, &dry] {
        apply(&injector, &small).await;
        apply(&injector, &dry).await;
        proved(&injector, &leaked("orders", 2)).await;
        undo(&injector, first).await;
        assert!(injector.undo_all().await.iter().all(|r| r.restored));
        assert!(look(&injector, &is("orders", 3)).await.0);
        assert!(!look(&injector, &leaked("orders", 1)).await.0);
    }
}

#[tokio::test]
async fn what_would_make_no_difference_or_no_sense_is_refused_with_the_remedy() {
    let shop = shop(80).await;
    let [catalog, checkout, currency] = services(&shop).await;
    let stage = Stage::on(&shop.url, &[&catalog, &checkout, &currency]);
    let injector = stage.injector();
    apply(&injector, &Fault { id: "earlier".into(), ..leak("orders", json!([[0, 1]])) }).await;
    let table = [
        (
            fault("resize_pool", json!({"pool": "orders", "size": 3})),
            "the limit of pool orders of checkout is 3 already: give another size",
        ),
        (leak("recommendations", json!([[0, 5]])), "which has 4: leak at most so many"),
        (
            fault("resize_pool", json!({"pool": "baskets", "size": 3})),
            "no service has a pool baskets; known are browse (product-catalog), orders (checkout), recommendations (product-catalog)",
        ),
        (
            leak("orders", json!([[0, 2]])),
            "the leak of pool orders of checkout is another fault's: undo that one first",
        ),
        (Fault { id: "earlier".into(), ..fault("kill_redis", json!({})) }, "a fault earlier is in already"),
    ];
    for (fault, said) in table {
        let refused = injector.apply(&fault, &clock_started(0.0)).await.expect_err("refused");
        assert!(matches!(refused, FaultError::Refused { .. }) && refused.to_string().contains(said), "{refused}");
    }
    assert_eq!(injector.undo_all().await.len(), 1);
}

#[tokio::test]
async fn a_pool_whose_service_is_gone_comes_back_with_it() {
    let shop = shop(80).await;
    let [catalog, checkout, currency] = services(&shop).await;
    let stage = Stage::on(&shop.url, &[&catalog, &checkout, &currency]);
    let injector = stage.injector();
    let dry = leak("orders", json!([[0, 3]]));
    apply(&injector, &dry).await;
    proved(&injector, &leaked("orders", 3)).await;
    checkout.stop().await;
    assert_eq!(undo(&injector, &dry).await, "nobody listens where checkout was: the leak of pool orders went with it");
    let deadline = Instant::now() + Duration::from_secs(10);
    while sessions(&shop).await > 0 {
        assert!(Instant::now() < deadline, "PostgreSQL has lost the sessions too");
    }
    // Whether another service has such a pool can't be known while one does not answer.
    assert!(matches!(injector.prove(&leaked("orders", 1), &Default::default()).await, Err(FaultError::Http { .. })));
    assert!(look(&injector, &is("recommendations", 4)).await.0);
}
