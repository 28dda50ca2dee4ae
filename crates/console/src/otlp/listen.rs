//! Connections: HTTP/1.1 and HTTP/2 on both of OTLP's ports, both protocols on either.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::options::ServeError;
use crate::otlp::{Admission, grpc, http as otlp_http};
use crate::state::State;

/// Connections of one port; more wait until one ends.
const MOST_CONNECTIONS: usize = 512;
/// A connection that is silent for so long is closed. Longer than the minute after which SDKs send metrics.
const IDLE: Duration = Duration::from_secs(90);
/// Requests at once on one connection; more wait in the sender.
const STREAMS_PER_CONNECTION: u32 = 64;
/// What a sender may send ahead of one message: more than most batches have, so that it need not wait in the middle.
const STREAM_WINDOW: u32 = 2 << 20;
/// What a sender may send ahead on one connection.
const CONNECTION_WINDOW: u32 = 4 << 20;
/// The largest piece of a message: fewer, larger ones cost less.
const FRAME: u32 = 256 << 10;
/// How long to wait before another connection is taken when the system has no room for one.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// Serves one port until the console is to end.
pub(crate) async fn serve(listener: TcpListener, state: State, admission: Admission) -> Result<(), ServeError> {
    let shutdown = state.shutdown().clone();
    let service = TowerToHyperService::new(router(state, &admission));
    let builder = builder();
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    // Dropped with this task, and the connections with it.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        while connections.try_join_next().is_some() {}
        let (stream, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(OUT_OF_FILES).await;
                continue;
            }
        };
        let connection = builder.serve_connection(TokioIo::new(stream), service.clone()).into_owned();
        let watched = graceful.watch(connection);
        connections.spawn(async move {
            // How a connection ends is the sender's business: it went away, or what it sent is no HTTP.
            let _ = watched.await;
            drop(place);
        });
    }
    graceful.shutdown().await;
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(IDLE);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(IDLE)
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME);
    builder
}

fn router(state: State, admission: &Admission) -> Router {
    otlp_http::routes(admission).merge(grpc::routes(admission)).fallback(nothing_here).with_state(state)
}

async fn nothing_here(request: Request) -> Response {
    let given = request.headers().get(CONTENT_TYPE).map(|given| given.as_bytes());
    if given.is_some_and(|given| given.starts_with(b"application/grpc")) {
        return grpc::no_such_method();
    }
    (StatusCode::NOT_FOUND, "OTLP is taken at /v1/traces, /v1/metrics and /v1/logs; pages have a port of their own\n")
        .into_response()
}
