//! The way into the store: the bytes of a message in, an account of it out.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use store::Ingested;

use crate::clock;
use crate::otlp::refused::Refused;
use crate::otlp::signal::Signal;
use crate::state::State;

/// Takes in one message of protobuf.
pub(crate) fn take(state: &State, signal: Signal, message: &[u8]) -> Result<Ingested, Refused> {
    let store = state.store();
    let now = clock::now();
    match signal {
        Signal::Traces => {
            decode::<ExportTraceServiceRequest>(message).map(|decoded| store.ingest_traces(&decoded, now))
        }
        Signal::Metrics => decode::<ExportMetricsServiceRequest>(message).map(|decoded| store.ingest_metrics(&decoded)),
        Signal::Logs => decode::<ExportLogsServiceRequest>(message).map(|decoded| store.ingest_logs(&decoded, now)),
    }
}

fn decode<M: Message + Default>(message: &[u8]) -> Result<M, Refused> {
    M::decode(message).map_err(|error| Refused::Malformed(error.to_string()))
}
