//! `doorbuster traffic` as scripts see it, against a real server.

use std::collections::BTreeSet;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::classifier::{Classifier, Mail};
use crate::load::Folder;
use crate::{doorbuster, err, out};

/// Far more than anything here takes.
const DEADLINE: Duration = Duration::from_secs(30);

fn traffic(classifier: &Classifier, arguments: &[&str]) -> Output {
    let url = classifier.url();
    doorbuster(&[&["traffic", "--url", &url], arguments].concat())
}

/// The summary of a run that exits so.
fn summary(output: &Output, exit: i32) -> Value {
    assert_eq!(output.status.code(), Some(exit), "{}{}", err(output), out(output));
    serde_json::from_str(&out(output)).unwrap_or_else(|error| panic!("{error} in {}", out(output)))
}

fn all_of(classifier: &Classifier, header: &str, stream: &str) -> Vec<Mail> {
    let mails = classifier.notes().mails.clone();
    for mail in &mails {
        assert_eq!(mail.traffic_type, header);
        assert!(mail.baggage.contains(&format!("traffic.type={stream},")), "{}", mail.baggage);
    }
    mails
}

#[test]
fn normal_traffic_is_whole_mails_at_the_rate_that_was_asked_for() {
    let classifier = Classifier::start(false, None);
    let run = traffic(&classifier, &["--rate", "20", "--duration", "2", "--json"]);
    let summary = summary(&run, 0);
    let mode = &summary["modes"][0];
    assert_eq!((&summary["outcome"], &mode["mode"]), (&json!("as_asked"), &json!("normal_traffic")));
    assert_eq!((&mode["requests"], &mode["success_rate"]), (&json!(40), &json!(1.0)));
    assert_eq!((&mode["statuses"], &mode["errors"]), (&json!({"200": 40}), &json!({})));
    assert_eq!((&mode["asked_per_second"], &mode["achieved_per_second"]), (&json!(20.0), &json!(20.0)));
    assert!(mode["latency_ms"]["p99"].as_f64() >= mode["latency_ms"]["p50"].as_f64(), "{mode}");
    assert!(err(&run).contains("of 2 s  ") && err(&run).contains(" in flight; p50 "), "{}", err(&run));
    assert!(!err(&run).contains('\r') && !err(&run).contains('\u{1b}'), "no terminal, no tricks");
    let built_in: Vec<Value> = serde_json::from_str(scenario::INBOX_MAILS).expect("JSON");
    let mails = all_of(&classifier, "HACKATHON_TRAFFIC", "normal_traffic");
    let sent: Vec<Value> = mails.iter().map(|mail| serde_json::from_str(&mail.body).expect("JSON")).collect();
    assert!(sent.iter().all(|mail| built_in.contains(mail)), "subject and text stay together");
    assert!(sent.iter().any(|mail| *mail != sent[0]), "not the same one again and again");
}

#[test]
fn half_of_error_injection_is_malformed_in_five_ways_and_that_is_as_asked() {
    let classifier = Classifier::start(false, None);
    let run = traffic(&classifier, &["--mode", "error_injection", "--rate", "60", "--duration", "2", "--json"]);
    let summary = summary(&run, 0);
    let mode = &summary["modes"][0];
    let mails = all_of(&classifier, "HACKATHON_TRAFFIC_ERROR", "error_injection");
    let refused = mails.iter().filter(|mail| mail.status >= 400).count() as u64;
    assert!((40..=80).contains(&refused), "{refused} of 120");
    assert_eq!(mode["statuses"]["200"], 120 - refused);
    assert_eq!(mode["well_formed_success_rate"], 1.0);
    let expected = [("missing_field", "422"), ("wrong_type", "422"), ("broken_json", "400"), ("empty", "400")];
    let ways = mode["changed"].as_array().expect("a list");
    assert_eq!(ways.len(), 5);
    for (way, status) in expected.into_iter().chain([("oversized", "413")]) {
        let found = ways.iter().find(|changed| changed["way"] == way).expect(way);
        assert!(found["sent"].as_u64() > Some(0), "{found}");
        assert_eq!(found["outcomes"], json!({status: found["sent"]}), "{way}");
    }
    let sent: u64 = ways.iter().filter_map(|way| way["sent"].as_u64()).sum();
    assert_eq!(sent, refused);
}

#[test]
fn token_bloat_lengthens_every_mail_and_several_modes_go_at_once() {
    let classifier = Classifier::start(false, None);
    let modes = ["--mode", "token_bloat", "--mode", "normal_traffic", "--rate", "10", "--duration", "2"];
    let run = traffic(&classifier, &modes);
    assert_eq!(run.status.code(), Some(0), "{}{}", err(&run), out(&run));
    for part in ["token_bloat", "normal_traffic", "20 (10.0/s of 10.0/s asked), 100.0 % succeeded", "bloat", "as asked"]
    {
        assert!(out(&run).contains(part), "{part:?} is missing in\n{}", out(&run));
    }
    let mails = classifier.notes().mails.clone();
    let of = |header: &str| mails.iter().filter(|mail| mail.traffic_type == header).collect::<Vec<_>>();
    assert_eq!((of("HACKATHON_TRAFFIC").len(), of("HACKATHON_TRAFFIC_BLOAT").len()), (20, 20));
    for mail in of("HACKATHON_TRAFFIC_BLOAT") {
        let json: Value = serde_json::from_str(&mail.body).expect("JSON");
        let length = json["snippet"].as_str().expect("a text").chars().count();
        assert!((20_000..=30_000).contains(&length), "{length}");
    }
    assert!(of("HACKATHON_TRAFFIC").iter().all(|mail| mail.body.len() < 2_000));
}

#[test]
fn latency_injection_uploads_slowly_and_makes_the_service_wait_for_as_long_as_it_runs() {
    let classifier = Classifier::start(true, None);
    let run = traffic(&classifier, &["--mode", "latency_injection", "--rate", "25", "--duration", "2", "--json"]);
    let summary = summary(&run, 0);
    let mails = all_of(&classifier, "HACKATHON_TRAFFIC_LATENCY", "latency_injection");
    let slow = mails.iter().filter(|mail| mail.took >= Duration::from_millis(1_800)).count() as u64;
    // 16.3 % of 50; drawn from the seed, so always the same ones.
    assert!((2..=16).contains(&slow), "{slow} of 50");
    let uploads = &summary["modes"][0]["changed"][0];
    assert_eq!((&uploads["way"], uploads["sent"].as_u64()), (&json!("slow"), Some(slow)), "both sides agree");
    let p50 = uploads["latency_ms"]["p50"].as_f64().expect("a number");
    assert!(p50 >= 2_000.0, "{p50}");
    assert_eq!(summary["modes"][0]["two_seconds_or_longer"].as_u64(), Some(slow));
    let notes = classifier.notes();
    let [order] = &notes.ordered[..] else { panic!("one order: {:?}", notes.ordered) };
    let fields = json!({"kind": "latency", "at": "upstream", "delay_ms": [2000, 5000], "share": order["share"],
        "traffic_type": "latency_injection", "path": "/hackathon/classify", "until_unix": order["until_unix"]});
    assert_eq!(order, &fields);
    let share = order["share"].as_f64().expect("a number");
    assert!((1.0 - (1.0 - share).powi(2) - 0.3).abs() < 1e-9, "{share}");
    assert!(notes.faults.is_empty(), "it was taken out");
    assert_eq!(summary["waited_inside"]["requests"], 50, "what the service says");
    assert_eq!(summary["notes"], json!([]));
}

#[test]
fn where_the_service_takes_no_faults_all_slow_requests_upload_slowly_and_that_is_said() {
    let classifier = Classifier::start(false, None);
    let run = traffic(&classifier, &["--mode", "latency_injection", "--rate", "25", "--duration", "2"]);
    assert_eq!(run.status.code(), Some(0), "{}{}", err(&run), out(&run));
    assert!(out(&run).contains("no wait inside the service: it has no faults to be put in (404)"), "{}", out(&run));
    let mails = classifier.notes().mails.clone();
    let slow = mails.iter().filter(|mail| mail.took >= Duration::from_millis(1_800)).count();
    assert!((7..=24).contains(&slow), "30 % of 50: {slow}");
}

#[test]
fn ctrl_c_ends_at_once_with_the_summary_so_far_and_takes_the_fault_out() {
    let classifier = Classifier::start(true, None);
    let child = Command::new(env!("CARGO_BIN_EXE_doorbuster"))
        .args([
            "traffic",
            "--url",
            &classifier.url(),
            "--mode",
            "latency_injection",
            "--rate",
            "20",
            "--duration",
            "20m",
        ])
        .arg("--json")
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let deadline = Instant::now() + DEADLINE;
    while classifier.notes().mails.len() < 20 {
        assert!(Instant::now() < deadline, "nothing is sent");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(classifier.notes().faults.len(), 1);
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    let output = child.wait_with_output().expect("it ends");
    assert!(Instant::now() < deadline, "at once");
    let summary = summary(&output, 130);
    assert_eq!((&summary["interrupted"], &summary["outcome"]), (&json!(true), &json!("interrupted")));
    let mode = &summary["modes"][0];
    assert!(mode["requests"].as_u64() >= Some(19) && mode["errors"] == json!({}), "{mode}");
    assert!(classifier.notes().faults.is_empty(), "it was taken out");
}

#[test]
fn a_service_that_is_not_there_is_said_at_once_with_what_starts_it() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let began = Instant::now();
    let run = doorbuster(&["traffic", "--url", &format!("http://{free}"), "--duration", "20m"]);
    assert_eq!(run.status.code(), Some(3), "{}{}", err(&run), out(&run));
    assert!(began.elapsed() < DEADLINE, "not after its duration");
    for part in
        ["Connection refused", "is it running? `doorbuster serve inbox`", &format!("GET http://{free}/health/live")]
    {
        assert!(err(&run).contains(part), "{part:?} is missing in {}", err(&run));
    }
}

#[test]
fn normal_traffic_that_fails_is_a_failure() {
    let classifier = Classifier::start(false, Some(503));
    let run = traffic(&classifier, &["--rate", "20", "--duration", "1"]);
    assert_eq!(run.status.code(), Some(1), "{}{}", err(&run), out(&run));
    for part in ["503 × 20", "FAIL: not one request succeeded", "0.0 % of normal_traffic succeeded, under 90 %"] {
        assert!(out(&run).contains(part), "{part:?} is missing in\n{}", out(&run));
    }
}

#[test]
fn every_request_has_a_line_with_its_trace_where_that_is_asked_for() {
    let classifier = Classifier::start(false, None);
    let arguments = ["--mode", "error_injection", "--rate", "20", "--duration", "1", "--verbose", "--json"];
    let run = traffic(&classifier, &arguments);
    summary(&run, 0);
    let said = err(&run);
    let lines: Vec<&str> = said.lines().filter(|line| line.contains(" error_injection #")).collect();
    assert_eq!(lines.len(), 20, "{said}");
    let traces: BTreeSet<&str> =
        lines.iter().filter_map(|line| line.split("trace ").nth(1)).filter_map(|rest| rest.get(..32)).collect();
    assert_eq!(traces.len(), 20, "{said}");
    assert!(lines.iter().any(|line| line.contains(" 422 after ")), "{said}");
}

#[test]
fn mails_of_a_file_are_sent_and_its_mistakes_are_named_with_their_place() {
    let folder = Folder::new();
    let classifier = Classifier::start(false, None);
    let mails = folder.write("mails.jsonl", "{\"subject\": \"one\", \"snippet\": \"the text of one\"}\n{\"subject\": \"two\", \"snippet\": \"the text of two\"}\n");
    let run = traffic(&classifier, &["--samples", &mails, "--rate", "20", "--duration", "1"]);
    assert_eq!(run.status.code(), Some(0), "{}{}", err(&run), out(&run));
    let sent: BTreeSet<String> = classifier.notes().mails.iter().map(|mail| mail.body.clone()).collect();
    let expected = ["one", "two"].map(|name| format!("{{\"subject\":\"{name}\",\"snippet\":\"the text of {name}\"}}"));
    assert_eq!(sent, expected.into_iter().collect());
    let wrong = folder.write("wrong.json", "[{\"subject\": \"a\", \"snippet\": \"b\"}, {\"subject\": 3}]");
    let table: &[(&[&str], &str)] = &[
        (&["--samples", &wrong], "entry 2: subject is no text: write it in quotes; entry 2: snippet is missing"),
        (&["--samples", "/nonexistent"], "/nonexistent"),
        (&["--url", "http://inbox.test"], "--allow-target inbox.test"),
        (&["--url", "nonsense"], "give a URL such as"),
        (&["--mode", "odd"], "token_bloat"),
        (&["--mode", "token_bloat", "--mode", "token_bloat"], "is given twice"),
        (&["--rate", "0"], "over 0 and up to 1000"),
        (&["--duration", "soon"], "such as 5m"),
    ];
    for (arguments, said) in table {
        let run = doorbuster(&[&["traffic"], *arguments].concat());
        assert_eq!(run.status.code(), Some(2), "{arguments:?}: {}", err(&run));
        assert!(err(&run).contains(said), "{arguments:?} should say {said}: {}", err(&run));
    }
}
