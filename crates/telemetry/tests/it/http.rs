//! Requests and calls, through real sockets.

use crate::support::{DEADLINE, described, has_each_key_once, in_trace, named, serve, spans};
use axum::extract::Request;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use opentelemetry::trace::Status;
use serde_json::{Value, json};
use std::time::Duration;
use telemetry::capture::{self, attribute};
use telemetry::http_client::{CallDurations, CallErrorKind, Client, Peer};
use telemetry::http_server::HttpServer;
use telemetry::{KeyValue, attr};

fn traced(router: Router) -> Router {
    router.layer(HttpServer::new())
}

#[tokio::test]
async fn a_request_and_the_calls_it_causes_make_one_trace_with_the_origin_on_every_span() {
    let capture = capture::start();
    let client = Client::new();
    let catalog = Router::new().route("/products/{id}", get(|| async { "a product" }));
    let catalog = serve("product-catalog", traced(catalog)).await;
    let inner = client.clone();
    let browse = move |Json(body): Json<Value>| async move {
        let id = body["id"].as_str().unwrap().to_owned();
        let path = format!("/products/{id}?full=yes");
        let reply = inner.get(&catalog, "/products/{id}", &path, DEADLINE).await.unwrap();
        (reply.status, reply.body)
    };
    let entry = |_: &Request| vec![KeyValue::new(attr::DEMO_MINUTE, 20), KeyValue::new(attr::DEMO_PHASE, "peak")];
    let frontend =
        Router::new().route("/api/browse", post(browse)).layer(HttpServer::new().with_entry_attributes(entry));
    let frontend = serve("frontend", frontend).await;

    let body = json!({"id": "prod-1"});
    let call = client.post_json(&frontend, "/api/browse", "/api/browse", &body, DEADLINE);
    let (reply, trace_id) = in_trace(call).await;
    assert_eq!(reply.unwrap().status, StatusCode::OK);

    let spans = spans(&capture, &trace_id, 5).await;
    let chain = ["test", "POST", "POST /api/browse", "GET", "GET /products/{id}"];
    for pair in chain.windows(2) {
        let (parent, child) = (named(&spans, pair[0]), named(&spans, pair[1]));
        assert_eq!(child.parent_span_id, parent.span_context.span_id(), "{pair:?}");
    }
    let mut text = String::new();
    for name in chain {
        let span = named(&spans, name);
        assert!(has_each_key_once(span), "{span:#?}");
        for (key, value) in [
            (attr::TRAFFIC_TYPE, "demo"),
            (attr::SESSION_ID, "s-1"),
            (attr::USER_ID, "user-0042"),
            (attr::SCENARIO_RUN, "r-7"),
        ] {
            assert_eq!(attribute(span, key).as_deref(), Some(value), "{name} {key}");
        }
        text += &described(span);
    }
    insta::assert_snapshot!("spans_of_a_request", text);
}

#[tokio::test]
async fn a_4xx_is_an_error_of_the_caller_and_a_5xx_of_both() {
    let capture = capture::start();
    let client = Client::new();
    let router = Router::new()
        .route("/missing", get(|| async { StatusCode::NOT_FOUND }))
        .route("/broken", get(|| async { StatusCode::BAD_GATEWAY }));
    let peer = serve("broken", traced(router)).await;
    for (path, code, fails_on_server) in [("/missing", "404", false), ("/broken", "502", true)] {
        let (reply, trace_id) = in_trace(client.get(&peer, path, path, DEADLINE)).await;
        assert_eq!(reply.unwrap().status.as_str(), code);
        let spans = spans(&capture, &trace_id, 3).await;
        let (caller, server) = (named(&spans, "GET"), named(&spans, &format!("GET {path}")));
        assert!(matches!(caller.status, Status::Error { .. }));
        assert_eq!(attribute(caller, "error.type").as_deref(), Some(code));
        assert_eq!(matches!(server.status, Status::Error { .. }), fails_on_server);
        assert_eq!(attribute(server, "error.type").is_some(), fails_on_server);
        assert_eq!(attribute(server, "http.status_code").as_deref(), Some(code));
    }
}

#[tokio::test]
async fn a_call_without_an_answer_says_why() {
    let capture = capture::start();
    let client = Client::new();
    let router = Router::new()
        .route("/never", get(std::future::pending::<()>))
        .route("/long", get(|| async { vec![b'x'; 2 * 1024 * 1024] }));
    let slow = serve("slow", traced(router)).await;
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = Peer::new("nobody", &format!("http://{}", unused.local_addr().unwrap())).unwrap();
    drop(unused);
    let short = Duration::from_millis(50);
    for (peer, path, timeout, kind) in [
        (&slow, "/never", short, CallErrorKind::Timeout),
        (&nobody, "/", DEADLINE, CallErrorKind::Connect),
        (&slow, "/long", DEADLINE, CallErrorKind::TooLong),
        (&slow, "/with space", DEADLINE, CallErrorKind::Request),
    ] {
        let (result, trace_id) = in_trace(client.get(peer, "/", path, timeout)).await;
        assert_eq!(result.unwrap_err().kind, kind);
        let spans = spans(&capture, &trace_id, 2).await;
        let call = named(&spans, "GET");
        assert_eq!(attribute(call, "error.type").as_deref(), Some(kind.as_str()));
        assert!(matches!(call.status, Status::Error { .. }));
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_a_finished_span_on_the_server() {
    let capture = capture::start();
    let router = Router::new().route("/never", get(std::future::pending::<()>));
    let peer = serve("slow", traced(router)).await;
    let client = Client::new();
    let call = client.get(&peer, "/never", "/never", Duration::from_millis(50));
    let (_, trace_id) = in_trace(call).await;
    drop(client);
    let spans = spans(&capture, &trace_id, 3).await;
    let server = named(&spans, "GET /never");
    assert_eq!(attribute(server, "error.type").as_deref(), Some("aborted"));
}

#[tokio::test]
async fn a_caller_that_gives_up_ends_its_span() {
    let capture = capture::start();
    let router = Router::new().route("/never", get(std::future::pending::<()>));
    let peer = serve("slow", router).await;
    let client = Client::new();
    let call = client.get(&peer, "/never", "/never", DEADLINE);
    let (_, trace_id) = in_trace(tokio::time::timeout(Duration::from_millis(20), call)).await;
    let spans = spans(&capture, &trace_id, 2).await;
    let call = named(&spans, "GET");
    assert_eq!(attribute(call, "error.type").as_deref(), Some("cancelled"));
}

#[tokio::test]
async fn probes_and_administration_are_not_traced() {
    let capture = capture::start();
    let client = Client::new();
    let answer = || async { telemetry::context::trace_id().unwrap_or_default() };
    let router = Router::new()
        .route("/health", get(answer))
        .route("/admin/pool-stats", get(answer))
        .route("/healthy-food", get(answer));
    let peer = serve("shop", traced(router)).await;
    for (path, is_traced) in [("/health", false), ("/admin/pool-stats", false), ("/healthy-food", true)] {
        let (reply, trace_id) = in_trace(client.get(&peer, path, path, DEADLINE)).await;
        assert_eq!(!reply.unwrap().body.is_empty(), is_traced, "{path}");
        let expected = if is_traced { 3 } else { 2 };
        assert_eq!(spans(&capture, &trace_id, expected).await.len(), expected);
    }
}

#[tokio::test]
async fn third_parties_get_the_trace_but_no_baggage() {
    capture::start();
    let headers = |headers: HeaderMap| async move {
        let has = |name| headers.contains_key(name);
        Json(json!([has("traceparent"), has("baggage")]))
    };
    let peer = serve("llm", Router::new().route("/", get(headers))).await;
    let client = Client::new();
    for (peer, expected) in [(peer.clone(), json!([true, true])), (peer.third_party(), json!([true, false]))] {
        let (reply, _) = in_trace(client.get(&peer, "/", "/", DEADLINE)).await;
        assert_eq!(reply.unwrap().json::<Value>().unwrap(), expected);
    }
}

#[tokio::test]
async fn connections_are_kept_alive() {
    let router = Router::new().route(
        "/",
        get(|axum::extract::ConnectInfo(from): axum::extract::ConnectInfo<std::net::SocketAddr>| async move {
            from.port().to_string()
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let peer = Peer::new("shop", &url).unwrap();
    let client = Client::new();
    let mut ports = std::collections::BTreeSet::new();
    for _ in 0..20 {
        ports.insert(client.get(&peer, "/", "/", DEADLINE).await.unwrap().body);
    }
    assert_eq!(ports.len(), 1);
}

#[test]
fn only_plain_http_urls_are_peers() {
    for (url, is_peer) in [
        ("http://127.0.0.1:8014", true),
        ("http://catalog", true),
        ("http://catalog:80/prefix/", true),
        ("https://catalog", false),
        ("catalog:8014", false),
        ("", false),
        ("http://", false),
    ] {
        assert_eq!(Peer::new("catalog", url).is_ok(), is_peer, "{url:?}");
    }
}

#[tokio::test]
async fn durations_are_measured_by_route_and_traffic_type() {
    let capture = capture::start();
    let client = Client::new();
    let router = Router::new().route("/measured/{id}", get(|| async {}));
    let peer = serve("measured", traced(router)).await;
    let call = client.get(&peer, "/measured/{id}", "/measured/7", DEADLINE);
    let (_, trace_id) = in_trace(call).await;
    spans(&capture, &trace_id, 3).await;
    let points = capture.points();
    let of = |metric: &str, key: &str| {
        let point = points.iter().find(|point| {
            let has = |k: &str, v: &str| point.attributes.iter().any(|a| a.key.as_str() == k && a.value.as_str() == v);
            point.metric == metric && has(key, "/measured/{id}") && has(attr::TRAFFIC_TYPE, "demo")
        });
        point.map(|point| (point.count, point.unit.clone()))
    };
    let once = Some((1.0, "s".to_owned()));
    assert_eq!(of("http.server.request.duration", "http.route"), once);
    assert_eq!(of("http.client.request.duration", "url.template"), once);
}

#[tokio::test]
async fn calls_of_another_client_are_measured_under_the_same_names() {
    let capture = capture::start();
    let durations = CallDurations::new("127.0.0.1", 8018, "POST", "/measured/elsewhere", "demo");
    durations.answered(Duration::from_millis(20), 200);
    durations.answered(Duration::from_millis(30), 503);
    durations.failed(Duration::from_secs(10), "timeout");
    let points = capture.points();
    let count = |key: &str, value: &str| -> f64 {
        let has = |point: &capture::Point, k: &str, v: &str| {
            point.attributes.iter().any(|a| a.key.as_str() == k && a.value.as_str() == v)
        };
        let ours = points
            .iter()
            .filter(|p| p.metric == "http.client.request.duration" && has(p, "url.template", "/measured/elsewhere"));
        ours.filter(|p| has(p, key, value)).map(|p| p.count).sum()
    };
    assert_eq!(count(attr::TRAFFIC_TYPE, "demo"), 3.0);
    assert_eq!(count("http.response.status_code", "200"), 1.0);
    assert_eq!(count("error.type", "503"), 1.0);
    assert_eq!(count("error.type", "timeout"), 1.0);
}
