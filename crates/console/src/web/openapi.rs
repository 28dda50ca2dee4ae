//! The API described, for programs and for people.

use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::Value;

use crate::openapi;
use crate::pages;
use crate::state::State;
use crate::web::answer::page;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/api", get(api_page)).route("/api/openapi.json", get(document))
}

async fn api_page(Shared(state): Shared<State>) -> Response {
    page(StatusCode::OK, pages::api(&state.health()))
}

async fn document() -> Json<Value> {
    Json(openapi::document())
}
