//! A sender of OTLP over gRPC: one connection, one message at a time, as SDKs do.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use h2::client::{self, SendRequest};
use http::{Request, StatusCode};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// Where traces go.
const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
/// gRPC's word for "come back later".
const RESOURCE_EXHAUSTED: &str = "8";

/// A connection with a runtime of its own.
pub(crate) struct Connection {
    runtime: Runtime,
    requests: SendRequest<Bytes>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// All of it, or but for single spans that the console counts.
    Yes,
    /// Nothing of it: it is to be sent again.
    Later,
}

impl Connection {
    pub(crate) fn new(port: u16) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build().context("start a runtime")?;
        let requests = runtime.block_on(async {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.context("connect")?;
            stream.set_nodelay(true)?;
            let (requests, connection) = client::handshake(stream).await.context("begin HTTP/2")?;
            tokio::spawn(connection);
            anyhow::Ok(requests)
        })?;
        Ok(Self { runtime, requests })
    }

    /// Sends one message, its five bytes of framing before it.
    pub(crate) fn export(&mut self, framed: Bytes) -> anyhow::Result<Taken> {
        let requests = self.requests.clone();
        self.runtime.block_on(async {
            let request = Request::post(format!("http://127.0.0.1{EXPORT}"))
                .header("content-type", "application/grpc")
                .header("te", "trailers")
                .body(())?;
            let mut requests = requests.ready().await?;
            let (response, mut body) = requests.send_request(request, false)?;
            body.send_data(framed, true)?;
            let (head, mut body) = response.await.context("wait for an answer")?.into_parts();
            if head.status != StatusCode::OK {
                bail!("status {} over gRPC", head.status);
            }
            while let Some(piece) = body.data().await {
                // So that the window stays open.
                body.flow_control().release_capacity(piece?.len())?;
            }
            let trailers = body.trailers().await?.unwrap_or_default();
            let status = head.headers.get("grpc-status").or_else(|| trailers.get("grpc-status"));
            match status.and_then(|status| status.to_str().ok()) {
                Some("0") => Ok(Taken::Yes),
                Some(RESOURCE_EXHAUSTED) => Ok(Taken::Later),
                other => bail!("gRPC status {other:?}: {:?}", head.headers.get("grpc-message")),
            }
        })
    }
}

/// A message with the framing of gRPC before it: not packed, and its length.
pub(crate) fn framed(write: impl FnOnce(&mut Vec<u8>)) -> anyhow::Result<Bytes> {
    let mut out = vec![0; 5];
    write(&mut out);
    let length = u32::try_from(out.len() - 5)?;
    out[1..5].copy_from_slice(&length.to_be_bytes());
    Ok(out.into())
}
