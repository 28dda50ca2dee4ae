//! A request's body on its way out: at once, or piece by piece.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::client::drip::{Drip, Dripping};

/// A body that is sent once. Its time begins when its first piece is asked for.
#[derive(Debug)]
pub(super) struct Upload {
    left: Bytes,
    sent: usize,
    pace: Pace,
}

#[derive(Debug)]
enum Pace {
    AtOnce,
    Waiting(Drip),
    Dripping(Box<Dripping>),
}

impl Upload {
    /// `body` over that time; at once where absent.
    pub(super) fn new(body: Bytes, over: Option<Duration>) -> Self {
        let pace = over.map_or(Pace::AtOnce, |over| Pace::Waiting(Drip::new(0, body.len(), over)));
        Self { left: body, sent: 0, pace }
    }

    /// Ready with how many of the bytes that are left may leave.
    fn poll_allowed(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        if let Pace::Waiting(drip) = self.pace {
            self.pace = Pace::Dripping(Box::new(Dripping::begin(drip)));
        }
        match &mut self.pace {
            Pace::Dripping(dripping) => dripping.poll_beyond(self.sent, cx).map(|allowed| allowed - self.sent),
            Pace::AtOnce | Pace::Waiting(_) => Poll::Ready(self.left.len()),
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let allowed = ready!(self.poll_allowed(cx)).min(self.left.len());
        self.sent += allowed;
        let piece = self.left.split_to(allowed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
