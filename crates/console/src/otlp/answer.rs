//! Answers to messages that were taken, in whole or in part.

use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use prost::Message;
use serde_json::json;
use store::Ingested;

use crate::otlp::signal::Signal;

/// The answer as protobuf. The three kinds of telemetry have answers of one and the same shape on the wire.
pub(crate) fn protobuf(signal: Signal, ingested: Ingested) -> Vec<u8> {
    let partial_success = (ingested.rejected > 0).then(|| ExportTracePartialSuccess {
        rejected_spans: i64::try_from(ingested.rejected).unwrap_or(i64::MAX),
        error_message: signal.why_rejected().to_owned(),
    });
    ExportTraceServiceResponse { partial_success }.encode_to_vec()
}

/// The answer as JSON: numbers of 64 bits are text there.
pub(crate) fn json(signal: Signal, ingested: Ingested) -> Vec<u8> {
    let answer = match ingested.rejected {
        0 => json!({}),
        rejected => json!({"partialSuccess": {
            signal.rejected_field(): rejected.to_string(),
            "errorMessage": signal.why_rejected(),
        }}),
    };
    answer.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;

    use super::*;

    #[test]
    fn the_answer_is_the_one_of_the_kind_that_was_sent() {
        let some = Ingested { accepted: 5, rejected: 3 };
        let logs = ExportLogsServiceResponse::decode(&protobuf(Signal::Logs, some)[..]).expect("an answer");
        assert_eq!(logs.partial_success.map(|partial| partial.rejected_log_records), Some(3));
        let metrics = ExportMetricsServiceResponse::decode(&protobuf(Signal::Metrics, some)[..]).expect("an answer");
        assert_eq!(metrics.partial_success.map(|partial| partial.rejected_data_points), Some(3));
        let metrics: serde_json::Value = serde_json::from_slice(&json(Signal::Metrics, some)).expect("JSON");
        assert_eq!(metrics["partialSuccess"]["rejectedDataPoints"], "3");
        let all = Ingested { accepted: 5, rejected: 0 };
        assert!(protobuf(Signal::Traces, all).is_empty());
        assert_eq!(json(Signal::Traces, all), b"{}");
    }
}
