//! Reading one HTTP/1.1 answer out of whatever pieces the network hands over. Pure.
//!
//! Bytes are looked at where they arrived; only a head or a chunk-size line that is cut in two by a packet is copied, and
//! as much of the body as its reader asked to keep.

use std::mem::MaybeUninit;

/// Longest head that is read, in bytes: as much as common servers send at most.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Most header lines that are read.
const MAX_HEADERS: usize = 96;
/// Longest chunk-size or trailer line, in bytes; extensions are ignored but have to end somewhere.
const MAX_LINE_BYTES: usize = 4 * 1024;
/// Longest body, in bytes. A shop's answers are a few KiB; what never ends must not hold a connection for ever.
const MAX_BODY_BYTES: u64 = 16 * 1024 * 1024;

/// Why the bytes are no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("the status line or a header is not HTTP/1")]
    Head,
    #[error("the head is longer than {MAX_HEAD_BYTES} bytes or {MAX_HEADERS} lines")]
    HeadTooLong,
    #[error("the content length is not one number")]
    ContentLength,
    #[error("a transfer coding other than chunked")]
    TransferCoding,
    #[error("a chunk does not have the form of one")]
    Chunk,
    #[error("the body is longer than {MAX_BODY_BYTES} bytes")]
    BodyTooLong,
    #[error("the server wants to switch protocols")]
    Upgrade,
}

/// How far a piece of input got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All of it was taken, and the answer goes on.
    More,
    /// The answer is whole; so many bytes of the input lie beyond it.
    Whole { unread: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    /// So many bytes of the body are still to come.
    Length(u64),
    ChunkSize,
    /// So many bytes of the chunk are still to come.
    Chunk(u64),
    ChunkEnd,
    Trailers,
    UntilClose,
    Whole,
}

/// Reads one answer; made anew for each request.
#[derive(Debug)]
pub(crate) struct AnswerReader {
    state: State,
    /// The beginning of a head or line whose end has not come yet.
    pending: Vec<u8>,
    status: u16,
    body_bytes: u64,
    keeps_alive: bool,
    /// Whether the request was a HEAD, whose answer has no body whatever its headers say.
    is_bodiless: bool,
    /// Most bytes of the body that are kept.
    keep: usize,
}

impl AnswerReader {
    /// Keeps the first `keep` bytes of the body.
    pub(crate) fn new(is_head_request: bool, keep: usize) -> Self {
        Self {
            state: State::Head,
            pending: Vec::new(),
            status: 0,
            body_bytes: 0,
            keeps_alive: false,
            is_bodiless: is_head_request,
            keep,
        }
    }

    /// The status, once the head was read.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Whether the connection may carry another request after this answer.
    pub(crate) fn keeps_alive(&self) -> bool {
        self.keeps_alive && self.state == State::Whole
    }

    /// Bytes of the body so far, framing excluded.
    pub(crate) fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// Takes the next bytes of the connection; what is kept of the body goes to the end of `kept`.
    pub(crate) fn feed(&mut self, mut input: &[u8], kept: &mut Vec<u8>) -> Result<Progress, Malformed> {
        loop {
            match self.state {
                State::Whole => {
                    return Ok(Progress::Whole { unread: input.len() });
                }
                // A body of length 0 ends without another byte, and so does a chunk.
                State::Length(0) => self.state = State::Whole,
                State::Chunk(0) => self.state = State::ChunkEnd,
                _ if input.is_empty() => return Ok(Progress::More),
                State::Head => input = self.head(input)?,
                State::Length(left) => {
                    let taken = self.body(left, &mut input, kept)?;
                    self.state = State::Length(left - taken);
                }
                State::Chunk(left) => {
                    let taken = self.body(left, &mut input, kept)?;
                    self.state = State::Chunk(left - taken);
                }
                State::UntilClose => {
                    self.body(u64::MAX, &mut input, kept)?;
                }
                State::ChunkSize => input = self.line(input, Self::chunk_size)?,
                State::ChunkEnd => input = self.line(input, Self::chunk_end)?,
                State::Trailers => input = self.line(input, Self::trailer)?,
            }
        }
    }

    /// The server closed the connection. Returns whether that is how this answer ends.
    pub(crate) fn close(&mut self) -> bool {
        if self.state == State::UntilClose {
            self.state = State::Whole;
        }
        self.state == State::Whole
    }

    fn body(&mut self, left: u64, input: &mut &[u8], kept: &mut Vec<u8>) -> Result<u64, Malformed> {
        let taken = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let room = self.keep.saturating_sub(usize::try_from(self.body_bytes).unwrap_or(usize::MAX));
        kept.extend_from_slice(&input[..taken.min(room)]);
        *input = &input[taken..];
        self.body_bytes += taken as u64;
        if self.body_bytes > MAX_BODY_BYTES {
            return Err(Malformed::BodyTooLong);
        }
        Ok(taken as u64)
    }

    /// Parses the head, in place if it came in one piece. Returns what follows it.
    fn head<'i>(&mut self, input: &'i [u8]) -> Result<&'i [u8], Malformed> {
        if self.pending.is_empty() {
            return match self.parse_head(input)? {
                Some(end) => Ok(&input[end..]),
                None => {
                    self.pending.extend_from_slice(input);
                    Ok(&[])
                }
            };
        }
        let before = self.pending.len();
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(input);
        match self.parse_head(&pending)? {
            // The old part alone was no whole head, so the end lies in the new one.
            Some(end) => Ok(&input[end - before..]),
            None => {
                self.pending = pending;
                Ok(&[])
            }
        }
    }

    /// Where the head ends, if it does; decides how the body is framed.
    fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        // Most answers have a handful of headers: clearing room for all that are allowed would cost more than parsing.
        let mut headers = [MaybeUninit::uninit(); MAX_HEADERS];
        let mut head = httparse::Response::new(&mut []);
        let parsed =
            httparse::ParserConfig::default().parse_response_with_uninit_headers(&mut head, bytes, &mut headers);
        let end = match parsed {
            Ok(httparse::Status::Complete(end)) => end,
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD_BYTES => return Ok(None),
            Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
                return Err(Malformed::HeadTooLong);
            }
            Err(_) => return Err(Malformed::Head),
        };
        let status = head.code.unwrap_or_default();
        match status {
            101 => return Err(Malformed::Upgrade),
            // An interim answer; the real one follows.
            100..=199 => return Ok(Some(end)),
            200..=999 => self.status = status,
            _ => return Err(Malformed::Head),
        }
        let framing = Framing::of(head.headers)?;
        self.keeps_alive = match head.version {
            Some(1) => !framing.close,
            _ => framing.keep_alive && !framing.close,
        };
        self.state = match framing {
            _ if status == 204 || status == 304 || self.is_bodiless => State::Whole,
            Framing { chunked: true, .. } => State::ChunkSize,
            Framing { length: Some(length), .. } => State::Length(length),
            Framing { .. } => {
                self.keeps_alive = false;
                State::UntilClose
            }
        };
        Ok(Some(end))
    }

    /// Takes one line, cut or not, and hands it to `parse` without its end. Returns what follows it.
    fn line<'i>(
        &mut self,
        input: &'i [u8],
        parse: fn(&mut Self, &[u8]) -> Result<(), Malformed>,
    ) -> Result<&'i [u8], Malformed> {
        let end = input.iter().position(|b| *b == b'\n');
        let piece = &input[..end.unwrap_or(input.len())];
        if self.pending.len() + piece.len() > MAX_LINE_BYTES {
            return Err(Malformed::Chunk);
        }
        let Some(end) = end else {
            self.pending.extend_from_slice(piece);
            return Ok(&[]);
        };
        let mut line = std::mem::take(&mut self.pending);
        line.extend_from_slice(piece);
        let content = line.strip_suffix(b"\r").ok_or(Malformed::Chunk)?;
        parse(self, content)?;
        Ok(&input[end + 1..])
    }

    fn chunk_size(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let digits = line.split(|b| *b == b';').next().unwrap_or_default();
        let digits = digits.trim_ascii_end();
        // 15 hex digits can't overflow; a longer size is beyond the greatest body anyway.
        if digits.is_empty() || digits.len() > 15 {
            return Err(Malformed::Chunk);
        }
        let mut size = 0;
        for digit in digits {
            let value = char::from(*digit).to_digit(16).ok_or(Malformed::Chunk)?;
            size = size * 16 + u64::from(value);
        }
        self.state = if size == 0 { State::Trailers } else { State::Chunk(size) };
        Ok(())
    }

    fn chunk_end(&mut self, line: &[u8]) -> Result<(), Malformed> {
        if !line.is_empty() {
            return Err(Malformed::Chunk);
        }
        self.state = State::ChunkSize;
        Ok(())
    }

    fn trailer(&mut self, line: &[u8]) -> Result<(), Malformed> {
        if line.is_empty() {
            self.state = State::Whole;
        }
        Ok(())
    }
}

/// What the headers say about the body and the connection.
#[derive(Debug, Default)]
struct Framing {
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
}

impl Framing {
    fn of(headers: &[httparse::Header<'_>]) -> Result<Self, Malformed> {
        let mut framing = Self::default();
        for header in headers {
            // By length first: nearly every header is one of the others.
            match header.name.len() {
                14 if header.name.eq_ignore_ascii_case("content-length") => {
                    let length = content_length(header.value)?;
                    if framing.length.is_some_and(|known| known != length) {
                        return Err(Malformed::ContentLength);
                    }
                    framing.length = Some(length);
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    if !header.value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                        return Err(Malformed::TransferCoding);
                    }
                    framing.chunked = true;
                }
                10 if header.name.eq_ignore_ascii_case("connection") => {
                    for token in header.value.split(|b| *b == b',') {
                        framing.close |= token.trim_ascii().eq_ignore_ascii_case(b"close");
                        framing.keep_alive |= token.trim_ascii().eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                _ => {}
            }
        }
        // Both at once is how requests are smuggled: read it as RFC 9112 says, and trust the connection no further.
        framing.close |= framing.chunked && framing.length.is_some();
        Ok(framing)
    }
}

fn content_length(value: &[u8]) -> Result<u64, Malformed> {
    let digits = value.trim_ascii();
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(digits)
        .ok()
        .filter(|_| plain)
        .and_then(|text| text.parse().ok())
        .ok_or(Malformed::ContentLength)?;
    if number > MAX_BODY_BYTES {
        return Err(Malformed::BodyTooLong);
    }
    Ok(number)
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
