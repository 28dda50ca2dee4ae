//! Why a request has no answer.

use std::io;

use super::answer::Malformed;

/// Why a request has no answer. Status codes are answers, whatever they say.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the target can't be reached: {0}")]
    Connect(#[source] io::Error),
    /// The generator's own fault.
    #[error("this machine has no descriptor or port left for a connection: {0}")]
    Exhausted(#[source] io::Error),
    #[error("the target did not accept a connection in time")]
    ConnectTimeout,
    #[error("the TLS handshake failed: {0}")]
    Tls(#[source] io::Error),
    #[error("the answer did not come in time")]
    Timeout,
    #[error("the connection broke: {0}")]
    Reset(#[source] io::Error),
    #[error("the server closed the connection before the answer was whole")]
    Closed,
    #[error("the answer is malformed: {0}")]
    Malformed(#[from] Malformed),
    /// What hyper says of an answer that it can't read.
    #[error("the answer is malformed: {0}")]
    Protocol(String),
    #[error("the request can't be sent: {0}")]
    Request(String),
}

impl Failure {
    /// Low-cardinality name: `error.type` of spans and the key under which failures are counted.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Exhausted(_) => scenario::GENERATOR_LIMIT,
            Self::ConnectTimeout => "connect_timeout",
            Self::Tls(_) => "tls",
            Self::Timeout => "timeout",
            Self::Reset(_) => "reset",
            Self::Closed => "closed",
            Self::Malformed(_) | Self::Protocol(_) => "malformed",
            Self::Request(_) => "request",
        }
    }

    /// Of an attempt to connect.
    pub(crate) fn of_connecting(error: io::Error) -> Self {
        use nix::errno::Errno;
        let ours = [Errno::EMFILE, Errno::ENFILE, Errno::EADDRNOTAVAIL].map(|errno| errno as i32);
        if error.raw_os_error().is_some_and(|code| ours.contains(&code)) {
            Self::Exhausted(error)
        } else {
            Self::Connect(error)
        }
    }

    /// Whether the other side may simply have closed a kept connection before it saw the request.
    pub(crate) fn may_be_stale(&self) -> bool {
        matches!(self, Self::Reset(_) | Self::Closed)
    }
}
