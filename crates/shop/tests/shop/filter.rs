//! The fault filter, as it is met over HTTP.

use std::time::{Duration, Instant};

use opentelemetry::trace::Status;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use shop::{ServeOptions, ServiceName};
use telemetry::capture;
use tokio_util::sync::CancellationToken;

use crate::stage::{DEADLINE, unix_in};

/// One service that needs no other. It stops when this is dropped.
struct Currency {
    url: String,
    client: Client,
    shutdown: CancellationToken,
}

impl Drop for Currency {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Currency {
    async fn start(bind: &str, token: Option<&str>) -> Self {
        let shutdown = CancellationToken::new();
        let options = ServeOptions { bind: bind.parse().unwrap(), port: Some(0) };
        let vars = |name: &str| token.filter(|_| name == "DOORBUSTER_ADMIN_TOKEN").map(str::to_owned);
        let running = shop::start(ServiceName::Currency, options, &vars, shutdown.clone()).await.unwrap();
        let url = format!("http://127.0.0.1:{}", running.address().port());
        Self { url, client: Client::new(), shutdown }
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn put(&self, id: &str, body: &Value) -> (u16, Value) {
        self.call(Method::PUT, &format!("/admin/faults/{id}"), Some(body), &[]).await
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
        self.call(Method::GET, path, None, headers).await
    }

    /// Which of 2,000 requests, each with a trace of its own, are refused.
    async fn refused(&self) -> Vec<u64> {
        let mut refused = Vec::new();
        for number in 0..2_000_u64 {
            let traceparent = format!("00-{:032x}-{:016x}-01", number + 1, number.wrapping_mul(0x9e37_79b9) + 1);
            if self.get("/rates", &[("traceparent", &traceparent)]).await.0 == 503 {
                refused.push(number);
            }
        }
        refused
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fifth_of_the_requests_is_refused_and_always_the_same_fifth() {
    let currency = Currency::start("127.0.0.1", None).await;
    let body = json!({"kind": "error", "status": 503, "share": 0.2, "until_unix": unix_in(600.0)});
    let (status, made) = currency.put("fifth", &body).await;
    assert_eq!((status, &made["id"], &made["kind"], &made["hits"]), (200, &json!("fifth"), &json!("error"), &json!(0)));
    let first = currency.refused().await;
    assert!((350..=450).contains(&first.len()), "{}", first.len());
    assert_eq!(currency.refused().await, first);
    let (_, listed) = currency.get("/admin/faults", &[]).await;
    assert_eq!(listed["faults"][0]["hits"], json!(2 * first.len()));
    for path in ["/health", "/ready", "/admin/faults", "/admin/pool-stats"] {
        for _ in 0..20 {
            assert_eq!(currency.get(path, &[]).await.0, 200, "{path}");
        }
    }
    // The same request again, with a span of its own: some of those that were refused get through.
    let mut passed = 0;
    for number in &first {
        let again = format!("00-{:032x}-{:016x}-01", number + 1, number + 7_000_000);
        passed += u64::from(currency.get("/rates", &[("traceparent", &again)]).await.0 == 200);
    }
    assert!(passed * 2 > first.len() as u64, "{passed} of {}", first.len());

    for expected in [true, false] {
        let removed = currency.call(Method::DELETE, "/admin/faults/fifth", None, &[]).await;
        assert_eq!(removed, (200, json!({"removed": expected})));
    }
    assert_eq!(currency.refused().await, Vec::<u64>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_an_error_like_any_other_to_whoever_watches() {
    let capture = capture::start();
    let currency = Currency::start("127.0.0.1", None).await;
    let body = json!({"kind": "error", "status": 502, "path": "/con", "until_unix": unix_in(600.0)});
    assert_eq!(currency.put("broken", &body).await.0, 200);
    let trace_id = "5bf92f3577b34da6a3ce929d0e0e4736";
    let traceparent = format!("00-{trace_id}-00f067aa0ba902b7-01");
    let headers = [("traceparent", traceparent.as_str()), ("baggage", "traffic.type=demo")];
    let (status, answer) = currency.get("/convert?amount=1&from=USD&to=EUR", &headers).await;
    assert_eq!((status, &answer["error"]["trace_id"]), (502, &json!(trace_id)));
    assert!(answer["error"]["code"].is_string() && answer["error"]["message"].is_string(), "{answer}");
    assert_eq!(currency.get("/rates", &[]).await.0, 200, "another path");

    let spans = capture.trace(trace_id);
    assert_eq!((spans.len(), spans[0].name.as_ref()), (1, "GET /convert"));
    assert!(matches!(spans[0].status, Status::Error { .. }));
    assert_eq!(capture::attribute(&spans[0], "error.type").as_deref(), Some("502"));
    let measured = capture.points().into_iter().find(|point| {
        let has = |key: &str, value: &str| {
            point.attributes.iter().any(|a| a.key.as_str() == key && a.value.as_str() == value)
        };
        point.metric == "http.server.request.duration" && has("http.route", "/convert") && has("error.type", "502")
    });
    assert_eq!(measured.map(|point| point.count), Some(1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delay_holds_requests_back_until_it_is_over() {
    const DELAY: Duration = Duration::from_millis(200);
    let currency = Currency::start("127.0.0.1", None).await;
    let (began, over) = (Instant::now(), Duration::from_millis(700));
    let body =
        json!({"kind": "latency", "delay_ms": DELAY.as_millis() as u64, "until_unix": unix_in(over.as_secs_f64())});
    assert_eq!(currency.put("slow", &body).await.0, 200);
    let mut delayed = 0;
    loop {
        let sent = Instant::now();
        assert_eq!(currency.get("/rates", &[]).await.0, 200);
        if sent.elapsed() < DELAY {
            break;
        }
        delayed += 1;
        assert!(began.elapsed() < DEADLINE, "it never ends");
    }
    assert!(delayed >= 2 && began.elapsed() >= over, "{delayed} delayed, over after {:?}", began.elapsed());
    assert_eq!(currency.get("/admin/faults", &[]).await.1, json!({"faults": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_loopback_only_the_token_changes_anything() {
    let body = json!({"kind": "latency", "delay_ms": 1, "until_unix": unix_in(600.0)});
    let open = Currency::start("0.0.0.0", Some("open-sesame")).await;
    for (token, expected) in [("", 401), ("Bearer wrong", 401), ("Bearer open-sesame", 200)] {
        let headers = [("authorization", token)];
        assert_eq!(open.call(Method::PUT, "/admin/faults/x", Some(&body), &headers).await.0, expected, "{token}");
        assert_eq!(open.call(Method::DELETE, "/admin/faults/x", None, &headers).await.0, expected, "{token}");
    }
    assert_eq!(open.get("/admin/faults", &[]).await.0, 200, "looking is free");
    let closed = Currency::start("0.0.0.0", None).await;
    assert_eq!(closed.put("x", &body).await.0, 403);
    assert_eq!(closed.get("/rates", &[]).await.0, 200, "the service itself is open");
}
