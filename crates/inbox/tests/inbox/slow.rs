//! Requests that take long: because they come in slowly, or because the model is slow. The server sees both, and tells
//! them apart.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use telemetry::capture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{Inbox, mail, unix_in};

fn lasted(span: &capture::SpanData) -> Duration {
    span.end_time.duration_since(span.start_time).unwrap()
}

fn traced(trace: &str) -> String {
    format!("00-{trace}-00f067aa0ba902b7-01")
}

/// How long the server's span and the model's lasted.
fn spans(trace: &str) -> (Duration, Duration) {
    let all = capture::start().trace(trace);
    let of = |start: &str| lasted(all.iter().find(|span| span.name.starts_with(start)).expect(start));
    (of("POST /hackathon/classify"), of("chat "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_model_is_slow_for_the_traffic_that_it_is_meant_for() {
    capture::start();
    let inbox = Inbox::start().await;
    let fault = json!({
        "kind": "latency", "at": "upstream", "delay_ms": [1200, 1500], "traffic_type": "latency_injection",
        "path": "/hackathon/classify", "until_unix": unix_in(60.0),
    });
    let headers = [("content-type", "application/json")];
    let put = inbox.send(Method::PUT, "/admin/faults/slow", &headers, fault.to_string().into_bytes()).await;
    assert_eq!(put.status(), 200);
    let usual = Duration::from_millis(1200);
    let table = [
        ("1af92f3577b34da6a3ce929d0e0e4736", "latency_injection", true),
        ("1bf92f3577b34da6a3ce929d0e0e4736", "normal_traffic", false),
    ];
    for (trace, traffic_type, is_slow) in table {
        let (traceparent, baggage) = (traced(trace), format!("traffic.type={traffic_type}"));
        let headers = [("traceparent", traceparent.as_str()), ("baggage", baggage.as_str())];
        let (status, answer) = inbox.post("/hackathon/classify", &headers, &mail()).await;
        assert_eq!(status, 200, "{answer}");
        let (server, model) = spans(trace);
        assert_eq!((server >= usual, model >= usual), (is_slow, is_slow), "{traffic_type}: {server:?}, {model:?}");
        assert_eq!(answer["latency_ms"].as_f64().unwrap() >= 1200.0, is_slow, "{answer}");
    }
    let listed = inbox.get("/admin/faults").await.1;
    assert_eq!(listed["faults"][0]["hits"], json!(1), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_upload_is_slow_for_the_server_and_not_for_the_model() {
    capture::start();
    let inbox = Inbox::start().await;
    let trace = "1cf92f3577b34da6a3ce929d0e0e4736";
    let body = mail().to_string();
    let address = inbox.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /hackathon/classify HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ntraceparent: {}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        traced(trace),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let (first, second) = body.as_bytes().split_at(40);
    stream.write_all(first).await.unwrap();
    // The very thing that is measured: a sender who takes its time.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    stream.write_all(second).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert!(body["latency_ms"].as_f64().unwrap() < 1200.0, "{body}");
    let (server, model) = spans(trace);
    assert!(server >= Duration::from_millis(1500) && model < Duration::from_millis(1200), "{server:?}, {model:?}");
    let text = inbox.text("/metrics").await;
    let at_most = |ms: &str| format!("llm_latency_ms_bucket{{endpoint=\"/hackathon/classify\",le=\"{ms}\"}} ");
    assert!(text.contains(&(at_most("1500") + "0")) && text.contains(&(at_most("5000") + "1")), "{text}");
}
