//! `/health` and `/ready`: whether the process lives, and whether what it needs really answers.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::future::{BoxFuture, join_all};
use http::StatusCode;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::ApiError;

/// Longest that one dependency may take to answer; a readiness probe waits a little longer.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

type Check = Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Something that a service can't work without.
pub struct Dependency {
    name: &'static str,
    check: Check,
}

impl Dependency {
    /// `check` asks it something small and says why it can't be used.
    pub fn new<F>(name: &'static str, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { name, check: Box::new(move || Box::pin(check())) }
    }

    async fn problem(&self) -> Option<String> {
        match tokio::time::timeout(CHECK_TIMEOUT, (self.check)()).await {
            Ok(Ok(())) => None,
            Ok(Err(why)) => Some(format!("{}: {why}", self.name)),
            Err(_) => Some(format!("{}: no answer within {} s", self.name, CHECK_TIMEOUT.as_secs())),
        }
    }
}

impl fmt::Debug for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dependency").field(&self.name).finish()
    }
}

/// All that a service needs.
pub type Dependencies = Vec<Dependency>;

struct Health {
    name: &'static str,
    started: Instant,
    dependencies: Dependencies,
    shutdown: CancellationToken,
}

/// The two routes. `/ready` is 503 from the moment on which `shutdown` is cancelled.
pub(crate) fn routes(name: &'static str, dependencies: Dependencies, shutdown: CancellationToken) -> Router {
    let health = Health { name, started: Instant::now(), dependencies, shutdown };
    Router::new().route("/health", get(alive)).route("/ready", get(ready)).with_state(Arc::new(health))
}

async fn alive(State(health): State<Arc<Health>>) -> Response {
    Json(json!({
        "status": "healthy",
        "service": health.name,
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": health.started.elapsed().as_secs_f64(),
    }))
    .into_response()
}

async fn ready(State(health): State<Arc<Health>>) -> Result<Response, ApiError> {
    let not_ready = |why: String| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", why);
    if health.shutdown.is_cancelled() {
        return Err(not_ready("shutting down".to_owned()));
    }
    let problems = join_all(health.dependencies.iter().map(Dependency::problem)).await;
    let problems: Vec<String> = problems.into_iter().flatten().collect();
    if !problems.is_empty() {
        return Err(not_ready(problems.join("; ")));
    }
    let names: Vec<&str> = health.dependencies.iter().map(|d| d.name).collect();
    Ok(Json(json!({"status": "ready", "service": health.name, "dependencies": names})).into_response())
}
