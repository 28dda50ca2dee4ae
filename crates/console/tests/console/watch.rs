//! The pages of what watches: what they show is what fires, and what is not built yet says so.

use console::ConsoleOptions;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::otlp::{failed, request, span};
use crate::started::{Started, until};

const MONITORS: &str = "
monitors:
  - key: failures
    name: Requests fail
    priority: p1
    runbook: Switch the <feature> off.
    group_by: traffic.type
    when: {spans: {service: frontend}, measure: error_rate, window: 30s, above: 0.5, min_samples: 5}
flows:
  - {key: story, name: It began and failed, group_by: traffic.type, held: 500ms, stages: [{when: failures}, {when: failures, within: 1m}]}
";

async fn page(console: &Started, path: &str) -> String {
    let answer = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.expect("text")
}

async fn send(console: &Started, service: &str, spans: Vec<opentelemetry_proto::tonic::trace::v1::Span>) {
    let body = request(service, spans).encode_to_vec();
    let url = format!("{}/v1/traces", console.otlp_http);
    let sent = console.client.post(url).header("content-type", "application/x-protobuf").body(body).send().await;
    assert_eq!(sent.expect("it answers").status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fires_stands_on_monitors_and_incidents_with_its_runbook_and_history() {
    let console = Started::with(ConsoleOptions { monitors: MONITORS.into(), ..ConsoleOptions::default() }).await;
    let html = page(&console, "/monitors").await;
    assert!(
        html.contains("Requests fail") && html.contains("no data") && html.contains("It has not fired yet"),
        "{html}"
    );
    assert!(page(&console, "/incidents").await.contains("All is quiet"));

    send(&console, "frontend", (1..=20).map(|n| failed(span(n, 1, "POST /", SpanKind::Server, 5))).collect()).await;
    let firing = until("monitor and flow fire", async || {
        let now: Value = console.json("/api/incidents").await;
        (now["firing"].as_array().map_or(0, Vec::len) == 2).then_some(now)
    })
    .await;
    assert!(firing["firing"].as_array().expect("a list").iter().any(|one| one["is_flow"] == true), "{firing}");
    for path in ["/monitors", "/incidents/1"] {
        let html = page(&console, path).await;
        assert!(html.contains("FIRING") && html.contains("Switch the &lt;feature&gt; off."), "{path}: {html}");
    }
    let incident = &firing["incidents"][0];
    assert_eq!(
        (&incident["title"], &incident["services"]),
        (&"Requests fail".into(), &json!(["frontend"])),
        "{firing}"
    );
    assert_eq!(incident["monitors"].as_array().map(Vec::len), Some(2), "the flow joined: {firing}");
    assert!(page(&console, "/monitors").await.contains("History: 1 change"));
}

#[tokio::test(flavor = "multi_thread")]
async fn objectives_are_not_built_yet_and_say_so_and_what_is_measured_is_there() {
    let console = Started::new().await;
    let html = page(&console, "/slos").await;
    assert!(html.contains("NOT BUILT YET") && html.contains("Nothing to count yet"), "{html}");
    send(
        &console,
        "frontend",
        vec![span(8, 1, "POST /", SpanKind::Server, 5), failed(span(9, 1, "POST /", SpanKind::Server, 5))],
    )
    .await;
    let measured: Value = console.json("/api/slos").await;
    assert_eq!(
        (&measured["measured"][0]["requests"], &measured["measured"][0]["good_share"]),
        (&2.into(), &0.5.into())
    );
}
