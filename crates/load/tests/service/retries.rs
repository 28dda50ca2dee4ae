//! Visitors who are told to try again, and what a poll of the measurements shows.

use super::*;

/// A frontend that fails always, and counts.
async fn broken_frontend() -> (SocketAddr, Arc<AtomicU64>) {
    let requests = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&requests);
    let answer = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { axum::http::StatusCode::SERVICE_UNAVAILABLE }
    };
    let router = Router::new().route("/api/{step}", post(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, requests)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visitors_try_again_from_when_they_are_told_to_until_they_are_told_not_to() {
    let (frontend, requests) = broken_frontend().await;
    let service = Service::start(frontend, &[]).await;
    let change = async |method: &str, stream: &str, body: &str| {
        let path = format!("/admin/retries/{stream}");
        call(service.address, method, &path, &[("content-type", "application/json")], body).await
    };
    let until = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64() + 600.0;
    let twice = format!(r#"{{"retries": 2, "backoff_ms": 10, "until_unix": {until}}}"#);
    assert_eq!(change("PUT", "demo", &twice).await.0, 404, "nothing runs yet");
    assert_eq!(change("DELETE", "demo", "").await, (200, json!({"removed": false})));

    let start = r#"{"scenario": "black-friday", "peak_rpm": 6000, "seed": 5, "speed": 100}"#;
    assert_eq!(service.post("/admin/start-demo", start).await.0, 200);
    let (status, unknown) = change("PUT", "nobody", &twice).await;
    assert!(status == 404 && unknown["error"]["message"].as_str().unwrap().contains("baseline, demo"), "{unknown}");
    let (status, changed) = change("PUT", "demo", &twice).await;
    assert_eq!((status, &changed["stream"], &changed["retries"]), (200, &json!("demo"), &json!(2)));
    let listed = async || service.get("/admin/retries").await.1["retries"][0].clone();
    let sent = async || listed().await["sent"].as_u64().unwrap_or_default();
    let deadline = Instant::now() + DEADLINE;
    while sent().await < 50 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(change("DELETE", "demo", "").await, (200, json!({"removed": true})));
    assert_eq!(listed().await["retries"], 0, "what was sent is still told");
    service.post("/admin/stop-demo", "").await;
    let stopped = service.until(|status| status["state"] == "stopped").await;
    let (_, report) = service.get("/admin/measurements").await;
    let report: LoadReport = serde_json::from_value(report).unwrap();
    let buckets = || report.streams.iter().flat_map(|s| &s.buckets);
    let sum = |of: fn(&scenario::Bucket) -> u64| buckets().map(of).sum::<u64>();
    assert_eq!(sum(|b| b.requests), sum(|b| b.completed) + sent().await);
    assert_eq!(sum(|b| b.request_errors), sum(|b| b.requests), "this frontend fails always");
    assert_eq!(requests.load(Ordering::Relaxed), sum(|b| b.requests), "{stopped}");
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_since_a_minute_has_only_the_buckets_that_end_after_it() {
    let (frontend, _) = frontend().await;
    let file = format!("{}/tests/scenarios/tiny.yaml", env!("CARGO_MANIFEST_DIR"));
    let service = Service::start(frontend, &[("DOORBUSTER_SCENARIO", file.as_str())]).await;
    service.post("/admin/start-demo", r#"{"scenario": "tiny", "speed": 100}"#).await;
    service.until(|status| status["state"] == "finished").await;
    let borders = async |query: &str| {
        let (status, report) = service.get(&format!("/admin/measurements{query}")).await;
        assert_eq!(status, 200, "{report}");
        let report: LoadReport = serde_json::from_value(report).unwrap();
        let stream = &report.streams[0];
        let of = |buckets: &[scenario::Bucket]| buckets.iter().map(|b| b.from).collect::<Vec<_>>();
        assert_eq!(of(&stream.buckets), of(&stream.journeys["full_checkout"]));
        assert!(report.finished && report.request_digest.len() == 64);
        of(&stream.buckets)
    };
    assert_eq!(borders("").await.len(), 8);
    assert_eq!(borders("?since=1.5").await, [1.5, 1.75]);
    assert_eq!(borders("?since=1.4").await, [1.25, 1.5, 1.75]);
    assert_eq!(borders("?since=2").await, [0.0; 0]);
    for wrong in ["?since=now", "?since=NaN", "?since=", "?sinse=1"] {
        let (status, answer) = service.get(&format!("/admin/measurements{wrong}")).await;
        assert!(status == 400 && answer["error"]["message"].as_str().unwrap().contains("since"), "{wrong}: {answer}");
    }
    service.end().await;
}
