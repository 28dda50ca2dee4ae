//! Why a message was not taken, and how each protocol says so.

use std::time::Duration;

use http::StatusCode;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::otlp::{LARGEST_MESSAGE, MESSAGE_WITHIN};
use crate::state::State;

/// When those for whom there was no room may come back.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Why a message was not taken. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("too many messages at once: try again in a second, or send larger batches over fewer connections")]
    TooMany,
    #[error("memory is full and the disk is behind: try again in a second")]
    Full,
    #[error("this is not an OTLP message of this path: {0}")]
    Malformed(String),
    #[error("a message may have {LARGEST_MESSAGE} bytes, compressed or not: send smaller batches")]
    TooLarge,
    #[error("Content-Type is {0}: send application/x-protobuf or application/json")]
    ContentType(String),
    #[error("Content-Encoding is {0}: send gzip, zstd, deflate or none")]
    ContentEncoding(String),
    #[error("a message must be here within {} seconds: send smaller batches", MESSAGE_WITHIN.as_secs())]
    TooSlow,
    #[error("the body could not be read: {0}")]
    Unreadable(String),
}

impl Refused {
    /// Whether the sender should send it again.
    pub(crate) fn is_for_now(&self) -> bool {
        matches!(self, Self::TooMany | Self::Full)
    }

    /// Puts it on the account that `/api/health` shows.
    pub(crate) fn count(&self, state: &State) {
        if self.is_for_now() {
            state.count_refused();
        } else {
            state.count_invalid();
        }
    }

    pub(crate) fn http_status(&self) -> StatusCode {
        match self {
            Self::TooMany | Self::Full => StatusCode::TOO_MANY_REQUESTS,
            Self::Malformed(_) | Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ContentType(_) | Self::ContentEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
        }
    }

    pub(crate) fn grpc_code(&self) -> Code {
        match self {
            Self::TooMany | Self::Full => Code::ResourceExhausted,
            Self::TooLarge => Code::OutOfRange,
            Self::TooSlow => Code::DeadlineExceeded,
            Self::Malformed(_) | Self::Unreadable(_) | Self::ContentType(_) | Self::ContentEncoding(_) => {
                Code::InvalidArgument
            }
        }
    }

    /// With a time to wait where there is one: without it `RESOURCE_EXHAUSTED` means "never again" to senders.
    pub(crate) fn grpc_status(&self) -> Status {
        let details = match self.is_for_now() {
            true => ErrorDetails::with_retry_info(Some(RETRY_AFTER)),
            false => ErrorDetails::new(),
        };
        Status::with_error_details(self.grpc_code(), self.to_string(), details)
    }
}
