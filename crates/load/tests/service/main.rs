//! The service as others meet it: over HTTP, with a frontend that answers.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod admin_crowd;
mod retries;
mod tampering;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::routing::{get, post};
use load::{LoadGenerator, ServeError, ServeOptions, Settings};
use scenario::LoadReport;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

const DEADLINE: Duration = Duration::from_secs(20);

/// A frontend that answers everything, and counts.
async fn frontend() -> (SocketAddr, Arc<AtomicU64>) {
    let requests = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&requests);
    let answer = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { axum::Json(json!({"status": "success"})) }
    };
    let router = Router::new().route("/health", get(|| async { "ok" })).route("/api/{step}", post(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, requests)
}

struct Service {
    address: SocketAddr,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Service {
    async fn start(frontend: SocketAddr, variables: &[(&str, &str)]) -> Self {
        let generator = bind(frontend, variables, &local()).await.unwrap();
        let address = generator.local_addr();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(generator.run(shutdown.clone()));
        Self { address, shutdown, task }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        call(self.address, "GET", path, &[], "").await
    }

    async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        call(self.address, "POST", path, &[("content-type", "application/json")], body).await
    }

    /// Asks for the status until `is_it` holds.
    async fn until(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let (_, status) = self.get("/admin/demo-status").await;
            if is_it(&status) {
                return status;
            }
            assert!(Instant::now() < deadline, "last status: {status}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn end(self) {
        self.shutdown.cancel();
        tokio::time::timeout(DEADLINE, self.task).await.unwrap().unwrap();
    }
}

fn local() -> ServeOptions {
    ServeOptions { port: Some(0), ..ServeOptions::default() }
}

async fn bind(
    frontend: SocketAddr,
    variables: &[(&str, &str)],
    options: &ServeOptions,
) -> Result<LoadGenerator, ServeError> {
    let url = format!("http://{frontend}");
    let find = |name: &str| match name {
        "FRONTEND_URL" if !variables.iter().any(|(k, _)| *k == name) => Some(url.clone()),
        name => variables.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned()),
    };
    LoadGenerator::bind(options, Settings::from_vars(&find).unwrap()).await
}

async fn call(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that refuses a body may close before it has read it.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_is_started_looked_at_stopped_and_started_again() {
    let (frontend, requests) = frontend().await;
    let service = Service::start(frontend, &[]).await;
    let (_, idle) = service.get("/admin/demo-status").await;
    assert_eq!((&idle["running"], &idle["state"]), (&json!(false), &json!("idle")));
    let (status, stats) = service.get("/admin/traffic-stats").await;
    assert_eq!((status, &stats["baseline"]["rpm"]), (200, &json!(0)));
    assert_eq!(service.get("/admin/measurements").await.0, 200);

    let body = r#"{"scenario": "blackfriday", "duration_minutes": 30, "peak_rpm": 6000, "speed": 100, "seed": 5}"#;
    let (status, started) = service.post("/admin/start-demo", body).await;
    assert_eq!(status, 200, "{started}");
    assert_eq!(started["demo"]["scenario"], "black-friday");
    service.until(|status| status["requests"].as_u64() > Some(40)).await;
    let (_, stats) = service.get("/admin/traffic-stats").await;
    assert_eq!(stats["baseline"]["rpm"], 100.0);
    assert!(stats["demo"]["current_rpm"].as_f64() > Some(1_000.0), "{stats}");
    assert!(stats["demo"]["demo_minute"].is_number() && stats["demo"]["error_rate"] == "0.0%", "{stats}");

    let (status, busy) = service.post("/admin/start-demo", body).await;
    assert_eq!((status, &busy["error"]["code"]), (409, &json!("already_running")));
    assert_eq!(busy["demo"]["running"], true);

    for expected in ["stopping", "not_running"] {
        let (status, stopped) = service.post("/admin/stop-demo", "").await;
        assert_eq!((status, &stopped["status"]), (200, &json!(expected)));
    }
    let stopped = service.until(|status| status["state"] == "stopped").await;
    assert_eq!(stopped["due"], stopped["requests"], "whatever left was answered");
    // Some journeys of the baseline have two steps.
    assert!(Some(requests.load(Ordering::Relaxed)) >= stopped["requests"].as_u64(), "{stopped}");
    let (_, report) = service.get("/admin/measurements").await;
    let report: LoadReport = serde_json::from_value(report).unwrap();
    assert!(report.finished && report.seed == 5 && report.request_digest.len() == 64);
    let due: u64 = report.streams.iter().flat_map(|s| &s.buckets).map(|b| b.due).sum();
    assert_eq!(Some(due), stopped["due"].as_u64());

    let (status, _) = service.post("/admin/start-demo", body).await;
    assert_eq!(status, 200, "a stopped demo does not stand in the way");
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_starts_at_once_one_wins_and_a_hundred_stops_are_all_fine() {
    let (frontend, _) = frontend().await;
    let service = Arc::new(Service::start(frontend, &[]).await);
    let at_once = |path: &'static str, body: &'static str| {
        let service = Arc::clone(&service);
        async move {
            let mut calls = tokio::task::JoinSet::new();
            for _ in 0..100 {
                let service = Arc::clone(&service);
                calls.spawn(async move { service.post(path, body).await.0 });
            }
            let mut statuses = calls.join_all().await;
            statuses.sort_unstable();
            statuses
        }
    };
    for _ in 0..3 {
        let statuses = at_once("/admin/start-demo", r#"{"scenario": "black-friday", "peak_rpm": 60}"#).await;
        assert_eq!(statuses[0], 200);
        assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
        let statuses = at_once("/admin/stop-demo", "").await;
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    }
    let service = Arc::try_unwrap(service).ok().unwrap();
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_the_environment_starts_by_the_clock_and_ends_with_the_scenario() {
    let (frontend, requests) = frontend().await;
    let file = format!("{}/tests/scenarios/tiny.yaml", env!("CARGO_MANIFEST_DIR"));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
    let start = format!("{:.3}", now + 0.5);
    let variables = [
        ("DOORBUSTER_SCENARIO", file.as_str()),
        ("DEMO_MODE", "tiny"),
        ("DEMO_START_TIMESTAMP", start.as_str()),
        ("DEMO_SPEED", "100"),
        ("DOORBUSTER_SEED", "9"),
        ("DOORBUSTER_RUN_ID", "tiny-run"),
    ];
    let service = Service::start(frontend, &variables).await;
    let waiting = service.until(|status| status["state"] != "idle").await;
    assert_eq!(
        (&waiting["state"], &waiting["run_id"], &waiting["requests"]),
        (&json!("waiting"), &json!("tiny-run"), &json!(0))
    );
    let done = service.until(|status| status["state"] == "finished").await;
    // 2 scenario minutes at speed 100 are 1.2 s; 3,000 a real minute are 60 arrivals.
    assert_eq!((&done["due"], &done["errors"], &done["skipped"]), (&json!(60), &json!(0), &json!(0)));
    assert_eq!(requests.load(Ordering::Relaxed), 60);
    let (_, report) = service.get("/admin/measurements").await;
    let report: LoadReport = serde_json::from_value(report).unwrap();
    assert_eq!((report.finished, report.dropped, report.seed), (true, 0, 9));
    let buckets = &report.streams[0].buckets;
    assert_eq!(buckets.len(), 8);
    assert!(buckets.iter().all(|b| (7..=8).contains(&b.due) && b.completed == b.due && b.latency.count() == b.due));
    assert_eq!((buckets[3].from, buckets[3].to), (0.75, 1.0));
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_is_answered_with_the_right_status_and_never_a_500() {
    let (frontend, requests) = frontend().await;
    let service = Service::start(frontend, &[]).await;
    let huge = format!(r#"{{"scenario": "{}"}}"#, "x".repeat(70_000));
    let table = [
        ("", 400),
        ("not json", 400),
        ("[1]", 400),
        ("{}", 422),
        (r#"{"scenario": "white-monday"}"#, 422),
        (r#"{"scenario": "../../etc/passwd"}"#, 422),
        (r#"{"scenario": "'; DROP TABLE products; --"}"#, 422),
        (r#"{"scenario": "black-friday", "peak_rpm": -5}"#, 422),
        (r#"{"scenario": "black-friday", "peak_rpm": "many"}"#, 422),
        (r#"{"scenario": "black-friday", "duration_minutes": 1e99}"#, 422),
        (r#"{"scenario": "black-friday", "duration_minutes": 0.5, "peak_rpm": 60}"#, 422),
        (r#"{"scenario": "black-friday", "seed": "1"}"#, 422),
        (r#"{"scenario": "black-friday", "speed": 1000}"#, 422),
        (r#"{"scenario": "black-friday", "colour": "red"}"#, 422),
        (huge.as_str(), 413),
    ];
    for (body, expected) in table {
        let (status, answer) = service.post("/admin/start-demo", body).await;
        let body: String = body.chars().take(80).collect();
        assert_eq!(status, expected, "{body}: {answer}");
        assert!(answer["error"]["code"].is_string() && answer["error"]["message"].is_string(), "{body}: {answer}");
    }
    let (_, answer) = service.post("/admin/start-demo", r#"{"peak_rpm": 0, "speed": []}"#).await;
    let fields: Vec<&str> =
        answer["error"]["fields"].as_array().unwrap().iter().map(|f| f["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["scenario", "peak_rpm", "speed"]);
    let start = r#"{"scenario": "black-friday"}"#;
    assert_eq!(call(service.address, "POST", "/admin/start-demo", &[], start).await.0, 415);
    for (body, expected) in [("", 400), ("[]", 400), ("{}", 422), (r#"{"retries": 99, "until_unix": 1}"#, 422)] {
        let headers = [("content-type", "application/json")];
        let (status, answer) = call(service.address, "PUT", "/admin/retries/demo", &headers, body).await;
        assert!(status == expected && answer["error"]["message"].is_string(), "{body}: {answer}");
    }
    let foreign = [("content-type", "application/json"), ("origin", "http://evil.example")];
    assert_eq!(call(service.address, "POST", "/admin/start-demo", &foreign, start).await.0, 403);
    assert_eq!(call(service.address, "POST", "/admin/stop-demo", &foreign[1..], "").await.0, 403);
    assert_eq!(service.get("/admin/start-demo").await.0, 405);
    assert_eq!(service.get("/nowhere").await.0, 404);
    assert_eq!(requests.load(Ordering::Relaxed), 0, "nothing was sent");
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_loopback_there_is_a_token_or_no_service() {
    let (frontend, _) = frontend().await;
    let everywhere = ServeOptions { bind: "0.0.0.0".parse().unwrap(), ..local() };
    let refused = bind(frontend, &[], &everywhere).await;
    assert!(matches!(refused, Err(ServeError::NoToken { .. })), "{refused:?}");

    let generator = bind(frontend, &[("DOORBUSTER_ADMIN_TOKEN", "open-sesame")], &everywhere).await.unwrap();
    let address = SocketAddr::new("127.0.0.1".parse().unwrap(), generator.local_addr().port());
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(generator.run(shutdown.clone()));
    for (token, expected) in [("", 401), ("Bearer wrong", 401), ("Bearer open-sesame", 200)] {
        let headers = [("authorization", token), ("content-type", "application/json")];
        let start = r#"{"scenario": "black-friday", "peak_rpm": 60}"#;
        assert_eq!(call(address, "POST", "/admin/start-demo", &headers, start).await.0, expected, "{token}");
        assert_eq!(call(address, "POST", "/admin/stop-demo", &headers[..1], "").await.0, expected, "{token}");
        assert_eq!(call(address, "DELETE", "/admin/retries/demo", &headers[..1], "").await.0, expected, "{token}");
    }
    assert_eq!(call(address, "GET", "/admin/demo-status", &[], "").await.0, 200, "looking is free");
    shutdown.cancel();
    tokio::time::timeout(DEADLINE, task).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_target_that_is_not_allowed_is_refused_before_anything_is_sent() {
    let nowhere: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let elsewhere = [("FRONTEND_URL", "http://shop.example.com")];
    let refused = bind(nowhere, &elsewhere, &local()).await;
    assert!(matches!(refused, Err(ServeError::Target(_))), "{refused:?}");
    let allowing = ServeOptions { allow_targets: vec!["shop.example.com".to_owned()], ..local() };
    assert!(bind(nowhere, &elsewhere, &allowing).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ready_means_that_the_frontend_answers() {
    let (frontend, _) = frontend().await;
    let service = Service::start(frontend, &[]).await;
    assert_eq!(service.get("/health").await.1["service"], "load-generator");
    assert_eq!(service.get("/ready").await.0, 200);
    service.end().await;

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let service = Service::start(nobody, &[]).await;
    let (status, answer) = service.get("/ready").await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("not_ready")));
    assert_eq!(service.get("/health").await.0, 200);
    service.end().await;
}
