//! The console's reading of JSON, as its source has it: the console itself would bring its web server along.

#[path = "../../../crates/console/src/otlp/json.rs"]
pub mod json;
#[path = "../../../crates/console/src/otlp/json_fields.rs"]
pub mod json_fields;
#[path = "../../../crates/console/src/otlp/json_value.rs"]
pub mod json_value;
#[expect(dead_code, reason = "paths and words are the console's")]
#[path = "../../../crates/console/src/otlp/signal.rs"]
pub mod signal;

/// The protobuf of JSON, for 0 traces, 1 metrics, 2 logs.
pub fn to_protobuf(signal: usize, text: &[u8]) -> Result<Vec<u8>, String> {
    json::to_protobuf(signal::Signal::ALL[signal], text)
}
