//! The sink: a server that reads what it gets, over HTTP/1.1 and HTTP/2, and keeps nothing.
//!
//! What it costs is what this machine takes, in this minute, to carry the bytes over loopback. Nobody who stores them can
//! cost less, so the console's cost is given as a multiple of it.

use std::convert::Infallible;

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use super::arguments::SinkOptions;

/// The same windows that the console has: without them a message of HTTP/2 waits for its window several times.
const WINDOW: u32 = 4 << 20;

/// Serves until it is killed.
pub(crate) fn run(options: &SinkOptions) -> anyhow::Result<Infallible> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start a runtime")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", options.port)).await.context("listen")?;
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http2()
            .initial_stream_window_size(WINDOW / 2)
            .initial_connection_window_size(WINDOW)
            .max_frame_size(256 << 10);
        loop {
            let (stream, _) = listener.accept().await.context("take a connection")?;
            stream.set_nodelay(true)?;
            let connection = builder.serve_connection(TokioIo::new(stream), service_fn(swallow)).into_owned();
            tokio::spawn(connection);
        }
    })
}

async fn swallow(
    request: Request<Incoming>,
) -> Result<Response<http_body_util::Either<Full<Bytes>, Trailed>>, hyper::Error> {
    let is_grpc = request.headers().get("content-type").is_some_and(|given| given == "application/grpc");
    let mut body = request.into_body();
    while let Some(piece) = body.frame().await {
        drop(piece?);
    }
    if !is_grpc {
        return Ok(Response::new(http_body_util::Either::Left(Full::default())));
    }
    let trailers =
        HeaderMap::from_iter([(http::HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
    let body = Full::new(Bytes::from_static(&[0; 5])).with_trailers(std::future::ready(Some(Ok(trailers))));
    Ok(Response::new(http_body_util::Either::Right(body)))
}

type Trailed =
    http_body_util::combinators::WithTrailers<Full<Bytes>, std::future::Ready<Option<Result<HeaderMap, Infallible>>>>;
