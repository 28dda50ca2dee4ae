//! For tests: a server that does what it is told, on a thread and runtime of its own so that it judges the engine and
//! does not share its fate.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A small whole answer.
pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Position among all requests, from 0.
    pub(crate) number: usize,
    /// Position on its connection, from 0.
    pub(crate) on_connection: usize,
    pub(crate) at: Instant,
    /// When its first byte was read, or when the server began to wait for one.
    pub(crate) began: Instant,
    /// How many reads it took.
    pub(crate) reads: usize,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        let mut pairs = lines.filter_map(|line| line.split_once(": "));
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// What the server does with a request, in order.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Wait(Duration),
    Write(Vec<u8>),
    /// Waits until this moment.
    Until(Instant),
    /// Ends the connection in good order.
    Close,
    /// Ends it with a reset.
    Reset,
    /// Never says anything more.
    Hang,
}

pub(crate) fn write(text: &str) -> Act {
    Act::Write(text.as_bytes().to_vec())
}

type Script = dyn Fn(&Seen) -> Vec<Act> + Send + Sync;

/// A running server. It ends when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    stop: CancellationToken,
}

impl Server {
    pub(crate) fn start(script: impl Fn(&Seen) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let (tell, told) = mpsc::channel();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let stop = CancellationToken::new();
        let (requests, stopped) = (Arc::clone(&seen), stop.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let script: Arc<Script> = Arc::new(script);
                while let Some(accepted) = stopped.run_until_cancelled(listener.accept()).await {
                    let (stream, _) = accepted.unwrap();
                    tokio::spawn(converse(stream, Arc::clone(&script), Arc::clone(&requests)));
                }
            });
        });
        Self { address: told.recv().unwrap(), seen, stop }
    }

    /// One that answers each request as soon as it has read something of it, and then closes the connection: with a reset where
    /// more of the request has come.
    pub(crate) fn impatient(answer: &str) -> Self {
        let answer = answer.as_bytes().to_vec();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let stopped = stop.clone();
        std::thread::spawn(move || {
            use std::io::{Read, Write};
            for stream in listener.incoming() {
                if stopped.is_cancelled() {
                    return;
                }
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 4096]);
                stream.write_all(&answer).unwrap();
            }
        });
        Self { address, seen: Arc::default(), stop }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
        // Who waits in a blocking accept looks at the token then.
        let _ = std::net::TcpStream::connect(self.address);
    }
}

async fn converse(mut stream: TcpStream, script: Arc<Script>, requests: Arc<Mutex<Vec<Seen>>>) {
    stream.set_nodelay(true).unwrap();
    let mut pending = Vec::new();
    let mut on_connection = 0;
    while let Some(read) = read_request(&mut stream, &mut pending).await {
        let seen = {
            let mut requests = requests.lock().unwrap();
            let Read { head, body, began, reads } = read;
            let number = requests.len();
            let seen = Seen { number, on_connection, at: Instant::now(), began, reads, head, body };
            requests.push(seen.clone());
            seen
        };
        on_connection += 1;
        for act in script(&seen) {
            match act {
                Act::Wait(pause) => tokio::time::sleep(pause).await,
                Act::Until(moment) => tokio::time::sleep_until(moment.into()).await,
                Act::Write(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Act::Close => return,
                Act::Reset => {
                    // Closing with nothing to linger for sends a reset.
                    stream.set_zero_linger().unwrap();
                    return;
                }
                Act::Hang => std::future::pending().await,
            }
        }
    }
}

struct Read {
    head: String,
    body: String,
    began: Instant,
    reads: usize,
}

async fn read_request(stream: &mut TcpStream, pending: &mut Vec<u8>) -> Option<Read> {
    let (mut began, mut reads) = (Instant::now(), 0);
    loop {
        let text = String::from_utf8_lossy(pending).into_owned();
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse().unwrap());
            if rest.len() >= length {
                pending.drain(..head.len() + 4 + length);
                return Some(Read { head: head.to_owned(), body: rest[..length].to_owned(), began, reads });
            }
        }
        if stream.read_buf(pending).await.ok()? == 0 {
            return None;
        }
        if reads == 0 {
            began = Instant::now();
        }
        reads += 1;
    }
}
