//! The HTTP/1 server: bounded heads (hyper's own limit of 100 header lines included), bounded connections, and a
//! drain that ends.
//!
//! hyper directly instead of `axum::serve`, which has none of these bounds.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Longest that a request's head may take to arrive, and that a connection may idle between two requests.
/// Clients of this project close idle connections earlier, so that none is reused while it is being closed.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest request head: traceparent, tracestate (512) and baggage (8192) fit, with room for what browsers send.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Most connections at once; ten times what the heaviest scenario opens.
const MAX_CONNECTIONS: usize = 4096;
/// Longest that requests in flight may take to finish once the service is told to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause after `accept` failed, which it does while the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` is cancelled, then lets requests in flight finish for at most 5 s.
pub(crate) async fn serve_connections(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MAX_HEAD_BYTES);
    let mut connections = JoinSet::new();
    loop {
        // Connections that ended are let go of here, so that the set holds only live ones.
        while connections.try_join_next().is_some() {}
        let slot = tokio::select! {
            () = shutdown.cancelled() => break,
            slot = Arc::clone(&slots).acquire_owned() => slot.expect("the semaphore is never closed"),
        };
        let stream = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        // Small answers must not wait for the acknowledgement of earlier ones; without it they are only slower.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        connections.spawn(async move {
            // A connection that breaks is its client's affair: the request it carried has been recorded by then.
            let _ = connection.await;
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still running after {} s and were cut off", DRAIN_TIMEOUT.as_secs());
    }
    connections.shutdown().await;
}
