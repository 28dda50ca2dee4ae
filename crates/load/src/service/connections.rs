//! The HTTP/1 server of the admin API, with bounds: heads, connections, and a drain that ends.

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
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);
/// Largest request head.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Most connections at once. It is an API for a conductor and some terminals.
const MAX_CONNECTIONS: usize = 256;
/// Longest that requests in flight may take to finish once the service is told to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
/// Pause after `accept` failed, which it does while the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` is cancelled, then lets requests in flight finish.
pub(super) async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MAX_HEAD_BYTES);
    let mut connections = JoinSet::new();
    while let Some(place) = shutdown.run_until_cancelled(Arc::clone(&places).acquire_owned()).await {
        // Connections that ended are let go of here, so that the set holds only live ones.
        while connections.try_join_next().is_some() {}
        let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await else {
            break;
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        connections.spawn(async move {
            // A connection that breaks is its client's affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("admin requests were still running and were cut off");
    }
    connections.shutdown().await;
}
