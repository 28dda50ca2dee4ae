use faults::{Calibration, Injector};
use scenario::Proof;

use crate::fixture::*;

#[tokio::test]
async fn a_scenario_can_not_smuggle_a_second_statement_into_a_plan() {
    let shop = shop(8).await;
    let injector = shop.injector();
    let queries = [("evil".to_owned(), "SELECT 1; DROP TABLE orders CASCADE".to_owned())].into_iter().collect();
    let proof = Proof::Plan { query: "evil".into(), is: scenario::PlanShape::SeqScan };
    assert!(injector.prove(&proof, &queries).await.is_err());
    assert_eq!(shop.text("SELECT count(*)::text FROM pg_tables WHERE tablename = 'orders'").await, "1");
}

/// Takes as many looks as make a median.
async fn looks(injector: &Injector) -> Vec<Calibration> {
    let mut looks = Vec::new();
    for _ in 0..9 {
        looks.push(injector.calibration(RECOMMENDATIONS).await.expect("measured"));
    }
    looks
}

fn median(looks: &[Calibration], figure: impl Fn(&Calibration) -> f64) -> f64 {
    let mut all: Vec<f64> = looks.iter().map(figure).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

#[tokio::test]
async fn a_statement_reaches_its_target_within_five_percent_and_the_scan_is_measured_apart() {
    /// What a queue of the scenarios has.
    const CONNECTIONS: f64 = 20.0;
    let shop = shop(80_000).await;
    let injector = shop.injector();
    let clock = clock_started(60.0);
    injector.apply(&missing_index(), &clock).await.expect("applied");
    let alone = looks(&injector).await;
    let scan_ms = median(&alone, |look| look.scan_ms);
    for target_ms in [300.0, 600.0] {
        let slow = slow_storage(&[(0.0, target_ms)]);
        injector.apply(&slow, &clock).await.expect("applied");
        let looks = looks(&injector).await;
        let deviation = median(&looks, |look| look.deviation(target_ms));
        let scans_a_second = CONNECTIONS * 1000.0 / target_ms;
        println!(
            "target {target_ms} ms: median {:.1} ms, {:+.2} %; a scan of 10,000 rows takes {scan_ms:.2} ms, so {CONNECTIONS} \
             connections keep {:.2} processors busy with at most {scans_a_second:.0} scans a second",
            median(&looks, |look| look.total_ms),
            deviation * 100.0,
            scans_a_second * scan_ms / 1000.0
        );
        assert!(deviation.abs() <= 0.05, "{looks:?}");
        assert!(looks.iter().all(|look| look.overshoot_ms(target_ms).is_none()), "{looks:?}");
        assert!(injector.undo(&slow.id).await.restored);
    }
}

#[tokio::test]
async fn a_scan_that_is_slower_than_the_target_is_overshoot_and_nothing_waits_on_top_of_it() {
    let shop = shop(80_000).await;
    let injector = shop.injector();
    let clock = clock_started(60.0);
    injector.apply(&missing_index(), &clock).await.expect("applied");
    // No machine scans 10,000 rows in a microsecond.
    let target_ms = 0.001;
    injector.apply(&slow_storage(&[(0.0, target_ms)]), &clock).await.expect("applied");
    let looks = looks(&injector).await;
    let over = median(&looks, |look| look.overshoot_ms(target_ms).expect("overshoot"));
    let scan_ms = median(&looks, |look| look.scan_ms);
    assert!((over - (scan_ms - target_ms)).abs() < 1e-9 && over > 0.0, "{looks:?}");
    // Ten rows call the function; each would wait a tenth of a second if it waited at all.
    assert!(median(&looks, |look| look.total_ms - look.scan_ms) < 100.0, "{looks:?}");
}

#[tokio::test]
async fn without_services_no_pool_is_known() {
    let shop = shop(8).await;
    let proof = Proof::PoolWaiters { pool: "recommendations".into(), at_least: 1 };
    let error = shop.injector().prove(&proof, &Default::default()).await.expect_err("nobody to ask");
    assert_eq!(error.to_string(), "no service has a pool recommendations; known are none");
}
