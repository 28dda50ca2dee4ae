//! Load tests of a server that plays along: what it is sent, and what is measured of its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use scenario::{LoadTest, LoadTestReport, StepMeasured};
use serde_json::{Value, json};

use super::{LoadTestOptions, LoadTestRun, start_load_test};
use crate::engine::RunState;
use crate::scripted::{Act, Seen, Server, write};

const DEADLINE: Duration = Duration::from_secs(20);

/// A test of one stream at `per_second` for `seconds` with one journey of `steps`, and whatever else `more` has.
fn test(server: &Server, per_second: f64, seconds: f64, steps: Value, more: Value) -> LoadTest {
    let mut file = json!({
        "name": "tried", "minutes": seconds / 60.0, "targets": {"it": format!("http://{}", server.address)},
        "streams": [{
            "name": "buyers", "tag": "demo", "arrivals_per_minute": per_second * 60.0, "spacing": "uniform",
            "journeys": {"buy": 1}, "headers": {"x-tenant": "gold"}, "baggage": {"tenant": "gold mine"},
        }],
        "journeys": {"buy": steps},
        "data": {"category": {"one_of": ["books", "toys"]}, "zip": {"one_of": ["10115", "01067"]}, "size": {"from": 1, "to": 9}, "customer": {"prefix": "c-", "from": 1, "to": 9, "digits": 3}},
    });
    let Value::Object(more) = more else { panic!("not a map") };
    file.as_object_mut().unwrap().extend(more);
    serde_json::from_value(file).unwrap()
}

async fn play(test: LoadTest, options: &LoadTestOptions) -> (LoadTestRun, LoadTestReport) {
    let run = start_load_test(test, options).await.unwrap();
    tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
    let report = run.report();
    (run, report)
}

fn answer(body: &str) -> Vec<Act> {
    vec![write(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))]
}

fn path(seen: &Seen) -> &str {
    seen.head.split(' ').nth(1).unwrap()
}

fn steps(report: &LoadTestReport) -> &[StepMeasured] {
    &report.streams[0].journeys[0].steps
}

#[tokio::test]
async fn a_visit_carries_what_it_learned_and_who_it_is_through_all_its_steps() {
    let server = Server::start(|seen| match path(seen) {
        "/api/new" => answer(&format!(r#"{{"order":{{"id":"o {}","n":{}}}}}"#, seen.number, seen.number)),
        _ => answer(r#"{"ok":true}"#),
    });
    let steps_of = json!([
        {"method": "POST", "path": "/new", "json": {"who": "${customer}", "what": "${category}", "index": "${arrival_index}",
                                                    "zip": "${zip}", "size": "${size}"},
         "extract": {"order": "/order/id", "n": "/order/n"}},
        {"path": "/orders/${order}?session=${session_id}", "headers": {"x-order": "${order}", "x-tenant": "silver"},
         "success": {"status": [200, 200], "json": {"/ok": true}}},
        {"method": "PUT", "path": "/pay", "json": {"order": "${order}", "n": "${n}", "text": "no ${n}"}},
    ]);
    let mut test = test(&server, 40.0, 0.5, steps_of, json!({}));
    test.targets[0].url.push_str("/api/");
    let (_, report) = play(test, &LoadTestOptions::default()).await;
    let stream = &report.streams[0];
    assert_eq!((stream.due, stream.completed, stream.errors), (20, 20, 0));
    assert_eq!(steps(&report).iter().map(|step| step.requests).collect::<Vec<_>>(), [20, 20, 20]);
    let labels: Vec<&str> = steps(&report).iter().map(|step| step.step.as_str()).collect();
    assert_eq!(labels, ["POST /new", "GET /orders/${order}", "PUT /pay"]);

    let seen = server.seen();
    let mut visits: BTreeMap<String, Vec<&Seen>> = BTreeMap::new();
    for request in &seen {
        let trace = request.header("traceparent").unwrap()[3..35].to_owned();
        visits.entry(trace).or_default().push(request);
    }
    assert_eq!(visits.len(), 20, "one trace for each visit");
    for (trace, requests) in &visits {
        let [new, get, pay] = requests.as_slice() else { panic!("{trace}: {} requests", requests.len()) };
        let spans: BTreeSet<&str> = requests.iter().map(|r| &r.header("traceparent").unwrap()[36..52]).collect();
        assert_eq!(spans.len(), 3, "a span for each request");
        let sent: Value = serde_json::from_str(&new.body).unwrap();
        let index = sent["index"].as_u64().expect("a number stays a number");
        assert!(
            sent["zip"].is_string() && sent["size"].is_u64(),
            "texts of digits stay texts, numbers numbers: {sent}"
        );
        assert!(sent["who"].as_str().unwrap().starts_with("c-00"), "{sent}");
        assert_eq!(new.header("tracestate"), Some(format!("doorbuster={index}").as_str()));
        let baggage = new.header("baggage").unwrap();
        assert!(baggage.starts_with("traffic.type=demo,session.id="), "{baggage}");
        assert!(baggage.contains(",user.id=user-") && baggage.ends_with(",tenant=gold%20mine"), "{baggage}");
        assert_eq!(get.header("baggage"), Some(baggage), "the same for all steps");
        let session = baggage.split(['=', ',']).nth(3).unwrap();
        assert_eq!(path(get), format!("/api/orders/o%20{}?session={session}", new.number));
        assert_eq!(get.header("x-order"), Some(format!("o {}", new.number).as_str()));
        let tenants = [new.header("x-tenant"), get.header("x-tenant")];
        assert_eq!(tenants, [Some("gold"), Some("silver")], "the step's own header goes before the stream's");
        let paid: Value = serde_json::from_str(&pay.body).unwrap();
        let n = new.number;
        assert_eq!(paid, json!({"order": format!("o {n}"), "n": n, "text": format!("no {n}")}));
        assert_eq!(pay.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn the_same_seed_sends_the_same_and_another_does_not() {
    let server = Server::start(|_| answer("{}"));
    let mut sent = Vec::new();
    for seed in [1, 1, 2] {
        let before = server.seen().len();
        let steps = json!([{"path": "/${category}/${customer}/${user_id}/${product_id}"}]);
        let options = LoadTestOptions { seed, ..LoadTestOptions::default() };
        let (_, report) = play(test(&server, 100.0, 0.2, steps, json!({})), &options).await;
        let paths: BTreeSet<String> = server.seen()[before..].iter().map(|seen| path(seen).to_owned()).collect();
        let traces: BTreeSet<String> =
            server.seen()[before..].iter().map(|seen| seen.header("traceparent").unwrap().to_owned()).collect();
        sent.push((report.request_digest, paths, traces));
    }
    assert_eq!((&sent[0].0, &sent[0].1), (&sent[1].0, &sent[1].1));
    assert!(sent[0].0 != sent[2].0 && sent[0].1 != sent[2].1);
    assert!(sent[0].2.is_disjoint(&sent[1].2), "no two runs share a trace");
}

#[tokio::test]
async fn workers_and_their_threads_share_one_schedule() {
    let server = Server::start(|_| answer("{}"));
    let mut reports = Vec::new();
    for worker in 0..3 {
        let steps = json!([{"path": "/${arrival_index}"}]);
        let options = LoadTestOptions { worker, workers: 3, threads: 2, ..LoadTestOptions::default() };
        reports.push(play(test(&server, 300.0, 0.2, steps, json!({})), &options).await.1);
    }
    let mut indexes: Vec<u64> = server.seen().iter().map(|seen| path(seen)[1..].parse().unwrap()).collect();
    for (worker, report) in reports.iter().enumerate() {
        assert_eq!((report.shares.as_slice(), report.workers), (&[worker as u64][..], 3));
        assert_eq!(report.request_digest, reports[0].request_digest);
        assert_eq!(report.streams[0].due, 20);
    }
    assert!(indexes[..20].iter().all(|index| index % 3 == 0), "worker 0 owns every third");
    indexes.sort_unstable();
    assert_eq!(indexes, (0..60).collect::<Vec<_>>(), "nobody's twice, nobody's not at all");
}

#[tokio::test]
async fn answers_are_judged_by_their_steps_rule_and_a_failed_step_ends_its_visit() {
    let server = Server::start(|seen| match seen.number % 4 {
        0 => answer(r#"{"status":"success","id":7}"#),
        1 => answer(r#"{"status":"failed","id":7}"#),
        2 => answer(r#"{"status":"success"}"#),
        _ => vec![write("HTTP/1.1 404 Gone\r\ncontent-length: 0\r\n\r\n")],
    });
    let rule = json!({"status": [200, 299], "json": {"/status": "success"}});
    let steps_of = json!([{"path": "/", "success": rule, "extract": {"id": "/id"}}]);
    let (_, report) = play(test(&server, 40.0, 1.0, steps_of, json!({})), &LoadTestOptions::default()).await;
    let step = &steps(&report)[0];
    assert_eq!((step.requests, step.errors), (40, 30));
    let outcomes: BTreeMap<&str, (bool, u64)> =
        step.outcomes.iter().map(|(kind, o)| (kind.as_str(), (o.is_error, o.latency.count()))).collect();
    let expected =
        [("200", (false, 10)), ("404", (true, 10)), ("extraction", (true, 10)), ("unexpected_body", (true, 10))];
    assert_eq!(outcomes, BTreeMap::from(expected));
    assert_eq!(step.latency.count(), 40);

    let expects_404 = json!([{"path": "/", "success": {"status": [404, 404]}}]);
    let gone = Server::start(|_| vec![write("HTTP/1.1 404 Gone\r\ncontent-length: 0\r\n\r\n")]);
    let (_, report) = play(test(&gone, 40.0, 0.2, expects_404, json!({})), &LoadTestOptions::default()).await;
    assert_eq!(report.streams[0].errors, 0, "a rule may want what others call an error");
}

#[tokio::test]
async fn think_times_pass_between_steps_and_are_nobodys_latency_but_the_visits() {
    let server = Server::start(|_| answer("{}"));
    let steps_of = json!([{"path": "/a"}, {"path": "/b", "think_ms": [150, 250]}]);
    let (_, report) = play(test(&server, 20.0, 0.5, steps_of, json!({})), &LoadTestOptions::default()).await;
    let p50 = |histogram: &scenario::LatencyHistogram| histogram.quantile_ms(0.5).unwrap();
    assert!(p50(&steps(&report)[1].latency) < 100.0);
    let visit = &report.streams[0].latency;
    assert!((150.0..350.0).contains(&p50(visit)), "{}", p50(visit));
    let mut gaps = Vec::new();
    let seen = server.seen();
    for first in seen.iter().filter(|seen| path(seen) == "/a") {
        let trace = &first.header("traceparent").unwrap()[..35];
        let second = seen.iter().find(|s| path(s) == "/b" && s.header("traceparent").unwrap().starts_with(trace));
        gaps.push(second.unwrap().at - first.at);
    }
    assert!(gaps.iter().all(|gap| *gap >= Duration::from_millis(150)), "{gaps:?}");
    assert!(gaps.iter().any(|gap| gap.abs_diff(gaps[0]) > Duration::from_millis(5)), "drawn, not fixed: {gaps:?}");
}

#[tokio::test]
async fn the_closed_model_keeps_its_visitors_busy_and_no_more() {
    let server = Server::start(|_| [vec![Act::Wait(Duration::from_millis(20))], answer("{}")].concat());
    let options = LoadTestOptions { closed: Some(4), ..LoadTestOptions::default() };
    let (run, report) = play(test(&server, 1.0, 0.6, json!([{"path": "/"}]), json!({})), &options).await;
    let requests = steps(&report)[0].requests;
    assert_eq!(run.progress().state, RunState::Finished);
    assert_eq!(report.model, "closed");
    assert_eq!(report.most_in_flight, 4);
    assert!((20..=124).contains(&requests), "4 at a time for 0.6 s at 20 ms each, not 1 a second: {requests}");
    assert_eq!(report.streams[0].due, report.streams[0].completed);
}

#[tokio::test]
async fn what_a_stopped_test_has_measured_is_reported() {
    let server = Server::start(|_| answer("{}"));
    let test = test(&server, 100.0, 60.0, json!([{"path": "/"}]), json!({}));
    let run = start_load_test(test, &LoadTestOptions::default()).await.unwrap();
    let deadline = Instant::now() + DEADLINE;
    while run.progress().completed < 30 {
        assert!(Instant::now() < deadline, "{:?}", run.progress());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let progress = run.progress();
    assert_eq!((progress.state, progress.errors, progress.dropped), (RunState::Running, 0, 0));
    assert!((progress.streams[0].target_per_second - 100.0).abs() < 1e-6 && progress.streams[0].p50_ms > 0.0);
    run.stop();
    tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
    let report = run.report();
    assert!(!report.finished && report.streams[0].completed >= 30);
    let seconds: u64 = report.streams[0].seconds.iter().map(|second| second.completed).sum();
    assert_eq!(seconds, report.streams[0].completed);
    assert_eq!(run.report(), report, "nothing changes after its end");
}

#[tokio::test]
async fn a_visit_that_is_given_up_while_it_thinks_has_failed() {
    let server = Server::start(|_| answer("{}"));
    let steps_of = json!([{"path": "/a"}, {"path": "/b", "think_ms": 60_000}]);
    let run =
        start_load_test(test(&server, 20.0, 0.5, steps_of, json!({})), &LoadTestOptions::default()).await.unwrap();
    let deadline = Instant::now() + DEADLINE;
    while server.seen().len() < 10 {
        assert!(Instant::now() < deadline, "{:?}", run.progress());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run.abandon();
    tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
    let report = run.report();
    assert_eq!((report.streams[0].completed, report.streams[0].errors), (10, 10));
    assert_eq!((steps(&report)[0].errors, steps(&report)[1].requests), (0, 0));
}

#[tokio::test]
async fn the_last_visit_has_time_for_its_whole_journey() {
    let server = Server::start(|_| answer("{}"));
    let slow = json!([
        {"path": "/a", "timeout_ms": 100, "think_ms": 900}, {"path": "/b", "timeout_ms": 100, "think_ms": 900},
        {"path": "/c", "timeout_ms": 100, "think_ms": 900},
    ]);
    let (_, report) = play(test(&server, 20.0, 0.2, slow, json!({})), &LoadTestOptions::default()).await;
    assert_eq!((report.streams[0].completed, report.streams[0].errors), (4, 0));
    let first = &steps(&report)[0].latency;
    assert!(first.quantile_ms(0.99).unwrap() < 500.0, "a pause before the first step is not the step's latency");
}
