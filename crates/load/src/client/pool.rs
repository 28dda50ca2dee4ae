//! The target's connections: the one used last is used next, the others age and go.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::Failure;
use super::connection::{Broken, Connection, Exchanged};

/// Longest wait for a connection to be accepted; a target on the same network that takes longer is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Most unused connections that are kept.
const MAX_IDLE: usize = 1_024;
/// How long an unused connection is kept: shorter than common servers keep theirs, so that they seldom close first.
const IDLE_KEPT: Duration = Duration::from_secs(5);
/// Bytes that one read may take in; a shop's answer fits.
const READ_BYTES: usize = 16 * 1024;

/// An answer that was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    /// 200 to 999.
    pub(crate) status: u16,
    /// Length of the body without its framing.
    pub(crate) body_bytes: u64,
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
    since: Instant,
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

    /// Sends `request` and waits for the whole answer, at most `within`, connecting included.
    ///
    /// A kept connection that breaks before the first byte of an answer was most likely closed by the server while it
    /// was idle: the request is sent once more, on a new one. Cancelling closes the connection.
    pub(crate) async fn send(&self, request: &[u8], within: Duration) -> Result<Answer, Failure> {
        let deadline = Instant::now() + within;
        timeout_at(deadline, self.send_or_retry(request)).await.unwrap_or(Err(Failure::Timeout))
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

    async fn send_or_retry(&self, request: &[u8]) -> Result<Answer, Failure> {
        if let Some(connection) = self.take_idle() {
            match self.exchange(connection, request).await {
                Err(broken) if !broken.answer_began && broken.failure.may_be_stale() => {
                    self.retried.set(self.retried.get() + 1);
                }
                outcome => return outcome.map_err(|broken| broken.failure),
            }
        }
        let connection = self.connect().await?;
        let outcome = self.exchange(connection, request).await;
        outcome.map_err(|broken| broken.failure)
    }

    async fn exchange(&self, mut connection: Connection, request: &[u8]) -> Result<Answer, Broken> {
        let Exchanged { status, body_bytes, reusable } = connection.exchange(request, &self.scratch).await?;
        if reusable {
            self.keep(connection);
        }
        Ok(Answer { status, body_bytes })
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let opening = timeout(CONNECT_TIMEOUT, Connection::open(&self.addresses));
        let connection = opening.await.map_err(|_| Failure::ConnectTimeout)?.map_err(Failure::Connect)?;
        self.opened.set(self.opened.get() + 1);
        Ok(connection)
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { connection, .. }) = idle.pop_back() {
            if connection.is_silent() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, connection: Connection) {
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
}
