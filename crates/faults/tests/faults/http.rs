use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use faults::FaultError;
use scenario::Proof;
use serde_json::json;
use shop::ServiceName::{Currency, Shipping};

use crate::fixture::{clock_started, fault};
use crate::stage::*;

fn hits(service: &str, at_least: u32) -> Proof {
    Proof::FilterHits { service: service.into(), at_least }
}

#[tokio::test]
async fn requests_are_late_while_the_fault_is_in_and_health_never_is() {
    let currency = Served::start(Currency, 0, &[]).await;
    let stage = Stage::of(&[&currency]);
    let injector = stage.injector();
    let rates = format!("{}/rates", currency.url());
    let slow = fault("http_latency", json!({"service": "currency", "delay_ms": 700}));
    assert_eq!(apply(&injector, &slow).await, "currency delays all requests by 700 ms");
    assert_eq!(
        look(&injector, &hits("currency", 0)).await,
        (true, "requests to currency that were delayed or refused: 0".into())
    );
    let (status, took) = get(&rates).await;
    assert!(status == 200 && took >= Duration::from_millis(700), "{status} after {took:?}");
    assert!(get(&format!("{}/health", currency.url())).await.1 < Duration::from_millis(700));
    assert_eq!(
        look(&injector, &hits("currency", 1)).await,
        (true, "requests to currency that were delayed or refused: 1".into())
    );
    assert!(!look(&injector, &hits("currency", 2)).await.0);
    assert_eq!(undo(&injector, &slow).await, "currency no longer has the fault filter the-http-latency");
    assert!(get(&rates).await.1 < Duration::from_millis(700));
    assert_eq!(look(&injector, &hits("currency", 0)).await, (false, "currency has no fault filter".into()));
    assert_eq!(undo(&injector, &slow).await, "nothing to undo");
}

#[tokio::test]
async fn a_share_of_the_requests_to_a_path_is_refused() {
    let currency = Served::start(Currency, 0, &[]).await;
    let stage = Stage::of(&[&currency]);
    let injector = stage.injector();
    let half = json!({"service": "currency", "status": 503, "share": 0.5, "path": "/rates"});
    let broken = fault("http_error", half);
    assert_eq!(apply(&injector, &broken).await, "currency answers 50 % of requests to /rates with 503");
    let mut refused = 0;
    for _ in 0..200 {
        match get(&format!("{}/rates", currency.url())).await.0 {
            200 => {}
            503 => refused += 1,
            other => panic!("{other}"),
        }
        let convert = format!("{}/convert?amount=1.00&from=USD&to=EUR", currency.url());
        assert_eq!(get(&convert).await.0, 200, "another path");
    }
    // Three standard deviations of 200 throws are 21.
    assert!((79..=121).contains(&refused), "{refused} of 200");
    assert!(look(&injector, &hits("currency", refused)).await.0);
    assert!(!look(&injector, &hits("currency", refused + 1)).await.0);
    undo(&injector, &broken).await;
    assert_eq!(get(&format!("{}/rates", currency.url())).await.0, 200);
}

#[tokio::test]
async fn two_filters_of_one_service_are_undone_each_on_its_own() {
    let shipping = Served::start(Shipping, 0, &[]).await;
    let stage = Stage::of(&[&shipping]);
    let injector = stage.injector();
    let slow = fault("http_latency", json!({"service": "shipping", "delay_ms": 1}));
    let broken = fault("http_error", json!({"service": "shipping", "status": 500}));
    apply(&injector, &slow).await;
    apply(&injector, &broken).await;
    let kinds: Vec<(String, String)> = injector.applied().into_iter().map(|a| (a.id, a.kind)).collect();
    let expected = [("the-http-latency", "http_latency"), ("the-http-error", "http_error")];
    assert_eq!(kinds, expected.map(|(id, kind)| (id.to_owned(), kind.to_owned())));
    undo(&injector, &slow).await;
    let left = get_json(&format!("{}/admin/faults", shipping.url())).await;
    assert_eq!(
        (left["faults"].as_array().map(Vec::len), &left["faults"][0]["id"]),
        (Some(1), &json!("the-http-error"))
    );
    assert!(injector.undo_all().await.iter().all(|r| r.restored));
    assert!(injector.applied().is_empty());
}

#[tokio::test]
async fn a_fault_whose_conductor_is_gone_ends_by_itself_half_a_minute_after_its_end() {
    let currency = Served::start(Currency, 0, &[]).await;
    let stage = Stage::of(&[&currency]);
    // Over since 28.5 s, as if nobody had been left to undo it.
    let over = scenario::Fault { until: 0.0, ..fault("http_error", json!({"service": "currency", "status": 503})) };
    stage.injector().apply(&over, &clock_started(28.5)).await.expect("applied");
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while get(&format!("{}/rates", currency.url())).await.0 == 503 {
        assert!(std::time::Instant::now() < deadline, "it should have ended");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A recovery finds nothing and says so.
    let recovery = faults::recover(&stage.journal(), &stage.target).await.expect("recovered");
    assert_eq!(recovery.to_string(), "undone  the-http-error: currency has nothing of the fault filter the-http-error");
}

#[tokio::test]
async fn a_service_that_is_gone_has_lost_its_filter_and_one_that_was_started_again_too() {
    let currency = Served::start(Currency, 0, &[]).await;
    let (port, stage) = (currency.port(), Stage::of(&[&currency]));
    let injector = stage.injector();
    let broken = fault("http_error", json!({"service": "currency", "status": 503}));
    apply(&injector, &broken).await;
    currency.stop().await;
    assert_eq!(
        undo(&injector, &broken).await,
        "nobody listens where currency was: the fault filter the-http-error went with it"
    );

    let currency = Served::start(Currency, port, &[]).await;
    apply(&injector, &broken).await;
    currency.stop().await;
    let _currency = Served::start(Currency, port, &[]).await;
    assert_eq!(undo(&injector, &broken).await, "currency has nothing of the fault filter the-http-error");
}

/// Answers every request on `port` like a program that has nothing to do with the shop, and notes what it was asked.
fn stranger(port: u16) -> Arc<Mutex<Vec<String>>> {
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 2048];
            let length = stream.read(&mut request).unwrap_or(0);
            let head = String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned();
            notes.lock().expect("no panic").push(head);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
        }
    });
    asked
}

#[tokio::test]
async fn a_stranger_on_the_services_port_is_given_no_orders() {
    let currency = Served::start(Currency, 0, &[]).await;
    let (port, stage) = (currency.port(), Stage::of(&[&currency]));
    let injector = stage.injector();
    let broken = fault("http_error", json!({"service": "currency", "status": 503}));
    apply(&injector, &broken).await;
    currency.stop().await;
    let asked = stranger(port);
    let said = undo(&injector, &broken).await;
    assert_eq!(said, "another program listens where currency was: the fault filter the-http-error went with it");
    assert_eq!(*asked.lock().expect("no panic"), ["GET /health HTTP/1.1"]);
}

#[tokio::test]
async fn a_recovery_that_knows_no_services_goes_where_the_record_says() {
    let currency = Served::start(Currency, 0, &[]).await;
    let stage = Stage::of(&[&currency]);
    apply(&stage.injector(), &fault("http_error", json!({"service": "currency", "status": 503}))).await;
    let nobody = faults::Target::new(NO_DATABASE);
    let recovery = faults::recover(&stage.journal(), &nobody).await.expect("recovered");
    assert_eq!(recovery.to_string(), "undone  the-http-error: currency no longer has the fault filter the-http-error");
    assert_eq!(get(&format!("{}/rates", currency.url())).await.0, 200);
}

#[tokio::test]
async fn a_service_that_does_not_take_orders_is_named_with_the_remedy() {
    let vars = [("DOORBUSTER_ADMIN_TOKEN", "the right one")];
    let currency = Served::everywhere(Currency, &vars).await;
    let broken = fault("http_error", json!({"service": "currency", "status": 503}));
    for (token, remedy) in [
        (None, "set DOORBUSTER_ADMIN_TOKEN"),
        (Some("a wrong one"), "set DOORBUSTER_ADMIN_TOKEN"),
        (Some("the right one"), ""),
    ] {
        let stage = Stage::of(&[&currency]).with(|target| match token {
            Some(token) => target.admin_token(token),
            None => target,
        });
        let injector = stage.injector();
        match injector.apply(&broken, &clock_started(0.0)).await {
            Ok(_) => assert_eq!(
                (token, undo(&injector, &broken).await.contains("no longer has")),
                (Some("the right one"), true)
            ),
            Err(error) => assert!(!remedy.is_empty() && error.to_string().contains(remedy), "{token:?}: {error}"),
        }
        assert!(injector.applied().is_empty(), "{token:?}: a fault that was refused is not in");
    }
}

#[tokio::test]
async fn a_fault_that_the_service_does_not_take_is_not_in() {
    let currency = Served::start(Currency, 0, &[]).await;
    let stage = Stage::of(&[&currency]);
    let injector = stage.injector();
    let odd = fault("http_error", json!({"service": "currency", "status": 503}));
    let odd = scenario::Fault { id: "an id/that is none".into(), ..odd };
    let error = injector.apply(&odd, &clock_started(0.0)).await.expect_err("refused");
    assert!(matches!(error, FaultError::Status { status: 400..=499, .. }), "{error}");
    assert!(injector.applied().is_empty() && get(&format!("{}/rates", currency.url())).await.0 == 200);
}

#[tokio::test]
async fn an_unknown_service_is_refused_beside_those_that_are_known() {
    let currency = Served::start(Currency, 0, &[]).await;
    let stage = Stage::of(&[&currency]);
    let injector = stage.injector();
    let nowhere = fault("http_latency", json!({"service": "warehouse", "delay_ms": 1}));
    let error = injector.apply(&nowhere, &clock_started(0.0)).await.expect_err("refused");
    assert_eq!(error.to_string(), "no address is known for warehouse; known are currency");
    assert!(matches!(
        injector.prove(&hits("warehouse", 1), &Default::default()).await,
        Err(FaultError::NoAddress { .. })
    ));
}

#[tokio::test]
async fn a_service_that_does_not_listen_takes_no_fault_and_the_error_says_why() {
    let currency = Served::start(Currency, 0, &[]).await;
    let stage = Stage::of(&[&currency]);
    let injector = stage.injector();
    currency.stop().await;
    tokio::time::pause();
    let slow = fault("http_latency", json!({"service": "currency", "delay_ms": 1}));
    let error = injector.apply(&slow, &clock_started(0.0)).await.expect_err("nobody listens");
    assert!(error.to_string().contains("Connection refused"), "{error}");
    assert!(injector.undo_all().await.is_empty(), "it was put back at once");
}
