//! One connection: what has come of the next request, and what has not left of the answers.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use super::answer::{Answers, refusal};
use super::request::{Closing, Framed, first_request};

/// A client's connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    /// Tells a connection from an earlier one in the same slot.
    pub(super) generation: u64,
    /// The beginning of a request whose rest has not come.
    received: Vec<u8>,
    /// Answers that the kernel did not take yet; usually empty.
    waiting: Vec<u8>,
    closes: bool,
}

/// How a connection stands after it was served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// Both ends are done with it, or it broke.
    Over,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, generation: u64) -> Self {
        Self { stream, generation, received: Vec::new(), waiting: Vec::new(), closes: false }
    }

    /// Reads what is there and hands each request's closing to `each`, which may answer through the connection.
    ///
    /// `scratch` is shared by all connections. A read that does not fill it has drained the socket, unless `hung_up`:
    /// then there is an end to be read as well, and it would not be announced again.
    pub(super) fn read(
        &mut self,
        scratch: &mut [u8],
        hung_up: bool,
        mut each: impl FnMut(&mut Self, Closing),
    ) -> State {
        loop {
            match self.stream.read(scratch) {
                Ok(0) => return State::Over,
                Ok(length) => {
                    if self.requests_in(&scratch[..length], &mut each) == State::Over {
                        return State::Over;
                    }
                    if length < scratch.len() && !hung_up {
                        return State::Open;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return State::Open,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return State::Over,
            }
        }
    }

    fn requests_in(&mut self, came: &[u8], each: &mut impl FnMut(&mut Self, Closing)) -> State {
        if self.closes {
            return State::Open;
        }
        if self.received.is_empty() {
            let (used, state) = self.requests_at_head(came, each);
            self.received.extend_from_slice(&came[used..]);
            return state;
        }
        let mut all = std::mem::take(&mut self.received);
        all.extend_from_slice(came);
        let (used, state) = self.requests_at_head(&all, each);
        all.drain(..used);
        self.received = all;
        state
    }

    fn requests_at_head(&mut self, bytes: &[u8], each: &mut impl FnMut(&mut Self, Closing)) -> (usize, State) {
        let mut used = 0;
        while used < bytes.len() {
            match first_request(&bytes[used..]) {
                Framed::Whole { length, closing } => {
                    used += length;
                    each(self, closing);
                    if closing == Closing::Closes {
                        return (bytes.len(), State::Open);
                    }
                }
                Framed::Partial => break,
                Framed::Refused(status) => {
                    self.closes = true;
                    return (bytes.len(), self.send(&refusal(status)));
                }
            }
        }
        (used, State::Open)
    }

    /// Answers one request.
    pub(super) fn answer(&mut self, answers: &Answers, closing: Closing) -> State {
        self.closes |= closing == Closing::Closes;
        self.send(answers.to(closing))
    }

    fn send(&mut self, bytes: &[u8]) -> State {
        let sent = if self.waiting.is_empty() { self.write(bytes) } else { Ok(0) };
        let Ok(sent) = sent else { return State::Over };
        self.waiting.extend_from_slice(&bytes[sent..]);
        self.after_writing()
    }

    /// Sends on what had to wait: the kernel has room again.
    pub(super) fn flush(&mut self) -> State {
        let waiting = std::mem::take(&mut self.waiting);
        let Ok(sent) = self.write(&waiting) else { return State::Over };
        self.waiting.extend_from_slice(&waiting[sent..]);
        self.after_writing()
    }

    fn after_writing(&self) -> State {
        if self.closes && self.waiting.is_empty() { State::Over } else { State::Open }
    }

    /// Writes until the kernel takes no more.
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut sent = 0;
        while sent < bytes.len() {
            match (&self.stream).write(&bytes[sent..]) {
                Ok(length) => sent += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }
}
