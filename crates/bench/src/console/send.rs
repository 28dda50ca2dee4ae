//! Batches over some connections at once, as fast as the other side takes them.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::batches::Batches;
use super::grpc::{self, Taken};
use super::http;

/// How long a sender waits when it is asked to come back, at most.
const COME_BACK: Duration = Duration::from_secs(1);
/// How often one batch is sent again before the benchmark gives up.
const TRIES: usize = 60;

/// How batches are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Protocol {
    Http,
    HttpGzip,
    Grpc,
}

impl Protocol {
    pub(crate) const ALL: [Self; 3] = [Self::Http, Self::HttpGzip, Self::Grpc];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP protobuf",
            Self::HttpGzip => "HTTP protobuf, gzip",
            Self::Grpc => "gRPC",
        }
    }
}

/// Where to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) http: u16,
    pub(crate) grpc: u16,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    /// Spans of the batches that were sent.
    pub(crate) spans: u64,
    /// Times that a sender was asked to come back.
    pub(crate) asked_to_wait: u64,
    /// From the first batch to the last answer.
    pub(crate) took: Duration,
}

/// Batches packed beforehand, so that packing them takes no time from the other side: other rounds' differ by a few bytes.
pub(crate) fn packed(batches: &Batches, numbers: std::ops::Range<usize>) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut message = Vec::new();
    numbers
        .map(|number| {
            message.clear();
            batches.write(number, &mut message);
            let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
            std::io::Write::write_all(&mut encoder, &message)?;
            encoder.finish().context("pack a batch")
        })
        .collect()
}

/// Sends the batches of these numbers over `connections` connections.
///
/// # Errors
/// The first answer that is neither "taken" nor "come back", or a batch that was put off too often.
pub(crate) fn send(
    protocol: Protocol,
    ports: Ports,
    connections: usize,
    batches: &Batches,
    numbers: std::ops::Range<usize>,
) -> anyhow::Result<Sent> {
    let packed = if protocol == Protocol::HttpGzip { packed(batches, numbers.clone())? } else { Vec::new() };
    let next = AtomicUsize::new(numbers.start);
    let asked_to_wait = AtomicU64::new(0);
    let began = Instant::now();
    let work = || -> anyhow::Result<()> {
        let mut sender = Sender::new(protocol, ports)?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return Ok(());
            }
            let mut tries = 0;
            loop {
                match sender.send(batches, number, packed.get(number - numbers.start).map(Vec::as_slice))? {
                    Taken::Yes => break,
                    Taken::Later if tries < TRIES => {
                        tries += 1;
                        asked_to_wait.fetch_add(1, Ordering::Relaxed);
                        thread::sleep(COME_BACK);
                    }
                    Taken::Later => bail!("a batch was put off {TRIES} times"),
                }
            }
        }
    };
    thread::scope(|scope| {
        let senders: Vec<_> = (0..connections).map(|_| scope.spawn(work)).collect();
        senders.into_iter().try_for_each(|sender| sender.join().map_err(|_| anyhow!("a sender panicked"))?)
    })?;
    Ok(Sent {
        spans: batches.spans_of(numbers.clone()),
        asked_to_wait: asked_to_wait.into_inner(),
        took: began.elapsed(),
    })
}

enum Sender {
    Http { connection: http::Connection, message: Vec<u8> },
    Grpc(Box<grpc::Connection>),
}

impl Sender {
    fn new(protocol: Protocol, ports: Ports) -> anyhow::Result<Self> {
        Ok(match protocol {
            Protocol::Http | Protocol::HttpGzip => {
                Self::Http { connection: http::Connection::new(ports.http), message: Vec::new() }
            }
            Protocol::Grpc => Self::Grpc(Box::new(grpc::Connection::new(ports.grpc)?)),
        })
    }

    fn send(&mut self, batches: &Batches, number: usize, packed: Option<&[u8]>) -> anyhow::Result<Taken> {
        match self {
            Self::Grpc(connection) => connection.export(grpc::framed(|out| batches.write(number, out))?),
            Self::Http { connection, message } => {
                let answer = match packed {
                    Some(packed) => connection.post("/v1/traces", Some("gzip"), packed)?,
                    None => {
                        message.clear();
                        batches.write(number, message);
                        connection.post("/v1/traces", None, message)?
                    }
                };
                match answer.status {
                    // Whether a part was rejected is in the console's own account.
                    200 => Ok(Taken::Yes),
                    429 | 503 => Ok(Taken::Later),
                    other => bail!("status {other}: {}", String::from_utf8_lossy(&answer.body)),
                }
            }
        }
    }
}
