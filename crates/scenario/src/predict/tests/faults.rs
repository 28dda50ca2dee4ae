//! What faults do to visits on their way.

use serde_json::json;

use crate::testing::Kinds;
use crate::{Fault, PredictOptions, Prediction, Scenario, WindowPrediction, parse, predict};

/// Ten checkouts a second for ten minutes, through the pool `orders` of 20, T = 5 s, S = 20 ms.
fn checkouts(faults: Vec<Fault>) -> Scenario {
    let text = "name: checkouts\nworld: shop\nminutes: 10\nphases: [{name: all, from: 0}]\n\
                streams: [{name: demo, arrivals_per_minute: 600, journeys: {full_checkout: 1}}]\n\
                queues: [{name: orders, stream: demo, journeys: [full_checkout], connections: 20, \
                acquire_timeout_ms: 5000, service_time_ms: 20, elsewhere_ms: 10}]\n";
    Scenario { faults, ..parse(text, &Kinds).expect("right") }
}

/// In from minute 2 to 6.
fn fault(kind: &str, args: serde_json::Value) -> Fault {
    Fault { id: kind.to_owned(), kind: kind.to_owned(), from: 2.0, until: 6.0, args, proof: Vec::new() }
}

fn predicted(scenario: &Scenario) -> Prediction {
    predict(scenario, 1, &PredictOptions { further_seeds: 0, ..PredictOptions::at_speed(1.0) })
}

fn window(prediction: &Prediction, from: f64, to: f64) -> WindowPrediction {
    prediction.window("demo", from, to).expect("declared")
}

fn error_rate(prediction: &Prediction, from: f64, to: f64) -> f64 {
    window(prediction, from, to).error_rate.expect("arrivals")
}

#[test]
fn what_is_dead_fails_at_once_and_is_well_when_it_is_back() {
    for part in ["frontend", "product-catalog", "cart", "shipping", "recommendation", "payment-service", "checkout"] {
        let prediction = predicted(&checkouts(vec![fault("kill_service", json!({"service": part}))]));
        assert_eq!(error_rate(&prediction, 0.0, 2.0), 0.0, "{part}");
        assert_eq!(error_rate(&prediction, 2.0, 6.0), 1.0, "{part}");
        assert!(window(&prediction, 2.0, 6.0).p95_ms.is_some_and(|p95| p95 < 60.0), "{part}");
        assert_eq!(error_rate(&prediction, 6.0, 10.0), 0.0, "{part}");
    }
    let advertisements = predicted(&checkouts(vec![fault("kill_service", json!({"service": "ad-service"}))]));
    assert_eq!(error_rate(&advertisements, 0.0, 10.0), 0.0);
}

#[test]
fn what_is_paused_is_waited_for_as_long_as_its_caller_has_patience() {
    let prediction = predicted(&checkouts(vec![fault("pause_service", json!({"service": "payment-service"}))]));
    // The frontend waits three seconds for a payment: who comes later than that before the end gets one.
    assert_eq!(error_rate(&prediction, 2.0, 6.0 - 3.1 / 60.0), 1.0);
    assert_eq!(error_rate(&prediction, 6.0 - 2.9 / 60.0, 10.0), 0.0);
    let paused = window(&prediction, 3.0, 5.0).p50_ms.expect("arrivals");
    assert!((3000.0..3100.0).contains(&paused), "{paused}");
}

#[test]
fn browsing_goes_on_without_a_cart() {
    let mut scenario = checkouts(vec![fault("kill_redis", json!({}))]);
    scenario.queues.clear();
    let journeys = json!({"browse_only": 1, "browse_and_cart": 1, "full_checkout": 1});
    scenario.streams[0].journeys = serde_json::from_value(journeys).expect("curves");
    let prediction = predicted(&scenario);
    let of = |journey| prediction.window_of_journey("demo", journey, 2.0, 6.0).and_then(|w| w.error_rate);
    assert_eq!(of("browse_only"), Some(0.0));
    assert_eq!((of("browse_and_cart"), of("full_checkout")), (Some(1.0), Some(1.0)));
}

#[test]
fn the_start_page_forgives_a_service_that_is_down_and_not_one_that_says_no() {
    let errors = |service: &str, status: u16, journey: &str| {
        let broken = fault("http_error", json!({"service": service, "status": status}));
        let mut scenario = checkouts(vec![broken]);
        scenario.queues.clear();
        scenario.streams[0].journeys = serde_json::from_value(json!({journey: 1})).expect("curves");
        error_rate(&predicted(&scenario), 2.0, 6.0)
    };
    for service in ["cart", "ad-service"] {
        for (status, expected) in [(400, 1.0), (499, 1.0), (500, 0.0), (503, 0.0)] {
            assert_eq!(errors(service, status, "browse_only"), expected, "{service} {status}");
        }
    }
    let remove = json!({"service": "cart", "status": 404, "path": "/cart/cart-1/remove"});
    assert_eq!(error_rate(&predicted(&checkouts(vec![fault("http_error", remove)])), 2.0, 6.0), 0.0);
    // A service that is gone says nothing any more.
    let gone = fault("kill_service", json!({"service": "cart"}));
    let mut both = checkouts(vec![fault("http_error", json!({"service": "cart", "status": 404})), gone]);
    both.queues.clear();
    both.streams[0].journeys = serde_json::from_value(json!({"browse_only": 1})).expect("curves");
    assert_eq!(error_rate(&predicted(&both), 2.0, 6.0), 0.0);
}

#[test]
fn a_share_of_requests_is_slow_or_broken() {
    let broken = json!({"service": "payment-service", "status": 503, "share": 0.2});
    let prediction = predicted(&checkouts(vec![fault("http_error", broken)]));
    let found = error_rate(&prediction, 2.0, 6.0);
    assert!((found - 0.2).abs() < 0.03, "{found}");
    let slow = json!({"service": "shipping", "delay_ms": 400, "share": 0.3});
    let found = window(&predicted(&checkouts(vec![fault("http_latency", slow)])), 2.0, 6.0);
    assert_eq!(found.error_rate, Some(0.0));
    assert!(found.p50_ms.is_some_and(|p50| p50 < 60.0) && found.p95_ms.is_some_and(|p95| p95 > 400.0), "{found:?}");
    let too_slow = json!({"service": "shipping", "delay_ms": 2500});
    let found = window(&predicted(&checkouts(vec![fault("http_latency", too_slow)])), 2.0, 5.9);
    assert_eq!(found.error_rate, Some(1.0));
    assert!(found.p95_ms.is_some_and(|p95| (2000.0..2020.0).contains(&p95)), "the frontend gives up: {found:?}");
}

#[test]
fn a_locked_table_holds_the_connections_and_lets_them_go_when_the_lock_ends() {
    let prediction = predicted(&checkouts(vec![fault("lock_table", json!({"table": "orders", "mode": "exclusive"}))]));
    assert_eq!(error_rate(&prediction, 2.0, 6.0 - 5.1 / 60.0), 1.0);
    // The first twenty hold the connections, and their callers leave after ten seconds; the others never get one.
    let (first, later) = (window(&prediction, 2.0, 2.02).p50_ms, window(&prediction, 3.0, 5.0).p50_ms);
    assert!(first.is_some_and(|p50| (10_000.0..10_020.0).contains(&p50)), "{first:?}");
    assert!(later.is_some_and(|p50| (5000.0..5020.0).contains(&p50)), "{later:?}");
    // Who waits in the queue when the lock ends is served.
    assert_eq!(error_rate(&prediction, 6.0 - 4.9 / 60.0, 10.0), 0.0);
    let held = window(&prediction, 3.0, 5.0);
    assert_eq!(held.throughput_per_second, 0.0);
    assert!(predicted(&checkouts(Vec::new())).window("demo", 0.0, 10.0).is_some_and(|w| w.error_rate == Some(0.0)));
}

#[test]
fn a_pool_that_leaks_away_fails_by_what_is_left() {
    let mut scenario =
        checkouts(vec![fault("leak_connections", json!({"pool": "orders", "leaked": [[2, 18], [4, 20]]}))]);
    // Two left serve a third of the arrivals, one a sixth, none nobody.
    scenario.queues[0].service_time_ms = 600.0;
    let prediction = predicted(&scenario);
    assert_eq!(error_rate(&prediction, 0.0, 2.0), 0.0);
    for (from, to, expected) in [(2.2, 3.0, 0.667), (3.2, 3.9, 0.833), (4.1, 5.8, 1.0), (6.1, 10.0, 0.0)] {
        let found = error_rate(&prediction, from, to);
        assert!((found - expected).abs() < 0.04, "from {from}: {found}");
    }
    let table = |minute: f64| prediction.minute("demo", minute).and_then(|m| m.capacity_per_second).expect("a queue");
    assert!((table(2.0) - 2.0 / 0.6).abs() < 1e-9 && table(4.0) == 0.0 && (table(7.0) - 20.0 / 0.6).abs() < 1e-9);
}

#[test]
fn a_pool_that_is_made_smaller_serves_less_until_it_is_itself_again() {
    let mut scenario = checkouts(vec![fault("resize_pool", json!({"pool": "orders", "size": 3}))]);
    scenario.queues[0].service_time_ms = 600.0;
    let prediction = predicted(&scenario);
    let found = error_rate(&prediction, 2.5, 6.0);
    assert!((found - 0.5).abs() < 0.04, "three connections serve five a second: {found}");
    assert_eq!(error_rate(&prediction, 6.0, 10.0), 0.0);
}

#[test]
fn retries_multiply_requests_and_save_arrivals_while_there_is_room() {
    let broken = json!({"service": "payment-service", "status": 503, "share": 0.5});
    let storm = json!({"stream": "demo", "retries": 2, "backoff_ms": 100});
    let prediction = predicted(&checkouts(vec![fault("http_error", broken), fault("retry_storm", storm)]));
    let storm = window(&prediction, 3.0, 5.0);
    // 1 + 1/2 + 1/4 requests an arrival, of which half fail; an arrival fails if three do.
    let (requests, errors) =
        (storm.requests_per_minute / storm.arrivals_per_minute, storm.error_rate.expect("arrivals"));
    assert!((requests - 1.75).abs() < 0.05, "{storm:?}");
    assert!((errors - 0.125).abs() < 0.03, "{storm:?}");
    assert!(storm.request_error_rate.is_some_and(|rate| (rate - 0.5).abs() < 0.03), "{storm:?}");
    assert!(storm.p95_ms.is_some_and(|p95| p95 > 200.0), "two backoffs: {storm:?}");
    let calm = window(&prediction, 0.0, 2.0);
    assert_eq!(calm.requests_per_minute, calm.arrivals_per_minute);
}

#[test]
fn a_retry_that_succeeded_is_not_failed_by_the_next_request_of_its_journey() {
    const RETRIES: i32 = 3;
    let broken = json!({"service": "product-catalog", "status": 503, "share": 0.5});
    let storm = json!({"stream": "demo", "retries": RETRIES});
    let throughout = |kind, args| Fault { from: 0.0, until: 10.0, ..fault(kind, args) };
    let mut scenario = checkouts(vec![throughout("http_error", broken), throughout("retry_storm", storm)]);
    scenario.queues.clear();
    scenario.streams[0].journeys = serde_json::from_value(json!({"browse_and_cart": 1})).expect("curves");
    let found = window(&predicted(&scenario), 0.0, 10.0);

    // The nth try of a request fails with all those before it: 1/2 to the power of n.
    let failures = |tries: std::ops::RangeInclusive<i32>| tries.map(|n| 0.5_f64.powi(n)).sum::<f64>();
    let goes_on = 1.0 - 0.5_f64.powi(RETRIES + 1);
    // As many retries as there are failures that are not the last one allowed.
    let requests = 1.0 + failures(1..=RETRIES) * (1.0 + goes_on);
    // The second request's first try stands for the arrival's one request if the first request was not sent again.
    let first_tries = 0.5 + 0.5 * 0.5;
    let errors = first_tries + failures(2..=RETRIES + 1) * (1.0 + goes_on);
    let sent = found.requests_per_minute / found.arrivals_per_minute;
    assert!((sent - requests).abs() < 0.05, "{sent} of {requests}: {found:?}");
    let rate = found.request_error_rate.expect("requests");
    assert!((rate - errors / requests).abs() < 0.02, "{rate} of {}", errors / requests);
}

#[test]
fn retries_of_what_used_up_the_queue_make_it_collapse() {
    // 90 % of what the pool serves; a fifth fails after it, and goes through it again.
    let broken = fault("http_error", json!({"service": "payment-service", "status": 503, "share": 0.2}));
    let storm = Fault { from: 3.0, ..fault("retry_storm", json!({"stream": "demo", "retries": 3})) };
    let mut scenario = checkouts(vec![broken, storm]);
    scenario.queues[0].name = "recommendations".to_owned();
    scenario.queues[0].service_time_ms = 1800.0;
    scenario.queues[0].acquire_timeout_ms = 2100.0;
    let prediction = predicted(&scenario);
    let rate = |from, to| window(&prediction, from, to).request_error_rate.expect("requests");
    assert!((rate(2.1, 3.0) - 0.2).abs() < 0.05, "{}", rate(2.1, 3.0));
    assert!(rate(4.0, 6.0) > 0.5, "{}", rate(4.0, 6.0));
    assert!(rate(7.0, 10.0) < 0.01, "{}", rate(7.0, 10.0));
    // Payments before the pool cost it nothing.
    scenario.queues[0].name = "orders".to_owned();
    let prediction = predicted(&scenario);
    let calm = window(&prediction, 4.0, 6.0).request_error_rate.expect("requests");
    assert!((calm - 0.2).abs() < 0.05, "{calm}");
}

#[test]
fn who_is_served_after_the_caller_has_left_is_served_for_nothing() {
    // The frontend waits 5 s for recommendations; the pool lets them wait 4.8 s and then takes 0.5 s.
    let mut scenario = checkouts(Vec::new());
    let queue = &mut scenario.queues[0];
    queue.name = "recommendations".to_owned();
    (queue.connections, queue.service_time_ms, queue.acquire_timeout_ms) = (2, 500.0, 4800.0);
    let found = window(&predicted(&scenario), 1.0, 10.0);
    assert!(found.error_rate.is_some_and(|rate| rate > 0.95), "{found:?}");
    assert!(found.p95_ms.is_some_and(|p95| (5000.0..5020.0).contains(&p95)), "{found:?}");
    scenario.queues[0].acquire_timeout_ms = 4000.0;
    let found = window(&predicted(&scenario), 1.0, 10.0).error_rate.expect("arrivals");
    assert!((found - 0.6).abs() < 0.03, "4 of 10 a second are served in time: {found}");
}

#[test]
fn what_is_delayed_on_the_way_comes_to_the_queue_in_its_turn() {
    // Half of the visits come a second late to a pool of one: they wait behind those that overtook them.
    let slow = json!({"service": "shipping", "delay_ms": 1000, "share": 0.5});
    let mut scenario = checkouts(vec![Fault { from: 0.0, until: 10.0, ..fault("http_latency", slow) }]);
    (scenario.queues[0].connections, scenario.queues[0].service_time_ms) = (1, 99.0);
    let found = window(&predicted(&scenario), 1.0, 10.0);
    assert!(found.error_rate.is_some_and(|rate| rate < 0.1), "{found:?}");
    assert!(found.wait_ms.is_some_and(|wait| wait > 500.0), "99 % busy: {found:?}");
}

#[test]
fn malformed_requests_fail_at_once_and_those_of_other_streams_do_not() {
    let malformed = |stream: &str| fault("malformed_request", json!({"stream": stream, "share": 0.5}));
    let prediction = predicted(&checkouts(vec![malformed("demo")]));
    let found = window(&prediction, 2.0, 6.0);
    assert!(found.error_rate.is_some_and(|rate| (rate - 0.5).abs() < 0.04), "{found:?}");
    assert!(found.p95_ms.is_some_and(|p95| p95 < 60.0), "{found:?}");
    assert_eq!(error_rate(&prediction, 6.0, 10.0), 0.0);
    assert_eq!(error_rate(&predicted(&checkouts(vec![malformed("other")])), 2.0, 6.0), 0.0);
    // A request without a body has nothing that could be malformed.
    let mut scenario = checkouts(vec![malformed("demo")]);
    scenario.queues.clear();
    scenario.streams[0].journeys = serde_json::from_value(json!({"list_products": 1})).expect("curves");
    assert_eq!(error_rate(&predicted(&scenario), 2.0, 6.0), 0.0);
}

#[test]
fn slow_requests_take_their_upload_longer_and_bloated_ones_change_nothing() {
    let slow = json!({"stream": "demo", "share": 0.3, "upload_ms": [2000, 5000]});
    let found = window(&predicted(&checkouts(vec![fault("slow_request", slow)])), 2.0, 6.0);
    assert_eq!(found.error_rate, Some(0.0), "checkouts are waited for 20 s: {found:?}");
    // p95 of all is the 5/6 quantile of the slow ones: 2 s and five sixths of 3 s.
    assert!(found.p95_ms.is_some_and(|p95| (p95 - 4_530.0).abs() < 200.0), "{found:?}");
    assert!(found.p50_ms.is_some_and(|p50| p50 < 60.0), "{found:?}");
    let bloat = fault("prompt_bloat", json!({"stream": "demo", "characters": [20000, 30000]}));
    let (with, without) = (predicted(&checkouts(vec![bloat])), predicted(&checkouts(Vec::new())));
    assert_eq!(window(&with, 2.0, 6.0), window(&without, 2.0, 6.0));
}

#[test]
fn a_delay_that_is_a_range_is_drawn_evenly() {
    let slow = json!({"service": "shipping", "delay_ms": [200, 1200], "at": "upstream", "traffic_type": "demo"});
    let found = window(&predicted(&checkouts(vec![fault("http_latency", slow)])), 2.0, 6.0);
    let (p50, p95) = (found.p50_ms.expect("arrivals"), found.p95_ms.expect("arrivals"));
    assert!((p50 - 730.0).abs() < 50.0 && (p95 - 1_180.0).abs() < 50.0, "{found:?}");
    let other = json!({"service": "shipping", "delay_ms": [200, 1200], "traffic_type": "other"});
    let found = window(&predicted(&checkouts(vec![fault("http_latency", other)])), 2.0, 6.0);
    assert!(found.p95_ms.is_some_and(|p95| p95 < 60.0), "{found:?}");
}
