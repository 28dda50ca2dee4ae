//! How the console itself is doing.

use axum::extract::State as Shared;
use axum::routing::get;
use axum::{Json, Router};

use crate::api::Health;
use crate::state::State;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/api/health", get(health))
}

async fn health(Shared(state): Shared<State>) -> Json<Health> {
    Json(state.health())
}
