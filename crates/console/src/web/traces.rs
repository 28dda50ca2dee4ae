//! Finding traces and reading them.

use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;

use crate::api::{TraceSummary, TraceView};
use crate::pages;
use crate::state::State;
use crate::web::answer::{Answer, Asked, page, refuse};
use crate::web::router::not_found;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/traces", get(traces))
        .route("/traces/{trace_id}", get(trace))
        .route("/api/traces", get(found))
        .route("/api/traces/{trace_id}", get(view))
}

async fn traces(Shared(state): Shared<State>, asked: Asked) -> Response {
    let Ok(Query(fields)) = asked else { return not_found().await };
    // What cannot be read finds nothing and is said above the list.
    let (found, mistake) = match fields.spans() {
        Ok(search) => (state.store().search(&search), None),
        Err(bad) => (Vec::new(), Some(bad.to_string())),
    };
    page(StatusCode::OK, pages::traces(&found, &fields, mistake.as_deref(), &state.health()))
}

async fn trace(Shared(state): Shared<State>, Path(trace_id): Path<String>) -> Response {
    match state.store().trace(&trace_id) {
        Some(trace) => page(StatusCode::OK, pages::trace(&trace, &state.health())),
        None => page(StatusCode::NOT_FOUND, pages::no_trace(&trace_id, &state.health())),
    }
}

async fn found(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<TraceSummary>> {
    Ok(Json(state.store().search(&asked?.spans()?)))
}

async fn view(Shared(state): Shared<State>, Path(trace_id): Path<String>) -> Answer<TraceView> {
    let missing = || refuse(StatusCode::NOT_FOUND, "no_such_trace", "it never came here, or has left to make room");
    state.store().trace(&trace_id).map(Json).ok_or_else(missing)
}
