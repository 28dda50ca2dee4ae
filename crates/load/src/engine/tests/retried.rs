//! Visitors who try again.

use std::collections::HashMap;
use std::sync::Mutex;

use super::*;
use crate::engine::RetryPolicy;
use crate::record::TimeBucket;
use crate::scripted::Seen;

const BUSY: &str = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";

/// Twenty arrivals a second for half a second, which begin when there has been time to change their patience.
fn ten_arrivals() -> Setup {
    Setup { rate: 20.0, seconds: 0.5, begins_in: 0.3, ..Setup::default() }
}

fn policy(retries: u32, backoff_ms: u64) -> RetryPolicy {
    RetryPolicy { retries, backoff: Duration::from_millis(backoff_ms), until_unix: unix_now() + 600.0 }
}

impl Setup {
    async fn play_with(self, server: &Server, policy: RetryPolicy) -> Run {
        let run = self.start(server);
        run.retries().set(0, Some(policy));
        assert!(server.seen().is_empty(), "too late for the first arrival");
        tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
        run
    }
}

/// A server that answers each step of a visitor with 503 the first `times`, if `is_it` holds for it, and then well.
fn busy_at_first(times: usize, is_it: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Server {
    let asked: Mutex<HashMap<String, usize>> = Mutex::default();
    Server::start(move |seen| {
        if !is_it(seen) {
            return vec![write(OK)];
        }
        let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
        let mut asked = asked.lock().unwrap();
        let path = seen.head.split(' ').nth(1).unwrap();
        let before = asked.entry(format!("{path} {}", body["cart_id"])).or_default();
        *before += 1;
        vec![write(if *before <= times { BUSY } else { OK })]
    })
}

fn sum(record: &Record, of: fn(&TimeBucket) -> u64) -> u64 {
    record.streams[0].buckets.iter().map(of).sum()
}

#[tokio::test]
async fn a_failed_request_is_sent_again_and_its_arrival_succeeds() {
    let capture = telemetry::capture::start();
    let server = busy_at_first(2, |_| true);
    let run = ten_arrivals().play_with(&server, policy(3, 0)).await;
    let record = run.record();
    assert_balanced_with(&record, 20);
    let stream = &record.streams[0];
    assert_eq!((stream.completed, stream.errors, run.retries().of(0).sent), (10, 0, 20));
    assert_eq!((sum(&record, |b| b.requests), sum(&record, |b| b.request_errors)), (30, 20));
    assert_eq!((stream.ended(Outcome::Status(503)), stream.ended(Outcome::Status(200))), (20, 10));

    let mut by_key: HashMap<String, Vec<Seen>> = HashMap::new();
    for seen in server.seen() {
        by_key.entry(seen.header("idempotency-key").unwrap().to_owned()).or_default().push(seen);
    }
    assert_eq!(by_key.len(), 10, "a request that is sent again is the same order");
    for attempts in by_key.values() {
        let parts: Vec<Vec<&str>> =
            attempts.iter().map(|seen| seen.header("traceparent").unwrap().split('-').collect()).collect();
        assert!(parts.iter().all(|part| part[1] == parts[0][1]), "one trace");
        let spans = capture.trace(parts[0][1]);
        assert_eq!(spans.len(), 4, "the visit and its three requests");
        for (number, part) in parts.iter().enumerate() {
            let span = spans.iter().find(|s| s.span_context.span_id().to_string() == part[2]).unwrap();
            let count = telemetry::capture::attribute(span, "http.request.resend_count");
            assert_eq!(count, (number > 0).then(|| number.to_string()));
        }
    }
}

#[tokio::test]
async fn after_the_last_time_the_arrival_has_failed_once_and_waited_all_along() {
    let server = Server::start(|_| vec![write(BUSY)]);
    let run = ten_arrivals().play_with(&server, policy(2, 100)).await;
    let record = run.record();
    assert_balanced_with(&record, 20);
    let stream = &record.streams[0];
    assert_eq!((stream.completed, stream.errors, server.seen().len()), (10, 10, 30));
    assert_eq!((sum(&record, |b| b.requests), sum(&record, |b| b.request_errors)), (30, 30));
    assert!(latency_ms(&run, 0.01) >= 200.0, "from the intended start to the final answer: {}", latency_ms(&run, 0.01));
    assert!(stream.journeys[0].steps[0].latency().percentiles().p50 < 100.0, "a request alone is quick");
}

#[tokio::test]
async fn the_step_that_failed_is_sent_again_and_the_journey_goes_on() {
    let server = busy_at_first(1, |seen| seen.head.starts_with("POST /api/cart "));
    let setup = Setup { journey: "browse_and_cart", ..ten_arrivals() };
    let run = setup.play_with(&server, policy(1, 0)).await;
    let record = run.record();
    assert_balanced_with(&record, 10);
    let stream = &record.streams[0];
    assert_eq!((stream.completed, stream.errors), (10, 0));
    let steps = &stream.journeys[0].steps;
    assert_eq!((steps[0].requests, steps[0].errors, steps[1].requests, steps[1].errors), (10, 0, 20, 10));
    // One request for each arrival, though its journey has two steps, and one for each retry.
    assert_eq!((sum(&record, |b| b.requests), sum(&record, |b| b.request_errors)), (20, 10));
}

#[tokio::test]
async fn a_visit_that_stumbles_at_each_step_is_one_request_and_its_retries() {
    let server = busy_at_first(1, |_| true);
    let setup = Setup { journey: "browse_and_cart", ..ten_arrivals() };
    let run = setup.play_with(&server, policy(1, 0)).await;
    let record = run.record();
    assert_balanced_with(&record, 20);
    assert_eq!((record.streams[0].errors, server.seen().len()), (0, 40));
    assert_eq!((sum(&record, |b| b.requests), sum(&record, |b| b.request_errors)), (30, 10));
}

#[tokio::test]
async fn retries_count_when_they_are_sent_and_arrivals_when_they_were_due() {
    // A second is a minute: the arrivals lie in the first quarter, their retries half a minute later.
    let server = busy_at_first(1, |_| true);
    let setup = Setup { rate: 100.0, seconds: 0.2, speed: 60.0, begins_in: 0.3, ..Setup::default() };
    let run = setup.play_with(&server, policy(1, 500)).await;
    let record = run.record();
    assert_balanced_with(&record, 20);
    let first = record.streams[0].buckets.between(0.0, 0.25);
    assert_eq!((first.due, first.completed, first.errors), (20, 20, 0));
    assert_eq!((first.requests, first.request_errors), (20, 20));
    let second = record.streams[0].buckets.between(0.25, 0.5);
    assert_eq!((second.due, second.requests), (0, 0));
    let later = record.streams[0].buckets.between(0.5, 60.0);
    assert_eq!((later.due, later.completed, later.requests, later.request_errors), (0, 0, 20, 0));
    let report = report(&run);
    assert_eq!(report.streams[0].journeys["full_checkout"].len(), report.streams[0].buckets.len());
    assert_eq!(report.streams[0].buckets.iter().map(|b| b.requests).sum::<u64>(), 40);
}

#[tokio::test]
async fn who_waits_to_try_again_is_under_way() {
    let server = Server::start(|_| vec![write(BUSY)]);
    let limits = Limits { max_in_flight: 3, ..drain(0.1) };
    let run = Setup { limits, ..ten_arrivals() }.play_with(&server, policy(1, 60_000)).await;
    let record = run.record();
    assert_balanced(&record);
    let stream = &record.streams[0];
    assert_eq!((stream.due, stream.dropped, stream.completed, stream.errors), (10, 7, 3, 3));
    assert_eq!((run.in_flight(), run.retries().of(0).sent), ((0, 3), 0));
}

#[tokio::test]
async fn in_a_stopped_run_nobody_tries_again() {
    let server = Server::start(|_| vec![Act::Wait(Duration::from_millis(20)), write(BUSY)]);
    let run = Setup { seconds: 60.0, ..Setup::default() }.start(&server);
    run.retries().set(0, Some(policy(10, 20)));
    let deadline = Instant::now() + DEADLINE;
    while run.retries().of(0).sent < 20 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run.stop();
    let stopped = Instant::now();
    tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
    // Ten more times would take 400 ms.
    assert!(stopped.elapsed() < Duration::from_millis(300), "{:?}", stopped.elapsed());
    let (record, sent) = (run.record(), run.retries().of(0).sent);
    assert_balanced_with(&record, sent);
    assert_eq!(record.streams[0].errors, record.streams[0].completed);
}
