//! More senders than there is room for, many small ones, and slow ones.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use reqwest::StatusCode;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::Code;
use tonic_types::StatusExt;

use crate::otlp::{request, span};
use crate::started::{Started, until};

/// Messages that are worked on at once: `AT_ONCE` of the console.
const PLACES: usize = 16;

/// A sender that announces a body and stops in the middle of it.
async fn stalled(console: &Started) -> TcpStream {
    let address = console.otlp_http.strip_prefix("http://").expect("a URL");
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let head = "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 1000\r\n\r\nhalf";
    stream.write_all(head.as_bytes()).await.expect("it reads");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_no_room_is_asked_to_come_back_and_then_taken() {
    let console = Started::new().await;
    let mut senders = Vec::new();
    for _ in 0..PLACES {
        senders.push(stalled(&console).await);
    }
    let message = request("s", vec![span(1, 1, "GET /", SpanKind::Server, 1)]);
    let post = || async {
        let sent = console.client.post(format!("{}/v1/traces", console.otlp_http)).body(message.encode_to_vec());
        sent.header("content-type", "application/x-protobuf").send().await.expect("it answers")
    };
    // Connections are taken up one after the other: the last stalled one may still be on its way.
    let refused = until("a sender is turned away", async || {
        Some(post().await).filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS)
    })
    .await;
    assert_eq!(refused.headers()["retry-after"], "1");
    let mut client = TraceServiceClient::connect(console.otlp_grpc.clone()).await.expect("it listens");
    let status = client.export(message.clone()).await.expect_err("there is no room");
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(status.get_details_retry_info().and_then(|info| info.retry_delay), Some(Duration::from_secs(1)));
    assert!(console.health().await.requests_refused >= 2);

    drop(senders);
    until("there is room again", async || Some(post().await).filter(|answer| answer.status() == StatusCode::OK)).await;
    client.export(message.clone()).await.expect("it is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_messages_over_many_connections_all_arrive() {
    const CONNECTIONS: u64 = 60;
    const MESSAGES: u64 = 20;
    let console = Started::new().await;
    let mut senders = JoinSet::new();
    for sender in 0..CONNECTIONS {
        let (http, grpc) = (console.otlp_http.clone(), console.otlp_grpc.clone());
        senders.spawn(async move {
            // One span of two a message, as `telemetrygen traces` sends them; each sender has its own connection.
            let messages = (0..MESSAGES).map(|n| {
                let trace = u128::from(sender * MESSAGES + n + 1);
                let spans = vec![
                    span(trace, 1, "lets-go", SpanKind::Client, 1),
                    span(trace, 2, "okey-dokey-0", SpanKind::Server, 1),
                ];
                request("telemetrygen", spans)
            });
            if sender % 2 == 0 {
                let client = reqwest::Client::new();
                for message in messages {
                    let sent = client.post(format!("{http}/v1/traces")).body(message.encode_to_vec());
                    let answer =
                        sent.header("content-type", "application/x-protobuf").send().await.expect("it answers");
                    assert_eq!(answer.status(), StatusCode::OK);
                }
            } else {
                let mut client = TraceServiceClient::connect(grpc).await.expect("it listens");
                for message in messages {
                    client.export(message).await.expect("it is taken");
                }
            }
        });
    }
    senders.join_all().await;
    let health = console.health().await;
    assert_eq!(health.spans_received, CONNECTIONS * MESSAGES * 2);
    assert_eq!((health.requests_refused, health.requests_invalid, health.spans_dropped), (0, 0, 0));
}
