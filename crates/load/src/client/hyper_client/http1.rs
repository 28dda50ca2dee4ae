//! A kept HTTP/1.1 connection, and one request and answer on it at a time.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::answer::{Reply, Undone};
use super::reason;
use super::upload::Upload;
use super::wire::{Received, Wire};
use crate::client::{Answer, Failure};

/// Longest head that is read, in bytes, and most of its lines, as the thin client has them.
const MAX_HEAD_BYTES: usize = 32 * 1024;
const MAX_HEADERS: usize = 96;

/// An open connection. Only its request drives it, so that dropping the one closes the other.
pub(super) struct Http1 {
    sender: SendRequest<Upload>,
    connection: Connection<TokioIo<Wire>, Upload>,
    received: Received,
    /// Whether it has carried an exchange before.
    is_used: bool,
    has_ended: bool,
}

impl Http1 {
    pub(super) async fn open(wire: Wire) -> Result<Self, Failure> {
        let received = wire.received();
        let mut builder = Builder::new();
        builder.max_header_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
        let handshake = builder.handshake(TokioIo::new(wire)).await;
        let (sender, connection) = handshake.map_err(|error| reason::of(&error))?;
        Ok(Self { sender, connection, received, is_used: false, has_ended: false })
    }

    /// Whether it may carry another request: the last answer is behind it, and since then nothing has come unasked, no
    /// end, no error, no bytes.
    pub(super) fn is_silent(&mut self) -> bool {
        let mut unwatched = Context::from_waker(Waker::noop());
        self.has_ended = self.has_ended || Pin::new(&mut self.connection).poll(&mut unwatched).is_ready();
        !self.has_ended && self.sender.is_ready()
    }

    /// Sends `request` and reads its answer. Dropping the future leaves the connection unusable; it must be dropped too.
    pub(super) async fn exchange(
        &mut self,
        request: http::Request<Upload>,
        reply: &mut Reply<'_>,
    ) -> Result<Answer, Undone> {
        let before = self.received.bytes();
        let Self { sender, connection, has_ended, .. } = self;
        let mut answer = pin!(async {
            let response = sender.try_send_request(request).await.map_err(|error| reason::of(error.error()))?;
            reply.read(response).await
        });
        let outcome = poll_fn(|cx| {
            // The first time this hands the request over, and later it takes what the connection has read.
            if let Poll::Ready(outcome) = answer.as_mut().poll(cx) {
                return Poll::Ready(outcome);
            }
            *has_ended = *has_ended || Pin::new(&mut *connection).poll(cx).is_ready();
            answer.as_mut().poll(cx)
        });
        let outcome = outcome.await;
        let was_used = std::mem::replace(&mut self.is_used, true);
        outcome.map_err(|failure| Undone {
            is_stale: was_used && failure.may_be_stale() && self.received.bytes() == before,
            failure,
        })
    }
}
