//! OTLP in, over gRPC and HTTP, from anybody. Bounded: connections, messages at once, the size of a message, the time to
//! send one.
//!
//! Both ports speak both protocols, since senders get the two mixed up. A message stays bytes (`grpc`, `body`) until the
//! store walks over it (`take`); JSON becomes the same bytes first (`json`).
//!
//! What cannot be taken is answered as the protocol says (`refused`): `partial_success` with a count for single spans,
//! points or records (`answer`), 400 or `INVALID_ARGUMENT` for what is no OTLP, 413 or `OUT_OF_RANGE` for what is too large,
//! 429 or `RESOURCE_EXHAUSTED` with a time to wait when there is no room.

mod admission;
mod answer;
mod body;
mod grpc;
mod http;
mod json;
mod json_fields;
mod json_value;
mod listen;
mod refused;
mod signal;
mod take;

pub(crate) use admission::Admission;
pub(crate) use listen::serve;

use std::time::Duration;

/// The largest message, compressed or not.
const LARGEST_MESSAGE: usize = 16 << 20;
/// How long a sender may take for one message.
const MESSAGE_WITHIN: Duration = Duration::from_secs(10);
