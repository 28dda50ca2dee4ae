//! An HTTP/2 connection that many requests share.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use hyper::client::conn::http2::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::answer::{Reply, Undone};
use super::reason;
use super::upload::Upload;
use super::wire::{Received, Wire};
use crate::client::{Answer, Failure};

/// Longest head that is read, in bytes, as the thin client has it.
const MAX_HEAD_BYTES: u32 = 32 * 1024;
/// Streams that were given up and are remembered for a second, so that what still comes for them is no error.
const MAX_GIVEN_UP: usize = 4_096;
/// What hyper takes for the bound of streams until the server has said it. No server says this.
const NOT_SAID_YET: usize = usize::MAX - 1;

/// An open connection. A task of its own drives it and ends with it.
pub(super) struct Http2 {
    sender: SendRequest<Upload>,
    state: Arc<State>,
    received: Received,
    driver: AbortHandle,
    in_flight: Cell<usize>,
    unused_since: Cell<Instant>,
    /// Whether it has carried an exchange before.
    is_used: Cell<bool>,
    /// A request was given up without a sign of life in all its time: the other side may be gone without a word, so the
    /// next request had better ask anew.
    is_suspect: Cell<bool>,
}

/// What the driver knows.
struct State {
    max_streams: AtomicUsize,
    /// No new requests: the server said goodbye, or the connection broke.
    is_closed: AtomicBool,
}

impl Http2 {
    /// Says hello, and waits until the server has said how many streams it allows.
    pub(super) async fn open(wire: Wire) -> Result<Rc<Self>, Failure> {
        let received = wire.received();
        let chores = Chores::default();
        let mut builder = Builder::new(chores.clone());
        builder
            .initial_max_send_streams(NOT_SAID_YET)
            .max_header_list_size(MAX_HEAD_BYTES)
            .max_concurrent_reset_streams(MAX_GIVEN_UP)
            .max_local_error_reset_streams(None);
        let handshake = builder.handshake(TokioIo::new(wire)).await;
        let (sender, connection) = handshake.map_err(|error| reason::of(&error))?;
        let state = Arc::new(State { max_streams: AtomicUsize::new(NOT_SAID_YET), is_closed: AtomicBool::new(false) });
        let connection = Some(connection);
        let running = FuturesUnordered::new();
        let mut driver = Driver { connection, chores, running, state: Arc::clone(&state), failure: None };
        poll_fn(|cx| {
            let has_ended = Pin::new(&mut driver).poll(cx).is_ready();
            match state.max_streams.load(Ordering::Relaxed) {
                NOT_SAID_YET if has_ended => Poll::Ready(Err(driver.failure.take().unwrap_or(Failure::Closed))),
                NOT_SAID_YET => Poll::Pending,
                _ => Poll::Ready(Ok(())),
            }
        })
        .await?;
        Ok(Rc::new(Self {
            sender,
            state,
            received,
            driver: tokio::spawn(driver).abort_handle(),
            in_flight: Cell::new(0),
            unused_since: Cell::new(Instant::now()),
            is_used: Cell::new(false),
            is_suspect: Cell::new(false),
        }))
    }

    /// How many streams the server allows; at least one, since a bound of zero is one that will be lifted.
    pub(super) fn max_streams(&self) -> usize {
        self.state.max_streams.load(Ordering::Relaxed).max(1)
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.get()
    }

    /// Whether new requests may be put on it.
    pub(super) fn is_usable(&self) -> bool {
        !self.is_suspect.get() && !self.state.is_closed.load(Ordering::Relaxed)
    }

    /// Whether a new request would be sent at once.
    pub(super) fn has_room(&self) -> bool {
        self.is_usable() && self.in_flight.get() < self.max_streams()
    }

    /// For how long it has been carrying nothing.
    pub(super) fn unused_for(&self) -> Duration {
        if self.in_flight.get() > 0 { Duration::ZERO } else { self.unused_since.get().elapsed() }
    }

    /// Takes a stream.
    pub(super) fn stream(connection: &Rc<Self>) -> Stream {
        connection.in_flight.set(connection.in_flight.get() + 1);
        let received_before = connection.received.bytes();
        Stream { connection: Rc::clone(connection), received_before, is_answered: false }
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// One of a connection's streams.
pub(super) struct Stream {
    connection: Rc<Http2>,
    received_before: u64,
    is_answered: bool,
}

impl Stream {
    /// Sends `request` and reads its answer. Dropping the future resets the stream.
    pub(super) async fn exchange(
        mut self,
        request: http::Request<Upload>,
        reply: &mut Reply<'_>,
    ) -> Result<Answer, Undone> {
        let was_used = self.connection.is_used.replace(true);
        let sent = self.connection.sender.clone().try_send_request(request).await;
        let response = sent.map_err(|error| {
            let failure = reason::of(error.error());
            // Either nothing has come back, or the server itself says that it has not seen the request.
            let is_unseen = reason::is_graceful_goodbye(error.error());
            let is_stale = was_used && failure.may_be_stale() && (is_unseen || !self.has_heard());
            Undone { failure, is_stale }
        })?;
        let answer = reply.read(response).await?;
        self.is_answered = true;
        Ok(answer)
    }

    fn has_heard(&self) -> bool {
        self.connection.received.bytes() != self.received_before
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let connection = &self.connection;
        connection.in_flight.set(connection.in_flight.get() - 1);
        connection.unused_since.set(Instant::now());
        if !self.is_answered && !self.has_heard() {
            connection.is_suspect.set(true);
        }
    }
}

/// Everything that has to be polled for one connection, in one task, so that what the server has said is known as soon
/// as it has been read. Ends when the connection has.
struct Driver {
    /// hyper's end that takes requests in; gone as soon as it takes no more.
    connection: Option<Connection<TokioIo<Wire>, Upload, Chores>>,
    chores: Chores,
    /// The connection itself, and each request under way.
    running: FuturesUnordered<BoxFuture<'static, ()>>,
    state: Arc<State>,
    failure: Option<Failure>,
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let driver = &mut *self;
        loop {
            driver.running.extend(driver.chores.take());
            let all_done = driver.poll_running(cx);
            if let Some(connection) = &mut driver.connection {
                let ended = Pin::new(&mut *connection).poll(cx);
                driver.state.max_streams.store(connection.current_max_send_streams(), Ordering::Relaxed);
                if let Poll::Ready(ended) = ended {
                    driver.failure = ended.err().map(|error| reason::of(&error));
                    driver.state.is_closed.store(true, Ordering::Relaxed);
                    driver.connection = None;
                    // What is under way may have waited for just that.
                    continue;
                }
            }
            if driver.chores.is_empty() {
                return if driver.connection.is_none() { all_done } else { Poll::Pending };
            }
        }
    }
}

impl Driver {
    /// Ready when nothing is left.
    fn poll_running(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while ready!(self.running.poll_next_unpin(cx)).is_some() {}
        Poll::Ready(())
    }
}

/// Where hyper puts what it wants run beside the connection. They are the driver's own, not tasks.
#[derive(Clone, Default)]
struct Chores(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Chores {
    fn take(&self) -> Vec<BoxFuture<'static, ()>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Chores {
    fn execute(&self, chore: F) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::pin(chore));
    }
}
