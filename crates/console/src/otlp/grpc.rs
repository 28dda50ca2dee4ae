//! OTLP/gRPC.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use tokio::net::TcpListener;
use tonic::codec::CompressionEncoding;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::clock;
use crate::options::ServeError;
use crate::otlp::admission::Admission;
use crate::otlp::answer::{log_response, metric_response, trace_response};
use crate::otlp::{LARGEST_MESSAGE, MESSAGE_WITHIN};
use crate::state::State;

/// When those that were turned away may come back.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Requests at once on one connection; more wait in the sender.
const STREAMS_PER_CONNECTION: u32 = 64;

/// Serves until the console is to end.
pub(crate) async fn serve_grpc(listener: TcpListener, state: State, admission: Admission) -> Result<(), ServeError> {
    let service = Otlp { state: state.clone() };
    Server::builder()
        .timeout(MESSAGE_WITHIN)
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .layer(admission.layer(refusal))
        .add_service(
            TraceServiceServer::new(service.clone())
                .accept_compressed(CompressionEncoding::Gzip)
                .max_decoding_message_size(LARGEST_MESSAGE),
        )
        .add_service(
            MetricsServiceServer::new(service.clone())
                .accept_compressed(CompressionEncoding::Gzip)
                .max_decoding_message_size(LARGEST_MESSAGE),
        )
        .add_service(
            LogsServiceServer::new(service)
                .accept_compressed(CompressionEncoding::Gzip)
                .max_decoding_message_size(LARGEST_MESSAGE),
        )
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            state.shutdown().clone().cancelled_owned(),
        )
        .await?;
    Ok(())
}

fn refusal() -> http::Response<tonic::body::Body> {
    let details = ErrorDetails::with_retry_info(Some(RETRY_AFTER));
    Status::with_error_details(Code::ResourceExhausted, "too many messages at once", details).into_http()
}

/// The three services over one store.
#[derive(Debug, Clone)]
struct Otlp {
    state: State,
}

#[tonic::async_trait]
impl TraceService for Otlp {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        Ok(Response::new(trace_response(self.state.store().ingest_traces(request.get_ref(), clock::now()))))
    }
}

#[tonic::async_trait]
impl MetricsService for Otlp {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        Ok(Response::new(metric_response(self.state.store().ingest_metrics(request.get_ref()))))
    }
}

#[tonic::async_trait]
impl LogsService for Otlp {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        Ok(Response::new(log_response(self.state.store().ingest_logs(request.get_ref(), clock::now()))))
    }
}
