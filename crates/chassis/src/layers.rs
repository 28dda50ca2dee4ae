//! The layers around every service's routes.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use http::StatusCode;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use super::admin::{self, Faults, Guard};
use super::{ApiError, Assembly, health};

/// The service's routes with health, administration, JSON errors for unknown paths and methods, a time limit, panics
/// caught, and around all of it the fault filter: what that delays or refuses never got as far as the service.
pub(crate) fn wrap(name: &'static str, assembly: Assembly, guard: Guard, shutdown: CancellationToken) -> Router {
    let Assembly { routes, dependencies, pools, body_limits, request_timeout, .. } = assembly;
    let faults = Arc::new(Faults::default());
    routes
        .merge(health::routes(name, dependencies, shutdown))
        .merge(admin::routes(guard, Arc::clone(&faults), pools))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(Extension(body_limits))
        .layer(from_fn_with_state(request_timeout, limit_time))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn_with_state(faults, admin::filter))
}

async fn unknown_path() -> ApiError {
    ApiError::not_found("there is nothing at this path")
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not take this method")
}

async fn limit_time(State(timeout): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "the request took too long").into_response(),
    }
}

fn caught(panic: Box<dyn Any + Send>) -> Response {
    let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = said, "a handler panicked");
    ApiError::internal().into_response()
}
