//! OTLP over gRPC.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tonic::Code;
use tonic::codec::CompressionEncoding;

use crate::otlp::{request, span, text};
use crate::started::Started;

#[tokio::test(flavor = "multi_thread")]
async fn spans_come_in_over_grpc_plain_and_gzipped() {
    let console = Started::new().await;
    let plain = TraceServiceClient::connect(console.otlp_grpc.clone()).await.expect("it listens");
    let gzip = plain.clone().send_compressed(CompressionEncoding::Gzip);
    for (trace, mut client) in [(1, plain), (2, gzip)] {
        let message = request("frontend", vec![span(trace, 1, "POST /api/checkout", SpanKind::Server, 20)]);
        let answer = client.export(message).await.expect("it is taken").into_inner();
        assert_eq!(answer.partial_success, None);
    }
    assert_eq!(console.health().await.spans_received, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_logs_have_their_services_too() {
    let console = Started::new().await;
    let mut logs = LogsServiceClient::connect(console.otlp_grpc.clone()).await.expect("it listens");
    logs.export(ExportLogsServiceRequest::default()).await.expect("an empty message is a message");
    let mut metrics = MetricsServiceClient::connect(console.otlp_grpc.clone()).await.expect("it listens");
    metrics.export(ExportMetricsServiceRequest::default()).await.expect("an empty message is a message");
}

#[tokio::test(flavor = "multi_thread")]
async fn single_bad_spans_are_a_partial_success_with_their_number() {
    let console = Started::new().await;
    let mut client = TraceServiceClient::connect(console.otlp_grpc.clone()).await.expect("it listens");
    let spans = vec![span(1, 1, "good", SpanKind::Server, 1), span(0, 1, "no trace", SpanKind::Server, 1)];
    let answer = client.export(request("s", spans)).await.expect("it is taken").into_inner();
    let partial = answer.partial_success.expect("one was rejected");
    assert_eq!(partial.rejected_spans, 1);
    assert!(partial.error_message.contains("trace id"), "{}", partial.error_message);
    assert_eq!(console.health().await.spans_dropped, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_large_is_refused_and_the_next_one_taken() {
    let console = Started::new().await;
    let mut client = TraceServiceClient::connect(console.otlp_grpc.clone())
        .await
        .expect("it listens")
        .send_compressed(CompressionEncoding::Gzip)
        .max_encoding_message_size(64 << 20);
    // Seventeen million equal letters: small on the wire, too large when unpacked.
    let mut large = span(1, 1, "large", SpanKind::Server, 1);
    large.attributes.push(text("k", &"x".repeat(17 << 20)));
    let status = client.export(request("s", vec![large])).await.expect_err("it is too large");
    assert!(matches!(status.code(), Code::OutOfRange | Code::ResourceExhausted), "{status:?}");
    client.export(request("s", vec![span(2, 1, "small", SpanKind::Server, 1)])).await.expect("it is taken");
}
