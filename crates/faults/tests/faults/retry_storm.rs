use std::time::{Duration, Instant};

use faults::FaultError;
use load::{LoadGenerator, Settings};
use scenario::{Fault, Proof};
use serde_json::json;
use shop::ServiceName::Frontend;
use tokio_util::sync::CancellationToken;

use crate::fixture::{clock_started, fault, now_unix};
use crate::stage::*;

const SCENARIO: &str = "
name: ten-a-second
world: shop
minutes: 2
phases: [{name: all, from: 0}]
streams:
  - {name: demo, arrivals_per_minute: 600, spacing: uniform, journeys: {full_checkout: 100}}
";

/// The load generator, at this address, playing [`SCENARIO`] against `frontend`; it ends when the token is cancelled.
pub(crate) async fn clients(stage: &Stage, frontend: &str, started: Option<f64>) -> (String, CancellationToken) {
    let file = stage.folder.path().join("scenario.yaml");
    std::fs::write(&file, SCENARIO).expect("written");
    let find = |name: &str| match name {
        "FRONTEND_URL" => Some(frontend.to_owned()),
        "DOORBUSTER_SCENARIO" => Some(file.display().to_string()),
        "DEMO_MODE" => started.map(|_| "ten-a-second".to_owned()),
        "DEMO_START_TIMESTAMP" => started.map(|at| at.to_string()),
        _ => None,
    };
    let options = load::ServeOptions { port: Some(0), ..load::ServeOptions::default() };
    let generator = LoadGenerator::bind(&options, Settings::from_vars(&find).expect("settings")).await.expect("bound");
    let (url, shutdown) = (format!("http://{}", generator.local_addr()), CancellationToken::new());
    tokio::spawn(generator.run(shutdown.clone()));
    (url, shutdown)
}

fn sent(at_least: u32) -> Proof {
    Proof::RetriesSent { stream: "demo".into(), at_least }
}

fn storm() -> Fault {
    fault("retry_storm", json!({"stream": "demo", "retries": 2, "backoff_ms": 1}))
}

#[tokio::test]
async fn what_fails_is_sent_again_while_the_fault_is_in() {
    let frontend = Served::start(Frontend, 0, &[]).await;
    let stage = Stage::of(&[&frontend]);
    let (url, shutdown) = clients(&stage, &frontend.url(), Some(now_unix())).await;
    let stage = stage.with(|target| target.service("load-generator", url));
    let injector = stage.injector();
    let broken = fault("http_error", json!({"service": "frontend", "status": 503}));
    apply(&injector, &broken).await;
    assert_eq!(look(&injector, &sent(0)).await, (false, "clients of demo send nothing again".into()));
    let said = "clients of demo send what failed up to 2 times again, after 1 ms";
    let deadline = Instant::now() + Duration::from_secs(10);
    // The generator takes orders once its run has begun.
    while injector.apply(&storm(), &clock_started(0.0)).await.map(|applied| assert_eq!(applied.what, said)).is_err() {
        assert!(Instant::now() < deadline, "no run began");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Three requests for each that is due, so the filter sees more than there are arrivals.
    let seen = proved(&injector, &sent(6)).await;
    assert!(seen.starts_with("failed requests that clients of demo sent again: "), "{seen}");
    assert!(look(&injector, &Proof::FilterHits { service: "frontend".into(), at_least: 9 }).await.0);
    assert_eq!(undo(&injector, &storm()).await, "load-generator no longer has the retries of stream demo");
    let (_, then) = look(&injector, &sent(6)).await;
    proved(&injector, &Proof::FilterHits { service: "frontend".into(), at_least: 20 }).await;
    assert_eq!(look(&injector, &sent(6)).await.1, then, "failing goes on, sending again does not");
    undo(&injector, &broken).await;
    shutdown.cancel();
}

#[tokio::test]
async fn a_stream_that_nobody_plays_is_refused_with_those_that_are() {
    let frontend = Served::start(Frontend, 0, &[]).await;
    let stage = Stage::of(&[&frontend]);
    assert!(matches!(stage.injector().apply(&storm(), &clock_started(0.0)).await, Err(FaultError::NoAddress { .. })));
    let (url, shutdown) = clients(&stage, &frontend.url(), None).await;
    let stage = stage.with(|target| target.service("load-generator", url));
    let injector = stage.injector();
    let error = injector.apply(&storm(), &clock_started(0.0)).await.expect_err("nothing is played");
    assert!(matches!(error, FaultError::Status { status: 404, .. }), "{error}");
    assert!(error.to_string().ends_with("answered 404: no run is under way, so there are no streams"), "{error}");
    assert!(injector.applied().is_empty());
    shutdown.cancel();
}
