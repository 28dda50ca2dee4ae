//! A client of HTTP/1.1 that does as little as can be done: one connection, one request at a time.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, bail};

/// How long an answer may take: sorting millions of rows does.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection, kept for as long as the server keeps it.
#[derive(Debug)]
pub(crate) struct Connection {
    port: u16,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(port: u16) -> Self {
        Self { port, stream: None, received: Vec::new() }
    }

    pub(crate) fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n\r\n");
        self.send(head.as_bytes(), &[]).with_context(|| format!("GET {path}"))
    }

    /// Posts a message of OTLP.
    pub(crate) fn post(&mut self, path: &str, encoding: Option<&str>, body: &[u8]) -> anyhow::Result<Answer> {
        let encoding = encoding.map(|encoding| format!("content-encoding: {encoding}\r\n")).unwrap_or_default();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-protobuf\r\n{encoding}content-length: {}\r\n\r\n",
            body.len()
        );
        self.send(head.as_bytes(), body).with_context(|| format!("POST {path}"))
    }

    fn send(&mut self, head: &[u8], body: &[u8]) -> anyhow::Result<Answer> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(("127.0.0.1", self.port)).context("connect")?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                none.insert(stream)
            }
        };
        let answer = stream
            .write_all(head)
            .and_then(|()| stream.write_all(body))
            .context("send")
            .and_then(|()| receive(stream, &mut self.received));
        if !answer.as_ref().is_ok_and(|(_, is_kept)| *is_kept) {
            self.stream = None;
        }
        answer.map(|(answer, _)| answer)
    }
}

/// One answer, and whether the connection is kept.
fn receive(stream: &mut TcpStream, received: &mut Vec<u8>) -> anyhow::Result<(Answer, bool)> {
    received.clear();
    loop {
        more(stream, received)?;
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(head) = response.parse(received).context("read an answer")? else { continue };
        let header = |name: &str| {
            let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
            found.map(|header| String::from_utf8_lossy(header.value).to_ascii_lowercase())
        };
        let status = response.code.unwrap_or(0);
        let is_kept = header("connection").as_deref() != Some("close");
        let content_type = header("content-type").unwrap_or_default();
        let length = header("content-length").and_then(|length| length.parse::<usize>().ok());
        let is_chunked = header("transfer-encoding").as_deref() == Some("chunked");
        let body = match length {
            Some(length) => {
                while received.len() < head + length {
                    more(stream, received)?;
                }
                received[head..head + length].to_vec()
            }
            None if is_chunked => chunks(stream, received, head)?,
            None if status == 204 => Vec::new(),
            None => bail!("an answer without a length"),
        };
        return Ok((Answer { status, content_type, body }, is_kept));
    }
}

fn more(stream: &mut TcpStream, received: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut piece = [0; 64 * 1024];
    let length = stream.read(&mut piece).context("wait for an answer")?;
    if length == 0 {
        bail!("the connection was closed before the answer was whole");
    }
    received.extend_from_slice(&piece[..length]);
    Ok(())
}

fn chunks(stream: &mut TcpStream, received: &mut Vec<u8>, mut at: usize) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        match httparse::parse_chunk_size(&received[at..]) {
            Ok(httparse::Status::Complete((head, length))) => {
                let (from, length) = (at + head, usize::try_from(length)?);
                while received.len() < from + length + 2 {
                    more(stream, received)?;
                }
                body.extend_from_slice(&received[from..from + length]);
                at = from + length + 2;
                if length == 0 {
                    return Ok(body);
                }
            }
            Ok(httparse::Status::Partial) => more(stream, received)?,
            Err(_) => bail!("an answer in chunks that are none"),
        }
    }
}
