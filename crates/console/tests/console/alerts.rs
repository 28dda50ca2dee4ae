//! Monitors fire and resolve on what really comes in.

use console::ConsoleOptions;
use console::api::{Alert, Monitors};
use detect::{AlertPhase, TransitionState};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use crate::otlp::{request, span};
use crate::started::{Started, until};

const MONITORS: &str = "
monitors:
  - key: slow
    group_by: traffic.type
    when: {spans: {service: catalog}, measure: p95_ms, window: 2s, above: 500, min_samples: 5}
    for: 500ms
  - key: busy
    group_by: traffic.type
    when: {spans: {service: catalog}, measure: count, window: 2s, above: 0}
flows:
  - {key: story, group_by: traffic.type, held: 500ms, stages: [{when: busy}, {when: slow, within: 1m}]}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_fires_for_its_traffic_and_resolves_when_it_is_over() {
    let console = Started::with(ConsoleOptions { monitors: MONITORS.into(), ..ConsoleOptions::default() }).await;
    let none: Vec<Alert> = console.json("/api/alerts").await;
    assert_eq!(none, []);
    let mut client = TraceServiceClient::connect(console.otlp_grpc.clone()).await.expect("it listens");
    let alerts = until("slow and story fire", async || {
        let spans = (1..=10).map(|n| span(n, 1, "SELECT", SpanKind::Client, 900)).collect();
        client.clone().export(request("catalog", spans)).await.expect("it is taken");
        let alerts: Vec<Alert> = console.json("/api/alerts").await;
        alerts.iter().any(|alert| alert.monitor == "story").then_some(alerts)
    })
    .await;
    let slow = alerts.iter().find(|alert| alert.monitor == "slow").expect("it fired before the story");
    assert_eq!((slow.state, slow.traffic_type.as_deref()), (TransitionState::Firing, Some("demo")));
    assert_eq!(slow.threshold, Some(500.0));
    assert!(slow.value.is_some_and(|value| (value / 900.0 - 1.0).abs() < 0.02), "{slow:?}");
    assert!(alerts.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    let monitors: Monitors = console.json("/api/monitors").await;
    assert!(monitors.monitors.iter().any(|monitor| monitor.key == "slow" && monitor.phase == AlertPhase::Firing));
    assert!(monitors.flows[0].firing);

    let last = alerts.last().expect("some").seq;
    let later = until("everything resolves", async || {
        let later: Vec<Alert> = console.json(&format!("/api/alerts?since={last}")).await;
        (later.len() == 3).then_some(later)
    })
    .await;
    assert!(later.iter().all(|alert| alert.state == TransitionState::Resolved && alert.seq > last));
    drop(client.export(request("catalog", Vec::new())).await);
}
