//! What a call comes back with.

use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status of the answer.
    pub status: StatusCode,
    /// Its whole body.
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Errors
    /// If it is not JSON of that shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallErrorKind {
    /// The deadline passed.
    Timeout,
    /// No connection could be made.
    Connect,
    /// The connection broke, or what came was not HTTP.
    Transport,
    /// The answer is longer than [`super::MAX_REPLY_BYTES`].
    TooLong,
    /// The request could not be built: path or body are unusable.
    Request,
}

impl CallErrorKind {
    /// As written in `error.type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Transport => "transport",
            Self::TooLong => "too_long",
            Self::Request => "request",
        }
    }
}

/// A call without an answer.
#[derive(Debug, thiserror::Error)]
#[error("call to {service} failed ({}): {message}", kind.as_str())]
pub struct CallError {
    /// What went wrong.
    pub kind: CallErrorKind,
    /// The service that was called.
    pub service: String,
    /// Details for the log.
    pub message: String,
}
