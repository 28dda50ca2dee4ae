use std::time::{Duration, Instant};

use faults::{FaultError, ProcessId, ProcessSignal, Processes, recover};
use scenario::{Fault, Proof};
use serde_json::json;
use shop::ServiceName::{Currency, Shipping};

use crate::fixture::{clock_started, fault};
use crate::stage::*;

fn silent(part: &str) -> Proof {
    Proof::Unreachable { part: part.into() }
}

fn kill() -> Fault {
    fault("kill_service", json!({"service": "currency"}))
}

fn pause() -> Fault {
    fault("pause_service", json!({"service": "currency"}))
}

#[tokio::test]
async fn a_killed_service_is_refused_connections_until_it_is_started_again() {
    let household = Household::of(&[Currency]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    let injector = stage.injector();
    let before = household.id("currency").expect("it runs");
    let (holds, seen) = look(&injector, &silent("currency")).await;
    assert!(!holds && seen.starts_with("currency answers on port "), "{seen}");
    assert_eq!(apply(&injector, &kill()).await, format!("killed currency (process {})", before.pid));
    assert_eq!(household.id("currency"), None);
    let (holds, seen) = look(&injector, &silent("currency")).await;
    assert!(holds && seen.contains("Connection refused"), "{seen}");
    assert_eq!(undo(&injector, &kill()).await, "currency runs again");
    assert_ne!(household.id("currency").expect("it runs"), before);
    assert!(!look(&injector, &silent("currency")).await.0);
}

#[tokio::test]
async fn a_service_that_somebody_started_again_is_left_alone() {
    let household = Household::of(&[Currency]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    let injector = stage.injector();
    apply(&injector, &kill()).await;
    household.start("currency").await.expect("it starts");
    let by_hand = household.id("currency").expect("it runs");
    assert_eq!(undo(&injector, &kill()).await, "currency runs again", "it was waited for until it answered");
    assert_eq!(household.id("currency"), Some(by_hand));
}

#[tokio::test]
async fn a_kill_that_never_came_to_pass_is_seen_as_such() {
    let household = Household::of(&[Currency]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    let injector = stage.injector();
    apply(&injector, &kill()).await;
    undo(&injector, &kill()).await;
    drop(injector);
    // The journal of a conductor that died between its record and the signal.
    let id = household.id("currency").expect("it runs");
    let intended = json!({"at": "2026-01-01T00:00:00Z", "act": 1, "fault": "f", "state": "intended",
                          "undo": {"kind": "kill_service", "process": "currency", "id": id}});
    std::fs::write(stage.journal(), format!("{intended}\n")).expect("written");
    let recovery = recover(&stage.journal(), &stage.target).await.expect("recovered");
    assert_eq!(
        recovery.to_string(),
        format!("undone  f: currency still runs as process {}: it was not killed", id.pid)
    );
}

#[tokio::test]
async fn after_the_stages_death_there_is_nothing_to_start() {
    let household = Household::of(&[Currency]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    apply(&stage.injector(), &kill()).await;
    let recovery = recover(&stage.journal(), &household.known()).await.expect("recovered");
    let said = "undone  the-kill-service: the stage that ran currency is gone: there is nothing to start again";
    assert_eq!(recovery.to_string(), said);
    assert_eq!(household.id("currency"), None);
}

#[tokio::test]
async fn a_paused_service_takes_connections_and_answers_when_it_goes_on() {
    let household = Household::of(&[Currency]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    let injector = stage.injector();
    let id = household.id("currency").expect("it runs");
    assert_eq!(apply(&injector, &pause()).await, format!("currency (process {}) stands still", id.pid));
    assert_eq!(household.id("currency"), Some(id), "it is paused, not gone");
    let again = Fault { id: "again".into(), ..pause() };
    let refused = injector.apply(&again, &clock_started(0.0)).await.expect_err("refused").to_string();
    assert_eq!(refused, "currency stands still already: let it go on first");
    let (holds, seen) = look(&injector, &silent("currency")).await;
    assert!(holds && seen.contains("does not answer within 1 s"), "{seen}");
    assert_eq!(undo(&injector, &pause()).await, format!("currency (process {}) goes on", id.pid));
    assert!(!look(&injector, &silent("currency")).await.0);
    assert_eq!(household.id("currency"), Some(id));
}

#[tokio::test]
async fn a_process_that_its_dead_conductor_left_paused_is_woken_by_recovery() {
    let household = Household::of(&[Currency, Shipping]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    apply(&stage.injector(), &pause()).await;
    // Its end is on its way, as after the conductor's death, and can't arrive.
    let id = household.id("currency").expect("it runs");
    let child = rustix::process::Pid::from_raw(id.pid.cast_signed()).expect("a process");
    rustix::process::kill_process(child, rustix::process::Signal::TERM).expect("sent");
    assert!(id.is_alive());
    let recovery = recover(&stage.journal(), &household.known()).await.expect("recovered");
    assert_eq!(recovery.to_string(), format!("undone  the-pause-service: currency (process {}) goes on", id.pid));
    let deadline = Instant::now() + Duration::from_secs(10);
    while id.is_alive() {
        assert!(Instant::now() < deadline, "it should have received its end");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn another_process_with_that_number_is_not_woken() {
    let household = Household::of(&[Currency]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    apply(&stage.injector(), &pause()).await;
    let id = household.id("currency").expect("it runs");
    let text = std::fs::read_to_string(stage.journal()).expect("a journal");
    let earlier = text.replace(&format!("\"started\":{}", id.started), &format!("\"started\":{}", id.started - 1));
    assert_ne!(earlier, text);
    std::fs::write(stage.journal(), earlier).expect("written");
    let recovery = recover(&stage.journal(), &household.known()).await.expect("recovered");
    assert_eq!(recovery.to_string(), format!("undone  the-pause-service: process {} of currency is gone", id.pid));
    let injector = Stage::of(&[]).with(|_| household.target()).injector();
    assert!(look(&injector, &silent("currency")).await.0, "it still stands still");
}

#[tokio::test]
async fn what_a_paused_service_was_asked_for_is_taken_back_when_it_goes_on() {
    let household = Household::of(&[Currency]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    let injector = stage.injector();
    let broken = fault("http_error", json!({"service": "currency", "status": 503}));
    apply(&injector, &broken).await;
    apply(&injector, &pause()).await;
    let waking = async {
        // Longer than one attempt, so that the first fails.
        tokio::time::sleep(Duration::from_millis(2500)).await;
        household.signal("currency", ProcessSignal::Resume).await.expect("it runs");
    };
    let (said, ()) = tokio::join!(undo(&injector, &broken), waking);
    assert_eq!(said, "currency no longer has the fault filter the-http-error");
    undo(&injector, &pause()).await;
}

#[tokio::test]
async fn a_service_that_never_goes_on_is_reported_with_what_to_type_and_that_does_it() {
    let household = Household::of(&[Currency]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    let injector = stage.injector();
    let broken = fault("http_error", json!({"service": "currency", "status": 503}));
    apply(&injector, &broken).await;
    household.signal("currency", ProcessSignal::Pause).await.expect("it runs");
    tokio::time::pause();
    let record = injector.undo(&broken.id).await;
    tokio::time::resume();
    assert!(!record.restored);
    let (reason, by_hand) = record.seen.split_once("\ntype by hand:\n").expect("it says");
    assert!(reason.ends_with("/health: no answer in time"), "{reason}");
    assert_eq!(injector.applied().first().map(|fault| fault.state.clone()), Some("undo_failed".to_owned()));

    household.signal("currency", ProcessSignal::Resume).await.expect("it runs");
    let url = by_hand.strip_prefix("curl -X DELETE -H \"Authorization: Bearer $DOORBUSTER_ADMIN_TOKEN\" '");
    let url = url.and_then(|rest| rest.strip_suffix('\'')).unwrap_or_else(|| panic!("{by_hand}"));
    let removed = reqwest::Client::new().delete(url).send().await.expect("an answer").text().await.expect("read");
    assert_eq!(removed, r#"{"removed":true}"#);
    assert_eq!(undo(&injector, &broken).await, "currency has nothing of the fault filter the-http-error");
}

#[tokio::test]
async fn a_service_that_does_not_listen_is_not_gone_while_its_process_runs() {
    let household = Household::of(&[Currency]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    let broken = fault("http_error", json!({"service": "currency", "status": 503}));
    apply(&stage.injector(), &broken).await;
    // Nobody listens at that address, but the process is known to run.
    let elsewhere = household.target().service("currency", "http://127.0.0.1:1");
    tokio::time::pause();
    let recovery = recover(&stage.journal(), &elsewhere).await.expect("an answer");
    tokio::time::resume();
    let pid = household.id("currency").expect("it runs").pid;
    let said =
        format!("FAILED  the-http-error: nobody listens where currency was, but process {pid} runs\ntype by hand:");
    assert!(recovery.to_string().starts_with(&said), "{recovery}");
    let recovery = recover(&stage.journal(), &stage.target).await.expect("an answer");
    assert!(recovery.failed.is_empty(), "{recovery}");
}

#[tokio::test]
async fn redis_is_gone_with_what_was_in_it_and_comes_back_empty_where_it_was() {
    let household = Household::of(&[]).await;
    let stage = Stage::of(&[]).with(|_| household.target());
    let injector = stage.injector();
    let kill = fault("kill_redis", json!({}));
    let client = redis::Client::open(household.redis_url()).expect("a URL");
    let mut connection = client.get_multiplexed_async_connection().await.expect("connected");
    redis::cmd("SET").arg("cart").arg("full").exec_async(&mut connection).await.expect("set");
    assert!(!look(&injector, &silent("redis")).await.0);
    let before = household.id("redis").expect("it runs");
    assert_eq!(apply(&injector, &kill).await, format!("killed redis (process {})", before.pid));
    let (holds, seen) = look(&injector, &silent("redis")).await;
    assert!(holds && seen.contains("Connection refused"), "{seen}");
    assert_eq!(undo(&injector, &kill).await, "redis runs again");
    assert!(!look(&injector, &silent("redis")).await.0);
    let mut connection = client.get_multiplexed_async_connection().await.expect("connected");
    let cart: Option<String> = redis::cmd("GET").arg("cart").query_async(&mut connection).await.expect("asked");
    assert_eq!(cart, None);
}

#[tokio::test]
async fn without_anybody_who_runs_the_processes_they_are_not_touched() {
    let household = Household::of(&[Currency]).await;
    let nobody = Stage::of(&[]).with(|_| household.known());
    let injector = nobody.injector();
    for fault in [kill(), pause(), fault("kill_redis", json!({}))] {
        let refused = injector.apply(&fault, &clock_started(0.0)).await.expect_err("refused").to_string();
        assert!(refused.contains("this kind works where Doorbuster started it"), "{refused}");
    }
    let somebody = Stage::of(&[]).with(|_| household.target());
    let unknown = fault("kill_service", json!({"service": "warehouse"}));
    let refused = somebody.injector().apply(&unknown, &clock_started(0.0)).await;
    assert!(matches!(refused, Err(FaultError::Refused { .. })), "{refused:?}");
    assert!(household.id("currency").is_some_and(ProcessId::is_alive));
}

#[tokio::test]
async fn a_part_without_an_address_is_no_proof() {
    let injector = Stage::of(&[]).injector();
    for part in ["currency", "redis"] {
        assert!(
            matches!(injector.prove(&silent(part), &Default::default()).await, Err(FaultError::NoAddress { .. })),
            "{part}"
        );
    }
}
