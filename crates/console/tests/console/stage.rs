//! The Stage: what the conductor tells, what the page gets.

use console::api::{CardStatus, PlayPhase, StagePlay, StageSnapshot};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use reqwest::StatusCode;

use crate::otlp::{now_ns, request, span};
use crate::started::{Started, until};

fn play() -> StagePlay {
    StagePlay {
        title: "A play <with> markup & \"quotes\"".into(),
        run_id: "run-1".into(),
        scenario: "black-friday".into(),
        minutes: 33.0,
        speed: 10.0,
        start_unix: now_ns() as f64 / 1e9 - 60.0,
        minute: 10.0,
        status: "running".into(),
        phases: vec![PlayPhase { name: "peak".into(), from: 0.0, to: 33.0 }],
        ..StagePlay::default()
    }
}

async fn tell(console: &Started, play: &StagePlay) {
    let answer =
        console.client.post(format!("{}/api/stage", console.pages)).json(play).send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_play_the_stage_says_so_and_shows_what_came() {
    let console = Started::new().await;
    let snapshot: StageSnapshot = console.json("/api/stage").await;
    assert_eq!((snapshot.minute, snapshot.play), (None, None));
    assert!(snapshot.cards.iter().all(|card| card.status == CardStatus::NoData));
    let page = console.client.get(&console.pages).send().await.expect("it answers").text().await.expect("text");
    assert!(page.contains("No play is on") && page.contains("NO DATA"), "{page}");
}

/// Twenty requests of `demo` that `service` answered.
async fn send_requests(console: &Started, service: &str) {
    let spans = (1..=20).map(|n| span(n, 1, "POST /api/checkout", SpanKind::Server, 40)).collect();
    let body = request(service, spans).encode_to_vec();
    let sent = console
        .client
        .post(format!("{}/v1/traces", console.otlp_http))
        .header("content-type", "application/x-protobuf")
        .body(body)
        .send();
    assert_eq!(sent.await.expect("it answers").status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_play_says_where_visitors_come_in() {
    let console = Started::new().await;
    tell(&console, &StagePlay { entrance: "product-catalog".into(), ..play() }).await;
    send_requests(&console, "frontend").await;
    send_requests(&console, "product-catalog").await;
    let counted = until("the second is over", async || {
        let snapshot: StageSnapshot = console.json("/api/stage").await;
        Some(snapshot.cards[1].count).filter(|count| *count > 0)
    });
    assert_eq!(counted.await, 20, "those of product-catalog alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cards_show_the_entrance_by_kind_of_traffic() {
    let console = Started::new().await;
    tell(&console, &play()).await;
    // They count whole seconds: what is sent now is seen when this second is over.
    send_requests(&console, "frontend").await;
    let snapshot = until("the second is over", async || {
        let snapshot: StageSnapshot = console.json("/api/stage").await;
        (snapshot.cards[1].count == 20).then_some(snapshot)
    })
    .await;
    let [baseline, demo] = &snapshot.cards[..] else { panic!("two cards") };
    assert_eq!((baseline.traffic_type.as_str(), baseline.status), ("baseline", CardStatus::NoData));
    assert_eq!((demo.traffic_type.as_str(), demo.status), ("demo", CardStatus::Ok));
    assert!((demo.p95_ms / 40.0 - 1.0).abs() < 0.02);
    assert!((demo.rate_per_minute - 120.0).abs() < 1.0, "20 in ten seconds: {}", demo.rate_per_minute);
    let minute = snapshot.minute.expect("a play is on");
    assert!((10.0..13.0).contains(&minute), "the clock runs on between messages: {minute}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_brings_a_snapshot_at_once_and_another_every_second() {
    let console = Started::new().await;
    tell(&console, &play()).await;
    let mut stream =
        console.client.get(format!("{}/api/stage/events", console.pages)).send().await.expect("it answers");
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    while text.matches("event: stage").count() < 3 {
        let chunk = stream.chunk().await.expect("it goes on").expect("it does not end");
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    let line = text.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
    let message: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(message["snapshot"]["play"]["run_id"], "run-1");
    let parts = message["parts"].as_array().expect("parts");
    assert!(parts.iter().any(|part| part[0] == "cards"));
    assert!(line.contains("A play &lt;with&gt; markup"), "markup in names is text");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_ends_promptly_though_somebody_watches() {
    let console = Started::new().await;
    let mut stream =
        console.client.get(format!("{}/api/stage/events", console.pages)).send().await.expect("it answers");
    assert!(stream.chunk().await.expect("a first message").is_some());
    let ended = tokio::time::timeout(std::time::Duration::from_secs(4), console.end()).await;
    ended.expect("within four seconds").expect("without error");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_that_is_none_is_refused() {
    let console = Started::new().await;
    let url = format!("{}/api/stage", console.pages);
    let post =
        |body: &'static str| console.client.post(&url).header("content-type", "application/json").body(body).send();
    assert_eq!(post("{").await.expect("it answers").status(), StatusCode::BAD_REQUEST);
    assert_eq!(post(r#"{"minutes": "many"}"#).await.expect("it answers").status(), StatusCode::UNPROCESSABLE_ENTITY);
    let form =
        console.client.post(&url).header("content-type", "text/plain").body("{}").send().await.expect("it answers");
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "a page of another origin cannot send it unasked");
}
