//! Connections that are being opened for several requests at once.
//!
//! A hundred requests that arrive together need one HTTP/2 connection, not a hundred. Whoever of them is polled drives
//! the handshake; when all have given up, so has the connection.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared, WeakShared};

use super::open::{Opened, Opener};
use crate::client::Failure;

/// Streams that a connection is expected to have as long as none of this target has been seen: what servers are advised
/// to allow at least (RFC 9113, 6.5.2).
const EXPECTED_STREAMS: usize = 100;

/// What came of it. The first who asks gets the connection.
type Outcome = Rc<Result<RefCell<Option<Opened>>, Failure>>;
type Handshake = LocalBoxFuture<'static, Outcome>;

/// The openings of one target.
pub(super) struct Openings {
    under_way: RefCell<Vec<UnderWay>>,
    /// Streams of the connection that was opened last.
    expected_streams: Rc<Cell<usize>>,
}

/// An opening, which lives as long as somebody waits for it.
struct UnderWay {
    handshake: WeakShared<Handshake>,
    waiting: Rc<Cell<usize>>,
}

impl UnderWay {
    fn share(&self) -> Option<Opening> {
        let handshake = self.handshake.upgrade().filter(|handshake| handshake.peek().is_none())?;
        Some(Opening::new(handshake, &self.waiting))
    }
}

impl Default for Openings {
    fn default() -> Self {
        Self { under_way: RefCell::default(), expected_streams: Rc::new(Cell::new(EXPECTED_STREAMS)) }
    }
}

/// One request's share in an opening.
pub(super) struct Opening {
    handshake: Shared<Handshake>,
    waiting: Rc<Cell<usize>>,
}

impl Openings {
    /// A share in an opening for which fewer wait than the connection is expected to have streams; begins one if there
    /// is none. `room` is how many openings there may be: at that bound the least crowded is shared, or there is none.
    pub(super) fn join(&self, opener: &Rc<Opener>, room: usize) -> Option<Opening> {
        let mut under_way = self.under_way.borrow_mut();
        under_way.retain(|opening| opening.share().is_some());
        let least = under_way.iter().min_by_key(|opening| opening.waiting.get());
        if let Some(opening) = least
            && (opening.waiting.get() < self.expected_streams.get() || under_way.len() >= room)
        {
            return opening.share();
        }
        if room == 0 {
            return None;
        }
        let (opener, expected_streams) = (Rc::clone(opener), Rc::clone(&self.expected_streams));
        let handshake = async move {
            let opened = opener.open().await;
            if let Ok(Opened::Http2(connection)) = &opened {
                expected_streams.set(connection.max_streams());
            }
            Rc::new(opened.map(|opened| RefCell::new(Some(opened))))
        };
        let handshake = handshake.boxed_local().shared();
        let weak = handshake.downgrade().expect("it has not been polled yet");
        let opening = Opening::new(handshake, &Rc::default());
        under_way.push(UnderWay { handshake: weak, waiting: Rc::clone(&opening.waiting) });
        Some(opening)
    }
}

impl Opening {
    fn new(handshake: Shared<Handshake>, waiting: &Rc<Cell<usize>>) -> Self {
        waiting.set(waiting.get() + 1);
        Self { handshake, waiting: Rc::clone(waiting) }
    }

    /// Waits for the handshake. `None` where somebody else who waited has got the connection.
    pub(super) async fn done(&self) -> Result<Option<Opened>, Failure> {
        match &*self.handshake.clone().await {
            Ok(opened) => Ok(opened.take()),
            Err(failure) => Err(copy(failure)),
        }
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.waiting.set(self.waiting.get() - 1);
    }
}

/// The same failure for somebody else: everybody who waited has failed, and counts.
fn copy(failure: &Failure) -> Failure {
    let error = |error: &io::Error| io::Error::new(error.kind(), error.to_string());
    match failure {
        Failure::Connect(source) => Failure::Connect(error(source)),
        Failure::Exhausted(source) => Failure::Exhausted(error(source)),
        Failure::ConnectTimeout => Failure::ConnectTimeout,
        Failure::Tls(source) => Failure::Tls(error(source)),
        Failure::Timeout => Failure::Timeout,
        Failure::Reset(source) => Failure::Reset(error(source)),
        Failure::Closed => Failure::Closed,
        Failure::Malformed(malformed) => Failure::Malformed(*malformed),
        Failure::Protocol(reason) => Failure::Protocol(reason.clone()),
        Failure::Request(reason) => Failure::Request(reason.clone()),
    }
}
