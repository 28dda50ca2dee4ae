//! What is answered where.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::options::ServeError;
use crate::pages;
use crate::state::State;
use crate::web::answer::{page, refuse};
use crate::web::{
    assets, databases, export, health, incidents, llm, logs, metrics, monitors, names, openapi, runs, services, slos,
    sql, stage, traces,
};

/// A play has a few hundred predicted points: this is plenty.
const LARGEST_PLAY: usize = 2 << 20;
/// How long a sender may take for a body.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// Serves until the console is to end.
pub(crate) async fn serve(listener: TcpListener, state: State) -> Result<(), ServeError> {
    let shutdown = state.shutdown().clone();
    axum::serve(listener, router(state)).with_graceful_shutdown(shutdown.cancelled_owned()).await?;
    Ok(())
}

fn router(state: State) -> Router {
    Router::new()
        .merge(stage::routes())
        .merge(services::routes())
        .merge(traces::routes())
        .merge(names::routes())
        .merge(databases::routes())
        .merge(sql::routes())
        .merge(openapi::routes())
        .merge(logs::routes())
        .merge(metrics::routes())
        .merge(monitors::routes())
        .merge(incidents::routes())
        .merge(slos::routes())
        .merge(llm::routes())
        .merge(runs::routes())
        .merge(export::routes())
        .merge(health::routes())
        .route("/assets/{name}", get(assets::get))
        .fallback(not_found)
        .with_state(state)
        .layer(DefaultBodyLimit::max(LARGEST_PLAY))
        .layer(RequestBodyTimeoutLayer::new(BODY_WITHIN))
        .layer(middleware::from_fn(headers))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "internal", "this is our mistake; the log has more")
                .into_response()
        }))
}

/// Pages use nothing from elsewhere, and say so: names in telemetry are strangers' text.
async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The answer to a path that leads nowhere.
pub(crate) async fn not_found() -> Response {
    page(StatusCode::NOT_FOUND, pages::not_found())
}
