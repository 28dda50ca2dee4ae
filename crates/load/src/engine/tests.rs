//! The open model against servers that are slow, stall, break, or never answer.

mod closed_trap;
mod every_arrival;
#[cfg(target_os = "linux")]
mod paused;
mod retried;
mod tampered;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use scenario::{Clock, Curve, LoadReport, Spacing};

use indexmap::IndexMap;

use super::{Limits, Plan, Run, RunState, unix_now};
use crate::catalogue;
use crate::record::{Outcome, Record, Report};
use crate::scripted::{Act, OK, Server, write};
use crate::target::{Destination, Target};

const DEADLINE: Duration = Duration::from_secs(20);

/// A run of one stream: `rate` arrivals a second for `seconds`, beginning in `begins_in` seconds.
struct Setup {
    rate: f64,
    seconds: f64,
    begins_in: f64,
    journey: &'static str,
    speed: f64,
    limits: Limits,
}

impl Default for Setup {
    fn default() -> Self {
        let limits = Limits::default();
        Self { rate: 100.0, seconds: 1.0, begins_in: 0.1, journey: "full_checkout", speed: 1.0, limits }
    }
}

impl Setup {
    fn start(self, server: &Server) -> Run {
        self.start_at(server.address)
    }

    fn start_at(self, server: SocketAddr) -> Run {
        let mut scenario = catalogue::read("black-friday").unwrap();
        scenario.minutes = self.seconds / 60.0 * self.speed;
        scenario.streams.retain(|stream| stream.name == "demo");
        let stream = &mut scenario.streams[0];
        stream.arrivals_per_minute = Curve::constant(self.rate * 60.0);
        stream.spacing = Spacing::Uniform;
        stream.journeys = [(self.journey.to_owned(), Curve::constant(1.0))].into_iter().collect();
        let clock = Clock { start_unix: unix_now() + self.begins_in, speed: self.speed };
        Run::start(Plan::of_scenario(&scenario, at(server), 7, clock, None, self.limits).unwrap()).unwrap()
    }

    async fn play(self, server: &Server) -> Run {
        let run = self.start(server);
        tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
        run
    }
}

/// Every service at one address.
fn at(address: SocketAddr) -> IndexMap<String, Destination> {
    let target = Target::parse(&format!("http://{address}")).unwrap();
    let destination = Destination::new(target, vec![address]).unwrap();
    ["frontend", "product-catalog"].map(|name| (name.to_owned(), destination.clone())).into_iter().collect()
}

fn drain(seconds: f64) -> Limits {
    Limits { drain: Duration::from_secs_f64(seconds), ..Limits::default() }
}

fn report(run: &Run) -> LoadReport {
    let record = run.record();
    let written = serde_json::to_string(&Report::new(&run.plan().identity(), &record, true, 0.0)).unwrap();
    serde_json::from_str(&written).unwrap()
}

/// The whole run's latencies as the verdict sees them.
fn latency_ms(run: &Run, q: f64) -> f64 {
    let report = report(run);
    let mut all = scenario::LatencyHistogram::default();
    for bucket in &report.streams[0].buckets {
        all.merge(&bucket.latency);
    }
    all.quantile_ms(q).unwrap()
}

fn assert_balanced(record: &Record) {
    assert_balanced_with(record, 0);
}

/// The counts agree with each other, in a run in which so many requests were sent again.
fn assert_balanced_with(record: &Record, retries: u64) {
    for stream in &record.streams {
        let buckets = |of: fn(&crate::record::TimeBucket) -> u64| stream.buckets.iter().map(of).sum::<u64>();
        assert_eq!(buckets(|b| b.due), stream.due);
        assert_eq!(buckets(|b| b.dropped), stream.dropped);
        assert_eq!(buckets(|b| b.completed), stream.completed);
        assert_eq!(buckets(|b| b.errors), stream.errors);
        assert_eq!(stream.due, stream.dropped + stream.completed, "every arrival ends exactly once");
        let journeys = |of: fn(&crate::record::TimeBucket) -> u64| {
            stream.journeys.iter().flat_map(|j| j.buckets.iter()).map(of).sum::<u64>()
        };
        let all: [fn(&crate::record::TimeBucket) -> u64; 5] =
            [|b| b.due, |b| b.completed, |b| b.errors, |b| b.requests, |b| b.request_errors];
        let is_by_journey = stream.buckets.length().is_by_journey;
        for of in all.iter().filter(|_| is_by_journey) {
            assert_eq!(journeys(*of), buckets(*of), "every arrival is on one journey");
        }
        assert_eq!(buckets(|b| b.requests), stream.completed + retries, "one request for each arrival and each retry");
    }
}

#[tokio::test]
async fn arrivals_keep_coming_when_the_server_is_ten_times_too_slow() {
    // One request at a time, 100 ms each: 10 a second, while 100 a second arrive.
    let began = Instant::now();
    let server = Server::start(move |seen| {
        let free = began + Duration::from_millis(100 * (seen.number as u64 + 1));
        vec![Act::Until(free), write(OK)]
    });
    let setup = Setup { seconds: 1.5, begins_in: 0.0, limits: drain(1.5), ..Setup::default() };
    let run = setup.play(&server).await;
    let record = run.record();
    assert_balanced(&record);
    let stream = &record.streams[0];
    assert!(stream.due + stream.skipped == 150 && stream.dropped == 0, "{stream:?}");
    // 15 a second were answered at the end of arrivals; the rest was under way.
    assert!(run.in_flight().1 > 100, "in flight at most: {}", run.in_flight().1);
    assert!((20..=32).contains(&stream.ended(Outcome::Status(200))), "{:?}", stream.outcomes().collect::<Vec<_>>());
    assert_eq!(stream.ended(Outcome::Failed("abandoned")) + stream.ended(Outcome::Status(200)), stream.completed);
    // Arrival k is due at k / 100 s and answered at k / 10 s: the 25th has waited 2.25 s. A closed model with one
    // connection would have said 100 ms.
    assert!(latency_ms(&run, 1.0) > 2_000.0, "{}", latency_ms(&run, 1.0));
    assert!(record.lag.percentiles().p50 < 20.0, "{:?}", record.lag.percentiles());
}

#[tokio::test]
async fn a_stall_is_seen_by_everybody_who_arrived_during_it() {
    // From 0.5 s to 1.0 s nothing is answered: a quarter of all arrivals waits, evenly from 0 to 500 ms.
    let origin = Instant::now() + Duration::from_millis(200);
    let (stall, end) = (origin + Duration::from_millis(500), origin + Duration::from_millis(1_000));
    let server = Server::start(move |seen| {
        let is_stalled = seen.at >= stall && seen.at < end;
        let wait = is_stalled.then_some(Act::Until(end));
        wait.into_iter().chain([write(OK)]).collect()
    });
    let begins_in = origin.saturating_duration_since(Instant::now()).as_secs_f64();
    let setup = Setup { rate: 200.0, seconds: 2.0, begins_in, ..Setup::default() };
    let run = setup.play(&server).await;
    assert_balanced(&run.record());
    for (q, truth) in [(0.80, 100.0), (0.90, 300.0), (0.95, 400.0), (0.99, 480.0)] {
        let seen = latency_ms(&run, q);
        assert!((seen - truth).abs() < 60.0, "p{}: {seen} instead of {truth}", q * 100.0);
    }
}

#[tokio::test]
async fn at_the_bound_arrivals_are_dropped_and_counted_and_the_schedule_goes_on() {
    let server = Server::start(|_| vec![Act::Hang]);
    let limits = Limits { max_in_flight: 20, ..drain(0.1) };
    let setup = Setup { limits, ..Setup::default() };
    let run = setup.play(&server).await;
    let record = run.record();
    assert_balanced(&record);
    let stream = &record.streams[0];
    assert_eq!((stream.due, stream.dropped, stream.completed, stream.errors), (100, 80, 20, 20));
    assert_eq!(run.in_flight(), (0, 20));
    let report = report(&run);
    assert_eq!((report.dropped, report.finished), (80, true));
}

#[tokio::test]
async fn a_run_that_is_joined_late_skips_what_was_due_before() {
    let server = Server::start(|_| vec![write(OK)]);
    let setup = Setup { seconds: 2.0, begins_in: -1.0, ..Setup::default() };
    let run = setup.play(&server).await;
    let record = run.record();
    assert_balanced(&record);
    let stream = &record.streams[0];
    assert_eq!(stream.due + stream.skipped, 200);
    assert!((90..=110).contains(&stream.skipped), "{}", stream.skipped);
    assert_eq!((stream.dropped, stream.errors), (0, 0));
    assert_eq!(server.seen().len() as u64, stream.due);
}

#[tokio::test]
async fn before_minute_zero_nothing_is_sent() {
    let server = Server::start(|_| vec![write(OK)]);
    let began = Instant::now();
    let setup = Setup { seconds: 0.2, begins_in: 0.4, ..Setup::default() };
    let run = setup.start(&server);
    assert_eq!(run.state(), RunState::Waiting);
    tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
    assert_eq!(run.state(), RunState::Finished);
    let seen = server.seen();
    assert_eq!(seen.len(), 20);
    assert!(seen[0].at - began >= Duration::from_millis(395), "{:?}", seen[0].at - began);
}

#[tokio::test]
async fn a_stopped_run_sends_nothing_more_and_waits_for_answers() {
    let server = Server::start(|_| vec![Act::Wait(Duration::from_millis(200)), write(OK)]);
    let setup = Setup { seconds: 60.0, ..Setup::default() };
    let run = setup.start(&server);
    let deadline = Instant::now() + DEADLINE;
    while server.seen().len() < 20 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run.stop();
    assert_eq!(run.state(), RunState::Stopping);
    run.stop();
    tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
    assert_eq!(run.state(), RunState::Stopped);
    let record = run.record();
    assert_balanced(&record);
    assert_eq!(record.streams[0].errors, 0, "{:?}", record.streams[0].outcomes().collect::<Vec<_>>());
    assert_eq!(record.streams[0].completed, server.seen().len() as u64);
    assert!(record.streams[0].due < 200);
}

#[tokio::test]
async fn workers_together_send_every_arrival_once() {
    let server = Server::start(|_| vec![write(OK)]);
    let limits = Limits { threads: 3, ..Limits::default() };
    let setup = Setup { rate: 300.0, begins_in: 0.3, limits, ..Setup::default() };
    let run = setup.play(&server).await;
    let record = run.record();
    assert_balanced(&record);
    assert_eq!((record.streams[0].due, record.streams[0].errors), (300, 0));
    let keys: HashSet<String> = server.seen().iter().map(|s| s.header("idempotency-key").unwrap().to_owned()).collect();
    assert_eq!(keys.len(), 300);
    let plan = run.plan();
    let expected = plan.traffic.schedule(plan.seed, plan.clock, 0, 1).map(|a| a.product_id());
    let mut expected: Vec<String> = expected.collect();
    let product = |body: &str| {
        serde_json::from_str::<serde_json::Value>(body).unwrap()["product_id"].as_str().unwrap().to_owned()
    };
    let mut sent: Vec<String> = server.seen().iter().map(|seen| product(&seen.body)).collect();
    expected.sort();
    sent.sort();
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_journey_goes_on_until_a_step_fails() {
    // The cart refuses every second visitor, and browsing breaks down for the third.
    let server = Server::start(|seen| {
        let is_cart = seen.head.starts_with("POST /api/cart ");
        match seen.body.contains("-0-2\"") {
            _ if is_cart && seen.body.contains("-0-1\"") => {
                vec![write("HTTP/1.1 422 No\r\ncontent-length: 0\r\n\r\n")]
            }
            true => vec![write("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n")],
            false => vec![write(OK)],
        }
    });
    let setup = Setup { rate: 40.0, seconds: 0.1, journey: "browse_and_cart", ..Setup::default() };
    let run = setup.play(&server).await;
    let record = run.record();
    assert_balanced(&record);
    let stream = &record.streams[0];
    assert_eq!((stream.completed, stream.errors), (4, 2));
    let statuses = [200, 422, 500].map(|status| stream.ended(Outcome::Status(status)));
    assert_eq!(statuses, [5, 1, 1]);
    let steps = &stream.journeys[0].steps;
    assert_eq!((steps[0].requests, steps[0].errors, steps[1].requests, steps[1].errors), (4, 1, 3, 1));
    assert!(server.seen().iter().all(|seen| seen.header("idempotency-key").is_none()));
}

#[tokio::test]
async fn failures_are_counted_by_kind() {
    let server = Server::start(|seen| match seen.number % 4 {
        0 => vec![Act::Close],
        1 => vec![write("nonsense\r\n\r\n"), Act::Close],
        2 => vec![Act::Hang],
        _ => vec![write("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")],
    });
    let limits = Limits { step_timeout: Duration::from_millis(150), ..Limits::default() };
    let setup = Setup { rate: 40.0, limits, ..Setup::default() };
    let run = setup.play(&server).await;
    let record = run.record();
    assert_balanced(&record);
    let stream = &record.streams[0];
    assert_eq!((stream.completed, stream.errors), (40, 40));
    assert_eq!(stream.ended(Outcome::Status(503)), 10);
    for kind in ["closed", "malformed", "timeout"] {
        assert_eq!(stream.ended(Outcome::Failed(kind)), 10, "{kind}");
    }
}

#[tokio::test]
async fn every_request_carries_its_trace_and_its_baggage() {
    let capture = telemetry::capture::start();
    let server = Server::start(|_| vec![write(OK)]);
    let setup = Setup { rate: 40.0, seconds: 0.5, journey: "browse_and_cart", ..Setup::default() };
    let run = setup.play(&server).await;
    let seen = server.seen();
    assert_eq!(seen.len(), 40);
    for request in &seen {
        let baggage = request.header("baggage").unwrap();
        for part in
            ["traffic.type=demo", "session.id=", "user.id=user-", &format!("scenario.run={}", run.plan().run_id)]
        {
            assert!(baggage.contains(part), "{part}: {baggage}");
        }
        let traceparent: Vec<&str> = request.header("traceparent").unwrap().split('-').collect();
        let spans = capture.trace(traceparent[1]);
        let call = spans.iter().find(|s| s.span_context.span_id().to_string() == traceparent[2]).unwrap();
        let root = spans.iter().find(|s| s.name == "user_journey.browse_and_cart").unwrap();
        assert_eq!(call.name, "POST");
        assert_eq!(call.span_kind, telemetry::span::Kind::Client);
        assert_eq!(call.parent_span_id, root.span_context.span_id());
        let attribute = |key| telemetry::capture::attribute(call, key);
        assert_eq!(attribute("traffic.type").as_deref(), Some("demo"));
        assert_eq!(attribute("http.response.status_code").as_deref(), Some("200"));
        let path = request.head.split(' ').nth(1).unwrap();
        assert_eq!(attribute("step.endpoint"), Some(format!("POST {path}")));
        let root_attribute = |key| telemetry::capture::attribute(root, key);
        assert_eq!(root_attribute("user.journey").as_deref(), Some("browse_and_cart"));
        assert_eq!(root_attribute("demo.phase").as_deref(), Some("ramp"));
        assert_eq!(spans.len(), 3);
    }
}

#[tokio::test]
async fn the_same_seed_makes_the_same_digest_and_another_does_not() {
    let digest = |seed| {
        let scenario = catalogue::read("black-friday").unwrap();
        let clock = Clock { start_unix: 1_000.0, speed: 10.0 };
        let nowhere = at("127.0.0.1:1".parse().unwrap());
        let plan = Plan::of_scenario(&scenario, nowhere, seed, clock, None, Limits::default()).unwrap();
        plan.identity().request_digest
    };
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
    assert_eq!(digest(1).len(), 64);
}

#[test]
fn a_visit_under_way_takes_little_room() {
    fn size_of_future<A, F: Future>(_: fn(A) -> F) -> usize {
        size_of::<F>()
    }
    // With its connection and buffers some 4 KiB; the state of hyper's client alone would be 3 KiB more.
    assert!(size_of_future(super::visit::visit) < 2_048, "{}", size_of_future(super::visit::visit));
}
