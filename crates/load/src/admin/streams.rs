//! What orders about one stream of the run have in common.

use std::sync::Arc;

use http::StatusCode;

use super::error::ApiError;
use super::input::Reader;
use crate::engine::Run;
use crate::generator::Generator;

/// How far ahead the end of an order may lie, in seconds: twice the longest scenario, which is a day.
const MOST_AHEAD: f64 = 48.0 * 3600.0;
/// Longest part of a stream's name that is repeated in an answer, in characters.
const LONGEST_NAME: usize = 64;

/// The run that has streams.
pub(super) fn run(generator: &Generator) -> Result<Arc<Run>, ApiError> {
    generator.current().ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, "not_found", "no run is under way, so there are no streams")
    })
}

/// The number of the stream called `name`.
pub(super) fn find(run: &Run, name: &str) -> Result<usize, ApiError> {
    let streams = &run.plan().traffic.streams;
    streams.iter().position(|stream| stream.name == name).ok_or_else(|| {
        let known: Vec<&str> = streams.iter().map(|stream| stream.name.as_str()).collect();
        let name: String = name.chars().take(LONGEST_NAME).collect();
        let message = format!("there is no stream {name:?}; there are {}", known.join(", "));
        ApiError::new(StatusCode::NOT_FOUND, "not_found", message)
    })
}

/// When an order ends by itself.
pub(super) fn until(reader: &mut Reader, now: f64) -> f64 {
    let ahead = now..=now + MOST_AHEAD;
    reader.number("until_unix", ahead, "of Unix seconds in the next 48 hours").unwrap_or_default()
}
