//! The target's connections: the one used last is used next, the others age and go.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Failure;
use super::connection::{Broken, Connection, Exchange, Exchanged};

/// Longest wait for a connection to be accepted; a target on the same network that takes longer is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Most unused connections that are kept: as many as may be under way at once. After a moment in which everybody waited, all
/// of their connections are free; to close them and open others at the next such moment would make that one worse.
const MAX_IDLE: usize = 20_000;
/// How long an unused connection is kept: shorter than common servers keep theirs, so that they seldom close first.
const IDLE_KEPT: Duration = Duration::from_secs(5);
/// How soon after it was sent a request must meet the end of its connection for that to have come before it: a server that
/// closes later has had it, and may have done what it asks.
const STALE_WITHIN: Duration = Duration::from_millis(100);
/// Bytes that one read may take in; a shop's answer fits.
const READ_BYTES: usize = 16 * 1024;

/// An answer that was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    /// 200 to 999.
    pub(crate) status: u16,
    /// Length of the body without its framing.
    pub(crate) body_bytes: u64,
    /// When its last byte was read.
    pub(crate) at: Instant,
}

/// Sends requests to one target. Belongs to one thread.
#[derive(Debug)]
pub(crate) struct Client {
    addresses: Vec<SocketAddr>,
    idle: RefCell<VecDeque<Idle>>,
    scratch: RefCell<Box<[u8]>>,
    opened: Cell<u64>,
    retried: Cell<u64>,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    /// When it has been unused for too long.
    until: Instant,
}

impl Client {
    /// A client for the target at `addresses`, which are tried in order. Connects when it has to.
    pub(crate) fn new(addresses: Vec<SocketAddr>) -> Self {
        Self {
            addresses,
            idle: RefCell::default(),
            scratch: RefCell::new(vec![0; READ_BYTES].into_boxed_slice()),
            opened: Cell::new(0),
            retried: Cell::new(0),
        }
    }

    /// Sends a request and waits for the whole answer, until its deadline, connecting included.
    ///
    /// A kept connection that breaks at once, before the first byte of an answer, was most likely closed by the server while
    /// it was idle: the request is sent once more, on a new one. Cancelling closes the connection.
    pub(crate) async fn send(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        if let Some(connection) = self.take_idle(exchange.sent) {
            match self.exchange(connection, &mut exchange).await {
                Err(broken)
                    if !broken.answer_began
                        && broken.failure.may_be_stale()
                        && exchange.sent.elapsed() < STALE_WITHIN =>
                {
                    self.retried.set(self.retried.get() + 1);
                }
                outcome => return outcome.map_err(|broken| broken.failure),
            }
        }
        let connection = self.connect(exchange.deadline).await?;
        let outcome = self.exchange(connection, &mut exchange).await;
        outcome.map_err(|broken| broken.failure)
    }

    /// Connections opened so far.
    pub(crate) fn opened(&self) -> u64 {
        self.opened.get()
    }

    /// Requests that were sent again because a kept connection had gone stale.
    pub(crate) fn retried(&self) -> u64 {
        self.retried.get()
    }

    /// Whether nothing came unasked on the connection that would be used next.
    #[cfg(test)]
    pub(super) fn idle_is_silent(&self) -> Option<bool> {
        self.idle.borrow().back().map(|idle| idle.connection.is_silent())
    }

    async fn exchange(&self, mut connection: Connection, exchange: &mut Exchange<'_>) -> Result<Answer, Broken> {
        let Exchanged { status, body_bytes, reusable } = connection.exchange(exchange, &self.scratch).await?;
        let at = Instant::now();
        if reusable {
            self.keep(connection, at);
        }
        Ok(Answer { status, body_bytes, at })
    }

    async fn connect(&self, deadline: Instant) -> Result<Connection, Failure> {
        let patience = Instant::now() + CONNECT_TIMEOUT;
        let opening = timeout_at(patience.min(deadline), Connection::open(&self.addresses)).await;
        let too_late = if deadline < patience { Failure::Timeout } else { Failure::ConnectTimeout };
        let connection = opening.map_err(|_| too_late)?.map_err(Failure::of_connecting)?;
        self.opened.set(self.opened.get() + 1);
        Ok(connection)
    }

    fn take_idle(&self, now: Instant) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { connection, until }) = idle.pop_back() {
            if until >= now && connection.is_silent() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, connection: Connection, now: Instant) {
        let mut idle = self.idle.borrow_mut();
        idle.push_back(Idle { connection, until: now + IDLE_KEPT });
        // Two for each that comes back, so that a crowd of them goes in no more time than it took to gather.
        for _ in 0..2 {
            let is_old = idle.front().is_some_and(|first| first.until < now);
            if is_old || idle.len() > MAX_IDLE {
                idle.pop_front();
            }
        }
    }
}
