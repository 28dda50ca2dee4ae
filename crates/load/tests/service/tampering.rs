//! Requests that are changed on their way out, from when that is asked for until it is taken back.

use super::*;

/// A frontend that takes right JSON with a user, refuses everything else, and counts what it refused.
async fn strict_frontend() -> (SocketAddr, Arc<AtomicU64>) {
    let refused = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&refused);
    let answer = move |body: String| {
        let json: Value = serde_json::from_str(&body).unwrap_or_default();
        let is_right = json["user_id"].is_string();
        counted.fetch_add(u64::from(!is_right), Ordering::Relaxed);
        async move { if is_right { axum::http::StatusCode::OK } else { axum::http::StatusCode::UNPROCESSABLE_ENTITY } }
    };
    let router = Router::new().route("/api/{step}", post(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, refused)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_malformed_from_when_that_is_asked_for_until_it_is_taken_back() {
    let (frontend, refused) = strict_frontend().await;
    let service = Service::start(frontend, &[]).await;
    let change = async |method: &str, stream: &str, body: &str| {
        let path = format!("/admin/tampering/{stream}");
        call(service.address, method, &path, &[("content-type", "application/json")], body).await
    };
    let until = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64() + 600.0;
    let half = json!({
        "kind": "malformed", "share": 0.5, "ways": ["missing_field", "broken_json", "empty"], "until_unix": until,
    });
    let half = half.to_string();
    assert_eq!(change("PUT", "demo", &half).await.0, 404, "nothing runs yet");
    assert_eq!(change("DELETE", "demo", "").await, (200, json!({"removed": false})));

    let start = r#"{"scenario": "black-friday", "peak_rpm": 6000, "seed": 5, "speed": 100}"#;
    assert_eq!(service.post("/admin/start-demo", start).await.0, 200);
    let (status, unknown) = change("PUT", "nobody", &half).await;
    assert!(status == 404 && unknown["error"]["message"].as_str().unwrap().contains("baseline, demo"), "{unknown}");
    let (status, wrong) = change("PUT", "demo", r#"{"kind": "slow"}"#).await;
    assert_eq!((status, wrong["error"]["fields"].as_array().map(Vec::len)), (422, Some(2)), "{wrong}");
    assert_eq!(service.get("/admin/tampering").await.1, json!({"tampering": []}));
    let (status, changed) = change("PUT", "demo", &half).await;
    assert_eq!((status, &changed["stream"], &changed["kind"]), (200, &json!("demo"), &json!("malformed")));
    let listed = async || service.get("/admin/tampering").await.1["tampering"][0].clone();
    let deadline = Instant::now() + DEADLINE;
    while listed().await["changed"].as_u64().unwrap_or_default() < 50 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(change("DELETE", "demo", "").await, (200, json!({"removed": true})));
    assert_eq!(listed().await["kind"], Value::Null, "what was changed is still told");
    service.post("/admin/stop-demo", "").await;
    service.until(|status| status["state"] == "stopped").await;
    let told = listed().await;
    let by_way = told["by_way"].as_object().unwrap();
    assert_eq!(by_way.keys().collect::<Vec<_>>(), ["missing_field", "broken_json", "empty"]);
    let sum: u64 = by_way.values().filter_map(Value::as_u64).sum();
    assert_eq!(Some(sum), told["changed"].as_u64());
    assert_eq!(refused.load(Ordering::Relaxed), sum, "each of them, and nothing else, was refused");
    service.end().await;
}
