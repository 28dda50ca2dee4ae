//! One kept connection, and one request and answer on it at a time.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::Failure;
use super::answer::{AnswerReader, Progress};
use super::drip::{Drip, Dripping};

/// What came back on a connection.
#[derive(Debug)]
pub(super) struct Exchanged {
    pub(super) status: u16,
    pub(super) body_bytes: u64,
    /// The connection may carry another request.
    pub(super) reusable: bool,
}

/// A failure, and whether any byte of an answer had come before it.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) failure: Failure,
    pub(super) answer_began: bool,
}

/// A request and where its answer goes.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    /// The whole request as it is sent.
    pub(crate) request: &'a [u8],
    /// Over which time its body is uploaded, piece by piece; at once where absent.
    pub(crate) upload: Option<Duration>,
    /// Now.
    pub(crate) sent: Instant,
    /// When the answer has to be whole, connecting included.
    pub(crate) deadline: Instant,
    /// Most bytes of the answer's body that are kept in `body`.
    pub(crate) keep: usize,
    /// Emptied first.
    pub(crate) body: &'a mut Vec<u8>,
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    /// Goes off at the deadline or before it, and is set again then: most requests are long over, and need no timer set.
    alarm: Pin<Box<Sleep>>,
}

impl Connection {
    /// Connects to the first of `addresses` that accepts.
    pub(super) async fn open(addresses: &[SocketAddr]) -> io::Result<Self> {
        let mut refused = io::Error::new(io::ErrorKind::NotFound, "the target has no address");
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // A request is one small write: waiting for more to send would only delay it.
                    stream.set_nodelay(true)?;
                    return Ok(Self { stream, alarm: Box::pin(sleep_until(Instant::now())) });
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// Whether nothing has come unasked: no end, no error, no bytes. Costs a system call only if something has.
    pub(super) fn is_silent(&self) -> bool {
        let mut byte = [0];
        matches!(self.stream.try_read(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Sends a request and reads its answer. `scratch` is shared by all connections of the thread: it is borrowed only
    /// within one poll. Dropping the future leaves the connection unusable; it must be dropped too.
    pub(super) async fn exchange(
        &mut self,
        exchange: &mut Exchange<'_>,
        scratch: &RefCell<Box<[u8]>>,
    ) -> Result<Exchanged, Broken> {
        if exchange.deadline < self.alarm.deadline() {
            self.alarm.as_mut().reset(exchange.deadline);
        }
        exchange.body.clear();
        let mut reader = AnswerReader::new(exchange.request.starts_with(b"HEAD "), exchange.keep);
        let mut answer_began = false;
        let mut written = 0;
        // Nearly nobody's: its state is kept out of the way.
        let mut slowly = exchange.upload.and_then(|over| slowly(exchange.request, over));
        // A server that will not read on may have said why before it closed.
        let mut refused = None;
        let whole = poll_fn(|cx| {
            if refused.is_none()
                && let Poll::Ready(Err(error)) = self.write(cx, exchange.request, &mut written, slowly.as_deref_mut())
            {
                refused = Some(error);
            }
            let mut scratch = scratch.borrow_mut();
            match self.read(cx, &mut reader, &mut scratch, exchange.body, &mut answer_began) {
                Poll::Ready(Err(Failure::Reset(_) | Failure::Closed)) if refused.is_some() => {
                    return Poll::Ready(Err(refused.take().map_or(Failure::Closed, Failure::Reset)));
                }
                Poll::Ready(read) => return Poll::Ready(read),
                Poll::Pending => {}
            }
            self.check_deadline(cx, exchange.deadline).map(|()| Err(Failure::Timeout))
        });
        match whole.await {
            Ok(unread) => Ok(Exchanged {
                status: reader.status(),
                body_bytes: reader.body_bytes(),
                // Bytes that nobody asked for: whatever they are, they are no answer to the next request. And an answer
                // to half a request leaves the other half in between.
                reusable: reader.keeps_alive() && unread == 0 && written == exchange.request.len(),
            }),
            Err(failure) => Err(Broken { failure, answer_began }),
        }
    }

    /// Ready once `deadline` has passed.
    fn check_deadline(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        ready!(self.alarm.as_mut().poll(cx));
        if self.alarm.deadline() < deadline {
            self.alarm.as_mut().reset(deadline);
            ready!(self.alarm.as_mut().poll(cx));
        }
        Poll::Ready(())
    }

    /// Writes what may leave: all of the request, or as much of it as `slowly` allows.
    fn write(
        &mut self,
        cx: &mut Context<'_>,
        request: &[u8],
        written: &mut usize,
        mut slowly: Option<&mut Dripping>,
    ) -> Poll<io::Result<()>> {
        if *written == 0 && slowly.is_none() {
            // There is nearly always room for a whole request, and nobody has to be told of it.
            match self.stream.try_write(request) {
                Ok(bytes) => *written = bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        while *written < request.len() {
            let end = match slowly.as_deref_mut() {
                None => request.len(),
                Some(dripping) => ready!(dripping.poll_beyond(*written, cx)).min(request.len()),
            };
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &request[*written..end]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                bytes => *written += bytes,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads until the answer is whole: how many bytes came beyond it.
    ///
    /// Through `poll_read`, not `try_read`: it takes a short read for the end of what there is, and so saves the system
    /// call that would only say so.
    fn read(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut AnswerReader,
        scratch: &mut [u8],
        body: &mut Vec<u8>,
        answer_began: &mut bool,
    ) -> Poll<Result<usize, Failure>> {
        loop {
            let mut piece = ReadBuf::new(scratch);
            if let Err(error) = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut piece)) {
                return Poll::Ready(Err(Failure::Reset(error)));
            }
            if piece.filled().is_empty() {
                return Poll::Ready(if reader.close() { Ok(0) } else { Err(Failure::Closed) });
            }
            *answer_began = true;
            if let Progress::Whole { unread } = reader.feed(piece.filled(), body)? {
                return Poll::Ready(Ok(unread));
            }
        }
    }
}

/// `request`, whose body leaves over that time; `None` for one without a body.
fn slowly(request: &[u8], over: Duration) -> Option<Box<Dripping>> {
    let head = memchr::memmem::find(request, b"\r\n\r\n")? + 4;
    let body = request.len() - head;
    (body > 0).then(|| Box::new(Dripping::begin(Drip::new(head, body, over))))
}
