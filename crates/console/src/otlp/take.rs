//! The way into the store: the bytes of a message in, an account of it out.

use store::{IngestError, Ingested};

use crate::clock;
use crate::otlp::refused::Refused;
use crate::otlp::signal::Signal;
use crate::state::State;

/// Takes in one message of protobuf.
pub(crate) fn take(state: &State, signal: Signal, message: &[u8]) -> Result<Ingested, Refused> {
    let store = state.store();
    let taken = match signal {
        Signal::Traces => store.ingest_traces(message, clock::now()),
        Signal::Metrics => store.ingest_metrics(message),
        Signal::Logs => store.ingest_logs(message, clock::now()),
    };
    taken.map_err(|error| match error {
        IngestError::Malformed(problem) => Refused::Malformed(problem),
        IngestError::Full => Refused::Full,
    })
}
