//! Opening a connection: TCP, TLS where the target wants it, and the protocol that both sides then speak.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use http::uri::Scheme;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::http1::Http1;
use super::http2::Http2;
use super::reason;
use super::tls::{HTTP2, Tls};
use super::wire::Wire;
use crate::client::Failure;

/// Longest wait until a connection can be used, handshakes included; a target that takes longer is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// An open connection that has carried nothing yet.
pub(super) enum Opened {
    Http1(Box<Http1>),
    Http2(Rc<Http2>),
}

/// Opens connections to one target.
pub(super) struct Opener {
    addresses: Vec<SocketAddr>,
    tls: Option<Tls>,
    /// Whether the server speaks HTTP/2: what it chose last. Over TLS it is asked each time.
    http2: Cell<bool>,
    opened: Cell<u64>,
}

impl Opener {
    /// Without `tls`, `http2` is prior knowledge; with it, what is hoped for at first is always HTTP/2.
    pub(super) fn new(addresses: Vec<SocketAddr>, tls: Option<Tls>, http2: bool) -> Self {
        Self { addresses, http2: Cell::new(http2 || tls.is_some()), tls, opened: Cell::new(0) }
    }

    pub(super) fn opened(&self) -> u64 {
        self.opened.get()
    }

    /// Whether the next connection is likely to carry many requests at once.
    pub(super) fn may_share(&self) -> bool {
        self.http2.get()
    }

    pub(super) fn scheme(&self) -> Scheme {
        if self.tls.is_some() { Scheme::HTTPS } else { Scheme::HTTP }
    }

    pub(super) async fn open(&self) -> Result<Opened, Failure> {
        let opened = timeout(CONNECT_TIMEOUT, self.connect()).await.map_err(|_| Failure::ConnectTimeout)??;
        self.opened.set(self.opened.get() + 1);
        self.http2.set(matches!(opened, Opened::Http2(_)));
        Ok(opened)
    }

    async fn connect(&self) -> Result<Opened, Failure> {
        let stream = self.reach().await.map_err(Failure::of_connecting)?;
        let Some(tls) = &self.tls else {
            let wire = Wire::plain(stream);
            // Nobody asks over a plain connection: it is what the target was declared to be.
            return self.speak(wire, self.http2.get()).await;
        };
        let handshake = TlsConnector::from(tls.config()).connect(tls.server_name(), stream);
        let stream = handshake.await.map_err(|error| Failure::Tls(reason::of_handshake(error)))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
        self.speak(Wire::tls(stream), http2).await
    }

    async fn speak(&self, wire: Wire, http2: bool) -> Result<Opened, Failure> {
        Ok(if http2 {
            Opened::Http2(Http2::open(wire).await?)
        } else {
            Opened::Http1(Box::new(Http1::open(wire).await?))
        })
    }

    /// Connects to the first address that accepts.
    async fn reach(&self) -> io::Result<TcpStream> {
        let mut refused = io::Error::new(io::ErrorKind::NotFound, "the target has no address");
        for address in &self.addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // A request is one small write: waiting for more to send would only delay it.
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }
}
