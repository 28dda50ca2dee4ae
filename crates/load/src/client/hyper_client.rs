//! Requests over TLS and HTTP/2, through hyper: the other half of what [`Client`](super::Client) does by itself.
//!
//! A [`HyperClient`] belongs to one thread and sends to one target, at the addresses that it was given: it never looks
//! a name up. What the protocol is, each connection says for itself: HTTP/2 where both sides speak it, HTTP/1.1
//! elsewhere. Its promises are those of the thin client: connections are reused last in first out, a kept one that
//! breaks before anything came back is replaced once, nothing is redirected, stored or decompressed, and no bound of
//! its own makes an arrival wait: where all streams of a connection are taken, another connection is opened.
//!
//! Start at [`HyperClient::send`]; `tls` makes what an `https` target needs, once for all threads.
mod answer;
mod http1;
mod http2;
mod open;
mod opening;
mod reason;
mod request;
#[cfg(test)]
mod tests;
mod tls;
mod upload;
mod wire;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use self::answer::{Reply, Undone};
use self::http1::Http1;
use self::http2::{Http2, Stream};
use self::open::{Opened, Opener};
use self::opening::Openings;
use self::request::Request;
use super::{Answer, Exchange, Failure};

pub(crate) use self::tls::{Secure, Tls, TlsError, Verify};

/// Most unused HTTP/1.1 connections that are kept.
const MAX_IDLE: usize = 1_024;
/// How long an unused connection is kept: shorter than common servers keep theirs, so that they seldom close first.
const IDLE_KEPT: Duration = Duration::from_secs(5);
/// Most HTTP/2 connections, those that are being opened included: as many as requests may be under way, so that none waits for
/// a stream even where a server allows one to a connection.
const MAX_SHARED: usize = 20_000;

/// Sends requests to one target, over TLS or HTTP/2 or both. Belongs to one thread, and to a runtime of tokio.
pub(crate) struct HyperClient {
    opener: Rc<Opener>,
    idle: RefCell<VecDeque<Idle>>,
    shared: RefCell<Vec<Rc<Http2>>>,
    openings: Openings,
    most_shared: usize,
    retried: Cell<u64>,
}

struct Idle {
    connection: Box<Http1>,
    since: Instant,
}

impl fmt::Debug for HyperClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections = (self.idle.borrow().len(), self.shared.borrow().len());
        f.debug_struct("HyperClient").field("idle_and_shared", &connections).finish_non_exhaustive()
    }
}

/// Where a request goes: one connection to itself, or a stream of a shared one.
enum Lease {
    Http1(Box<Http1>),
    Http2(Stream),
}

impl HyperClient {
    /// A client for the target at `addresses`, which are tried in order; they were admitted by the allow list. With
    /// `tls` the server chooses between HTTP/2 and HTTP/1.1; without, `http2` says that it is known to speak HTTP/2.
    /// Connects when it has to.
    pub(crate) fn new(addresses: Vec<SocketAddr>, tls: Option<Tls>, http2: bool) -> Self {
        Self {
            opener: Rc::new(Opener::new(addresses, tls, http2)),
            idle: RefCell::default(),
            shared: RefCell::default(),
            openings: Openings::default(),
            most_shared: MAX_SHARED,
            retried: Cell::new(0),
        }
    }

    /// Sends a request and waits for the whole answer, until its deadline, connecting included.
    ///
    /// A kept connection that breaks before anything has come back was most likely closed by the server while it was
    /// idle: the request is sent once more, on a new one. Cancelling closes the connection, or resets the stream.
    pub(crate) async fn send(&self, exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let Exchange { request, upload, deadline, keep, body, .. } = exchange;
        let request = Request::parse(request, upload)?;
        let sending = self.send_or_retry(&request, Reply { keep, body });
        timeout_at(deadline, sending).await.unwrap_or(Err(Failure::Timeout))
    }

    /// Connections opened so far; one whose handshake failed is not counted.
    pub(crate) fn opened(&self) -> u64 {
        self.opener.opened()
    }

    /// Requests that were sent again because a kept connection had gone stale.
    pub(crate) fn retried(&self) -> u64 {
        self.retried.get()
    }

    /// Whether nothing came unasked on the HTTP/1.1 connection that would be used next.
    #[cfg(test)]
    fn idle_is_silent(&self) -> Option<bool> {
        self.idle.borrow_mut().back_mut().map(|idle| idle.connection.is_silent())
    }

    async fn send_or_retry(&self, request: &Request, mut reply: Reply<'_>) -> Result<Answer, Failure> {
        let spare = self.spare_stream().or_else(|| self.spare_connection());
        let lease = match spare {
            Some(lease) => lease,
            None => self.open().await?,
        };
        match self.exchange(lease, request, &mut reply).await {
            Err(undone) if undone.is_stale => self.retried.set(self.retried.get() + 1),
            outcome => return outcome.map_err(|undone| undone.failure),
        }
        let lease = self.open().await?;
        self.exchange(lease, request, &mut reply).await.map_err(|undone| undone.failure)
    }

    async fn exchange(&self, lease: Lease, request: &Request, reply: &mut Reply<'_>) -> Result<Answer, Undone> {
        match lease {
            Lease::Http1(mut connection) => {
                let answer = connection.exchange(request.over_http1(), reply).await?;
                if connection.is_silent() {
                    self.keep(connection);
                }
                Ok(answer)
            }
            Lease::Http2(stream) => {
                let answer = stream.exchange(request.over_http2(self.opener.scheme())?, reply).await?;
                self.let_go_of_unused();
                Ok(answer)
            }
        }
    }

    /// A stream of the first connection that has one free, so that those at the end fall out of use.
    fn spare_stream(&self) -> Option<Lease> {
        self.let_go_of_closed();
        let shared = self.shared.borrow();
        shared.iter().find(|connection| connection.has_room()).map(|connection| Lease::Http2(Http2::stream(connection)))
    }

    /// The unused connection that was used last.
    fn spare_connection(&self) -> Option<Lease> {
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { mut connection, .. }) = idle.pop_back() {
            if connection.is_silent() {
                return Some(Lease::Http1(connection));
            }
        }
        None
    }

    /// A connection that was not there before, or a stream of one.
    async fn open(&self) -> Result<Lease, Failure> {
        loop {
            // Each request needs a connection to itself, so each opens its own.
            if !self.opener.may_share() {
                let opened = self.opener.open().await?;
                return Ok(self.admit(opened));
            }
            let Some(opening) = self.openings.join(&self.opener, self.room()) else {
                return Ok(self.crowded());
            };
            if let Some(opened) = opening.done().await? {
                return Ok(self.admit(opened));
            }
            // Somebody else took it in. It may have room for this request as well, or it did not turn out as expected.
            if let Some(lease) = self.spare_stream() {
                return Ok(lease);
            }
        }
    }

    /// How many connections may be opened now.
    fn room(&self) -> usize {
        self.let_go_of_closed();
        self.most_shared.saturating_sub(self.shared.borrow().len())
    }

    fn admit(&self, opened: Opened) -> Lease {
        match opened {
            Opened::Http1(connection) => Lease::Http1(connection),
            Opened::Http2(connection) => {
                let stream = Http2::stream(&connection);
                self.shared.borrow_mut().push(connection);
                Lease::Http2(stream)
            }
        }
    }

    /// A place in the shortest queue, at the bound of connections.
    fn crowded(&self) -> Lease {
        let shared = self.shared.borrow();
        let shortest = shared.iter().min_by_key(|connection| connection.in_flight());
        Lease::Http2(Http2::stream(shortest.expect("at the bound there are connections")))
    }

    fn keep(&self, connection: Box<Http1>) {
        let now = Instant::now();
        let mut idle = self.idle.borrow_mut();
        idle.push_back(Idle { connection, since: now });
        // Two for each that comes back, so that a crowd of them goes in no more time than it took to gather.
        for _ in 0..2 {
            let old = idle.front().is_some_and(|first| now.duration_since(first.since) > IDLE_KEPT);
            if old || idle.len() > MAX_IDLE {
                idle.pop_front();
            }
        }
    }

    fn let_go_of_closed(&self) {
        self.shared.borrow_mut().retain(|connection| connection.is_usable());
    }

    fn let_go_of_unused(&self) {
        self.shared.borrow_mut().retain(|connection| connection.unused_for() <= IDLE_KEPT);
    }
}
