//! OTLP in, over gRPC and HTTP, from anybody. Bounded: size of messages, messages at once, time to send one.
//!
//! What cannot be taken is answered as the protocol says: `partial_success` with a count for single spans or points,
//! 400 or `INVALID_ARGUMENT` for what is no OTLP, 413 or `OUT_OF_RANGE` for what is too large, 429 or
//! `RESOURCE_EXHAUSTED` with a time to wait when too much comes at once.

mod admission;
mod answer;
mod grpc;
mod http;

pub(crate) use admission::Admission;
pub(crate) use grpc::serve_grpc;
pub(crate) use http::serve_http;

use std::time::Duration;

/// The largest message, compressed or not.
const LARGEST_MESSAGE: usize = 16 << 20;
/// How long a sender may take for one message.
const MESSAGE_WITHIN: Duration = Duration::from_secs(10);
