//! Answers to messages that were taken, in whole or in part.

use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsPartialSuccess, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use store::Ingested;

fn rejected(ingested: Ingested) -> Option<i64> {
    (ingested.rejected > 0).then(|| i64::try_from(ingested.rejected).unwrap_or(i64::MAX))
}

pub(crate) fn trace_response(ingested: Ingested) -> ExportTraceServiceResponse {
    let error_message = "trace id of 16 bytes and span id of 8, not all zero; the end not before the start".to_owned();
    let partial_success =
        rejected(ingested).map(|rejected_spans| ExportTracePartialSuccess { rejected_spans, error_message });
    ExportTraceServiceResponse { partial_success }
}

pub(crate) fn metric_response(ingested: Ingested) -> ExportMetricsServiceResponse {
    let error_message = "too many different points: these came after the bound was reached".to_owned();
    let partial_success = rejected(ingested)
        .map(|rejected_data_points| ExportMetricsPartialSuccess { rejected_data_points, error_message });
    ExportMetricsServiceResponse { partial_success }
}

pub(crate) fn log_response(ingested: Ingested) -> ExportLogsServiceResponse {
    let error_message = String::new();
    let partial_success =
        rejected(ingested).map(|rejected_log_records| ExportLogsPartialSuccess { rejected_log_records, error_message });
    ExportLogsServiceResponse { partial_success }
}
