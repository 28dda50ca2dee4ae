//! OTLP over gRPC.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use tonic::Code;
use tonic::codec::CompressionEncoding;

use crate::otlp::{request, span, text};
use crate::started::Started;

#[tokio::test(flavor = "multi_thread")]
async fn spans_come_in_over_grpc_plain_and_packed() {
    let console = Started::new().await;
    let plain = TraceServiceClient::connect(console.otlp_grpc.clone()).await.expect("it listens");
    let gzip = plain.clone().send_compressed(CompressionEncoding::Gzip);
    let zstd = plain.clone().send_compressed(CompressionEncoding::Zstd);
    for (trace, mut client) in [(1, plain), (2, gzip), (3, zstd)] {
        let message = request("frontend", vec![span(trace, 1, "POST /api/checkout", SpanKind::Server, 20)]);
        let answer = client.export(message).await.expect("it is taken").into_inner();
        assert_eq!(answer.partial_success, None);
    }
    assert_eq!(console.health().await.spans_received, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn either_port_speaks_both_protocols() {
    let console = Started::new().await;
    let mut client = TraceServiceClient::connect(console.otlp_http.clone()).await.expect("it listens");
    let message = request("frontend", vec![span(1, 1, "GET /", SpanKind::Server, 1)]);
    client.export(message.clone()).await.expect("it is taken");
    let sent = console
        .client
        .post(format!("{}/v1/traces", console.otlp_grpc))
        .header("content-type", "application/x-protobuf")
        .body(message.encode_to_vec());
    assert_eq!(sent.send().await.expect("it answers").status(), 200);
    assert_eq!(console.health().await.spans_received, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_otlp_is_an_invalid_argument_and_counted() {
    let console = Started::new().await;
    let endpoint = tonic::transport::Channel::from_shared(console.otlp_grpc.clone()).expect("a URL");
    let mut raw = tonic::client::Grpc::new(endpoint.connect().await.expect("it listens"));
    raw.ready().await.expect("it is connected");
    let path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    // A message of another kind: field 1 is text there.
    let wrong = tonic::Request::new(tonic_types::pb::Status { code: 7, ..Default::default() });
    let codec = tonic_prost::ProstCodec::<_, tonic_types::pb::Status>::default();
    let status = raw.unary(wrong, path.parse().expect("a path"), codec).await.expect_err("it is no OTLP");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert_eq!(console.health().await.requests_invalid, 1);
    let codec = tonic_prost::ProstCodec::<_, tonic_types::pb::Status>::default();
    raw.ready().await.expect("it is connected");
    let nowhere = "/opentelemetry.proto.collector.trace.v1.TraceService/Import".parse().expect("a path");
    let wrong = tonic::Request::new(tonic_types::pb::Status::default());
    let status = raw.unary(wrong, nowhere, codec).await.expect_err("there is no such method");
    assert_eq!(status.code(), Code::Unimplemented, "{status:?}");
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
