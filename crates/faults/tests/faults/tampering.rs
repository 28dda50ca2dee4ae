use std::time::Duration;

use faults::FaultError;
use scenario::{Fault, Proof};
use serde_json::json;
use shop::ServiceName::Frontend;

use crate::fixture::{clock_started, fault, now_unix};
use crate::retry_storm::clients;
use crate::stage::*;

fn changed(at_least: u32) -> Proof {
    Proof::RequestsChanged { stream: "demo".into(), at_least }
}

/// Puts it in as soon as the generator's run has begun.
async fn apply_once_it_runs(injector: &faults::Injector, fault: &Fault) -> String {
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        match injector.apply(fault, &clock_started(0.0)).await {
            Ok(applied) => return applied.what,
            Err(error) => assert!(std::time::Instant::now() < deadline, "no run began: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn each_kind_changes_requests_while_it_is_in_and_no_longer() {
    // Whatever it answers: here it matters what is sent.
    let frontend = Served::start(Frontend, 0, &[]).await;
    let stage = Stage::of(&[&frontend]);
    let (url, shutdown) = clients(&stage, &frontend.url(), Some(now_unix())).await;
    let stage = stage.with(|target| target.service("load-generator", url));
    let injector = stage.injector();
    let table = [
        (
            fault("malformed_request", json!({"stream": "demo", "share": 1, "ways": ["missing_field", "empty"]})),
            "clients of demo send 100 % of their requests malformed, in 2 ways",
            "missing_field",
        ),
        (
            fault("slow_request", json!({"stream": "demo", "share": 0.5, "upload_ms": [50, 100]})),
            "clients of demo take 50 to 100 ms to upload 50 % of their requests",
            "slow",
        ),
        (
            fault("prompt_bloat", json!({"stream": "demo", "characters": [2000, 3000]})),
            "clients of demo send texts of 2000 to 3000 characters in 100 % of their requests",
            "bloat",
        ),
    ];
    let mut seen_before = 0;
    for (fault, said, way) in &table {
        if seen_before == 0 {
            assert_eq!(
                look(&injector, &changed(0)).await,
                (false, "no request of demo is changed on its way out".into())
            );
        }
        assert_eq!(apply_once_it_runs(&injector, fault).await, *said);
        seen_before += 3;
        let seen = proved(&injector, &changed(seen_before)).await;
        assert!(seen.starts_with("requests of demo that were changed on their way out: "), "{seen}");
        assert!(seen.contains(way), "{way}: {seen}");
        let other = table.iter().find(|(other, ..)| other.kind != fault.kind).expect("there are others");
        let error = injector.apply(&other.0, &clock_started(0.0)).await.expect_err("one change at a time");
        let refusal = "the tampering with stream demo of load-generator is another fault's: undo that one first";
        assert_eq!(error.to_string(), refusal);
        assert_eq!(undo(&injector, fault).await, "load-generator no longer has the tampering with stream demo");
        seen_before = count(&look(&injector, &changed(0)).await.1);
    }
    assert!(injector.applied().is_empty());
    shutdown.cancel();
}

fn count(seen: &str) -> u32 {
    let number = seen.rsplit_once("out: ").map(|(_, rest)| rest.split(' ').next().unwrap_or_default());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no count: {seen}"))
}

#[tokio::test]
async fn a_stream_that_nobody_plays_is_refused() {
    // Whatever it answers: here it matters what is sent.
    let frontend = Served::start(Frontend, 0, &[]).await;
    let stage = Stage::of(&[&frontend]);
    let (url, shutdown) = clients(&stage, &frontend.url(), None).await;
    let bloat = fault("prompt_bloat", json!({"stream": "demo", "characters": [2000, 3000]}));
    assert!(matches!(stage.injector().apply(&bloat, &clock_started(0.0)).await, Err(FaultError::NoAddress { .. })));
    let stage = stage.with(|target| target.service("load-generator", url));
    let injector = stage.injector();
    let error = injector.apply(&bloat, &clock_started(0.0)).await.expect_err("nothing is played");
    assert!(error.to_string().ends_with("answered 404: no run is under way, so there are no streams"), "{error}");
    assert!(injector.applied().is_empty());
    shutdown.cancel();
}
