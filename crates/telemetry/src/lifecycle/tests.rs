//! Pipelines against real collectors, and against none.

use super::*;
use crate::attr;
use crate::context::Origin;
use crate::resource;
use crate::service::Service;
use crate::settings::BadSetting;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use prost::Message;
use std::sync::Mutex;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(10);

/// Paths and bodies that a collector received.
type Received = Arc<Mutex<Vec<(String, Bytes)>>>;

#[derive(Clone, Default)]
struct GrpcCollector(Received);

#[tonic::async_trait]
impl TraceService for GrpcCollector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let body = request.into_inner().encode_to_vec().into();
        self.0.lock().unwrap().push(("traces".to_owned(), body));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

async fn listener() -> (tokio::net::TcpListener, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

async fn grpc_collector() -> (Received, String) {
    let (listener, url) = listener().await;
    let collector = GrpcCollector::default();
    let received = Arc::clone(&collector.0);
    let server = tonic::transport::Server::builder().add_service(TraceServiceServer::new(collector));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    (received, url)
}

async fn http_collector() -> (Received, String) {
    async fn take(State(received): State<Received>, uri: http::Uri, body: Bytes) {
        let path = uri.path().to_owned();
        received.lock().unwrap().push((path, body));
    }
    let (listener, url) = listener().await;
    let received = Received::default();
    let router = axum::Router::new().route("/v1/{signal}", post(take)).with_state(Arc::clone(&received));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (received, url)
}

fn telemetry(variables: &[(&str, &str)]) -> Telemetry {
    let settings = settings(variables).unwrap();
    let resource = resource::build(&Service::new("cart", "1.2.3"), &settings, "i-1");
    Telemetry::build(&settings, &resource).unwrap()
}

fn settings(variables: &[(&str, &str)]) -> Result<Settings, Vec<BadSetting>> {
    Settings::read(&|name| {
        let found = variables.iter().find(|(n, _)| *n == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn record_spans(telemetry: &Telemetry, count: usize) {
    let tracer = telemetry.traces.as_ref().unwrap().tracer("test");
    let demo = Origin::new("demo").attach_to(&Context::new());
    for _ in 0..count {
        let mut span = tracer.start_with_context("work", &demo);
        span.set_attribute(KeyValue::new(attr::STEP_NUMBER, 1));
        span.set_attribute(KeyValue::new(attr::STEP_NUMBER, 2));
        span.end();
    }
}

/// Exports run on threads of their own, so a test waits for them off its runtime.
async fn shut_down(telemetry: Telemetry) -> (ShutdownReport, Duration) {
    let began = Instant::now();
    let report = tokio::task::spawn_blocking(move || telemetry.shutdown());
    let report = report.await.unwrap();
    (report, began.elapsed())
}

fn check_traces(body: &Bytes) {
    let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
    let resource = request.resource_spans[0].resource.as_ref().unwrap();
    let text = format!("{:?}", resource.attributes);
    for expected in ["service.name", "cart", "1.2.3", "doorbuster", "i-1", "cx.subsystem.name"] {
        assert!(text.contains(expected), "{expected} not in {text}");
    }
    let span = &request.resource_spans[0].scope_spans[0].spans[0];
    let attributes: Vec<_> = span.attributes.iter().map(|a| a.key.as_str()).collect();
    assert_eq!(attributes, [attr::TRAFFIC_TYPE, attr::STEP_NUMBER]);
}

#[tokio::test]
async fn spans_reach_a_grpc_collector_within_the_batch_delay() {
    let (received, url) = grpc_collector().await;
    let telemetry = telemetry(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_LOGS_EXPORTER", "none"),
    ]);
    let began = Instant::now();
    record_spans(&telemetry, 10);
    while received.lock().unwrap().is_empty() {
        assert!(began.elapsed() < DEADLINE, "nothing arrived");
        tokio::task::yield_now().await;
    }
    check_traces(&received.lock().unwrap()[0].1);
    let (report, _) = shut_down(telemetry).await;
    let expected = ShutdownReport { spans_ended: 10, spans_dropped: 0, is_complete: true };
    assert_eq!(report, expected);
}

#[tokio::test]
async fn all_signals_reach_an_http_collector_at_their_paths() {
    let (received, url) = http_collector().await;
    let telemetry =
        telemetry(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]);
    record_spans(&telemetry, 1);
    let meter = telemetry.metrics.as_ref().unwrap().meter("test");
    meter.u64_counter("things").build().add(1, &[]);
    let logger = telemetry.logs.as_ref().unwrap().logger("test");
    let mut record = logger.create_log_record();
    record.set_body("line".into());
    logger.emit(record);
    let (report, _) = shut_down(telemetry).await;
    assert!(report.is_complete);
    let received = received.lock().unwrap().clone();
    let mut paths: Vec<_> = received.iter().map(|(path, _)| path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/v1/logs", "/v1/metrics", "/v1/traces"]);
    let traces = received.iter().find(|(path, _)| path == "/v1/traces");
    check_traces(&traces.unwrap().1);
}

#[tokio::test]
async fn without_a_collector_the_end_is_quick_and_tells_what_was_lost() {
    let (listener, url) = listener().await;
    drop(listener);
    for protocol in ["grpc", "http/protobuf"] {
        let telemetry = telemetry(&[("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]);
        record_spans(&telemetry, 5);
        let (report, took) = shut_down(telemetry).await;
        assert_eq!((report.spans_ended, report.spans_dropped), (5, 5), "{protocol}");
        assert!(took < SHUTDOWN_LIMIT + Duration::from_millis(500), "{took:?}");
    }
}

#[tokio::test]
async fn a_collector_that_never_answers_costs_two_seconds_at_the_end() {
    // Bound and never accepted from: the connection opens, no answer comes.
    let (_listener, url) = listener().await;
    let telemetry = telemetry(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]);
    record_spans(&telemetry, 5);
    let (report, took) = shut_down(telemetry).await;
    assert_eq!(report.spans_dropped, 5);
    assert!(took < SHUTDOWN_LIMIT + Duration::from_millis(500), "{took:?}");
}

#[tokio::test]
async fn a_full_queue_drops_spans_and_says_how_many() {
    let (_listener, url) = listener().await;
    let telemetry = telemetry(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), ("OTEL_BSP_MAX_QUEUE_SIZE", "10")]);
    let began = Instant::now();
    record_spans(&telemetry, 10_000);
    assert!(began.elapsed() < Duration::from_secs(2), "recording blocked");
    let (report, _) = shut_down(telemetry).await;
    assert_eq!((report.spans_ended, report.spans_dropped), (10_000, 10_000));
}

#[tokio::test]
async fn disabled_telemetry_has_no_pipelines() {
    let telemetry = telemetry(&[("OTEL_SDK_DISABLED", "true")]);
    assert!(telemetry.traces.is_none() && telemetry.metrics.is_none() && telemetry.logs.is_none());
    let (report, _) = shut_down(telemetry).await;
    assert_eq!(report.spans_ended, 0);
}

#[test]
fn what_the_user_says_about_the_resource_wins() {
    let read = |variables: &[(&str, &str)]| {
        let settings = settings(variables).unwrap();
        let resource = resource::build(&Service::new("cart", "1"), &settings, "i-1");
        let get = |key: &'static str| resource.get(&key.into()).map(|value| value.to_string());
        [get(attr::resource::SERVICE_NAME), get(attr::resource::SERVICE_NAMESPACE), get("team")]
            .map(Option::unwrap_or_default)
    };
    let given = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=a,service.namespace=b,team=c");
    assert_eq!(read(&[]), ["cart", "doorbuster", ""]);
    assert_eq!(read(&[given]), ["a", "b", "c"]);
    assert_eq!(read(&[given, ("OTEL_SERVICE_NAME", "d")]), ["d", "b", "c"]);
}
