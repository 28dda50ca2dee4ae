//! `/health` and `/ready`: whether the process lives, and whether the shop's frontend really answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::ApiError;
use crate::client::{Exchange, Transport};
use crate::generator::Generator;
use crate::target::Destination;

/// Name in the service catalogue.
const NAME: &str = "load-generator";
/// Longest that the target may take to answer; a readiness probe waits a little longer.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Health {
    started: Instant,
    generator: Arc<Generator>,
    shutdown: CancellationToken,
}

/// The two routes. `/ready` is 503 from the moment on which `shutdown` is cancelled.
pub(super) fn routes(generator: Arc<Generator>, shutdown: CancellationToken) -> Router {
    let health = Health { started: Instant::now(), generator, shutdown };
    Router::new().route("/health", get(alive)).route("/ready", get(ready)).with_state(Arc::new(health))
}

async fn alive(State(health): State<Arc<Health>>) -> Json<Value> {
    Json(json!({
        "status": "healthy",
        "service": NAME,
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": health.started.elapsed().as_secs_f64(),
    }))
}

async fn ready(State(health): State<Arc<Health>>) -> Result<Json<Value>, ApiError> {
    let not_ready = |why: String| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", why);
    if health.shutdown.is_cancelled() {
        return Err(not_ready("shutting down".to_owned()));
    }
    let front = health.generator.front();
    let target = health.generator.target(front).clone();
    let addresses = health.generator.addresses(front).await.map_err(|error| not_ready(error.to_string()))?;
    let path = format!("{}/health", target.base_path);
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\naccept: application/json\r\n\r\n", target.authority);
    let destination = Destination::new(target.clone(), addresses).map_err(|error| not_ready(error.to_string()))?;
    // Its client belongs to one thread, and this task may move.
    let answer = tokio::task::spawn_blocking(move || ask(&destination, &request)).await;
    match answer.map_err(|error| error.to_string()).and_then(|asked| asked) {
        Ok(status) if status < 400 => Ok(Json(json!({
            "status": "ready", "service": NAME, "dependencies": [target.authority],
        }))),
        Ok(status) => Err(not_ready(format!("{}: GET {path} answers {status}", target.authority))),
        Err(why) => Err(not_ready(format!("{}: {why}", target.authority))),
    }
}

fn ask(destination: &Destination, request: &str) -> Result<u16, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let transport = Transport::new(destination);
    let mut body = Vec::new();
    let answer = runtime.block_on(async {
        let sent = tokio::time::Instant::now();
        let deadline = sent + CHECK_TIMEOUT;
        transport
            .send(Exchange { request: request.as_bytes(), upload: None, sent, deadline, keep: 0, body: &mut body })
            .await
    });
    answer.map(|answer| answer.status).map_err(|failure| failure.to_string())
}
