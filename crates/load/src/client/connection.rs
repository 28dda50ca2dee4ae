//! One kept connection, and one request and answer on it at a time.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Failure;
use super::answer::{AnswerReader, Progress};

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

/// An open connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    /// Whether it has carried an exchange before.
    pub(super) used: bool,
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
                    return Ok(Self { stream, used: false });
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

    /// Sends `request` and reads its answer. `scratch` is shared by all connections of the thread: it is borrowed only
    /// between two awaits. Dropping the future leaves the connection unusable; it must be dropped too.
    pub(super) async fn exchange(&mut self, request: &[u8], scratch: &RefCell<Box<[u8]>>) -> Result<Exchanged, Broken> {
        let mut reader = AnswerReader::new();
        let mut answer_began = false;
        let outcome = self.write_and_read(request, scratch, &mut reader, &mut answer_began).await;
        self.used = true;
        match outcome {
            Ok(unread) => Ok(Exchanged {
                status: reader.status(),
                body_bytes: reader.body_bytes(),
                // Bytes that nobody asked for: whatever they are, they are no answer to the next request.
                reusable: reader.keeps_alive() && unread == 0,
            }),
            Err(failure) => Err(Broken { failure, answer_began }),
        }
    }

    async fn write_and_read(
        &mut self,
        request: &[u8],
        scratch: &RefCell<Box<[u8]>>,
        reader: &mut AnswerReader,
        answer_began: &mut bool,
    ) -> Result<usize, Failure> {
        self.stream.write_all(request).await.map_err(Failure::Reset)?;
        loop {
            self.stream.readable().await.map_err(Failure::Reset)?;
            let mut scratch = scratch.borrow_mut();
            match self.stream.try_read(&mut scratch) {
                Ok(0) if reader.close() => return Ok(0),
                Ok(0) => return Err(Failure::Closed),
                Ok(bytes) => {
                    *answer_began = true;
                    if let Progress::Whole { unread } = reader.feed(&scratch[..bytes])? {
                        return Ok(unread);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(Failure::Reset(error)),
            }
        }
    }
}
