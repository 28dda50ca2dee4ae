//! A whole process: set-up from the environment, one trace, and the end. `init` works once per process, so each test
//! runs this test binary again with [`the_process_itself`] as its only test.

use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use serde_json::Value;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use telemetry::context::{FutureExt, Origin};
use telemetry::span::{Kind, Span};

/// Set in the inner process only.
const MARK: &str = "TELEMETRY_TEST_PROCESS";
const DEADLINE: Duration = Duration::from_secs(20);

type Received = Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>;

#[tokio::test]
async fn the_process_itself() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    let telemetry = telemetry::init(telemetry::Service::new("cart", "1.2.3")).unwrap();
    let again = telemetry::init(telemetry::Service::new("cart", "1.2.3"));
    assert!(matches!(again, Err(telemetry::InitError::AlreadyInitialized)));
    let root = Span::root("work", Kind::Internal, &Origin::new("demo"), Vec::new(), None);
    let work = async {
        tracing::info!(items = 3, "working");
        telemetry::events::feature_flag("recommendations", "on", "static");
    };
    work.with_context(root.context().clone()).await;
    root.end();
    let report = telemetry.shutdown();
    tracing::info!(dropped = report.spans_dropped, ended = report.spans_ended, "stopped");
}

/// Runs the process with `variables`; returns its JSON lines and how long it took.
async fn run(variables: &[(&str, &str)]) -> (Vec<Value>, Duration) {
    let began = Instant::now();
    let child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process::the_process_itself", "--nocapture"])
        .env_clear()
        .env(MARK, "1")
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output());
    let output = output.await.unwrap().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    let lines = out.lines().filter(|line| line.starts_with('{'));
    let lines = lines.map(|line| serde_json::from_str(line).unwrap());
    (lines.collect(), began.elapsed())
}

async fn collector() -> (Received, String) {
    async fn take(State(received): State<Received>, uri: Uri, headers: HeaderMap, body: Bytes) {
        let path = uri.path().to_owned();
        received.lock().unwrap().push((path, headers, body));
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let received = Received::default();
    let router = axum::Router::new().route("/v1/{signal}", post(take)).with_state(Arc::clone(&received));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (received, url)
}

fn message<'a>(lines: &'a [Value], text: &str) -> &'a Value {
    let found = lines.iter().find(|line| line["message"] == text);
    found.unwrap_or_else(|| panic!("no {text:?} in {lines:#?}"))
}

#[tokio::test]
async fn a_process_exports_as_its_environment_says_and_writes_json_lines() {
    let (received, url) = collector().await;
    let (lines, _) = run(&[
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20key"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_METRICS_EXPORTER", "none"),
    ])
    .await;
    let line = message(&lines, "working");
    assert_eq!(line["traffic.type"], "demo");
    assert_eq!(line["service"], "cart");
    assert_eq!(line["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(message(&lines, "feature flag evaluated")["event"], "feature_flag.evaluation");
    assert_eq!(message(&lines, "stopped")["dropped"], 0);
    assert_eq!(lines.len(), 3, "{lines:#?}");

    let received = received.lock().unwrap();
    let mut paths: Vec<_> = received.iter().map(|(path, ..)| path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths, ["/v1/logs", "/v1/traces"]);
    for (path, headers, _) in received.iter() {
        assert_eq!(headers["authorization"], "Bearer key", "{path}");
        assert_eq!(headers["content-encoding"], "gzip", "{path}");
        assert_eq!(headers["content-type"], "application/x-protobuf", "{path}");
    }
}

#[tokio::test]
async fn without_a_collector_a_process_says_so_once_per_signal_and_goes_on() {
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let (lines, took) = run(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]).await;
    message(&lines, "working");
    assert_eq!(message(&lines, "stopped")["dropped"], 1);
    let complaints = lines.iter().filter(|line| line["target"] == "telemetry::export");
    let mut signals: Vec<_> = complaints.map(|line| line["signal"].to_string()).collect();
    let all = signals.len();
    signals.sort_unstable();
    signals.dedup();
    assert_eq!(signals.len(), all, "{lines:#?}");
    assert!(signals.contains(&"\"traces\"".to_owned()), "{lines:#?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn a_disabled_sdk_still_logs() {
    let (lines, took) = run(&[("OTEL_SDK_DISABLED", "true")]).await;
    let line = message(&lines, "working");
    assert_eq!((&line["traffic.type"], line.get("trace_id")), (&"demo".into(), None));
    assert_eq!(message(&lines, "stopped")["ended"], 0);
    assert!(took < Duration::from_secs(10), "{took:?}");
}
