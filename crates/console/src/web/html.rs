//! The pages.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use store::RedFilter;

use crate::clock;
use crate::pages;
use crate::stage;
use crate::state::State;
use crate::web::query::Fields;

type Asked = Result<Query<Fields>, QueryRejection>;

fn page(status: StatusCode, markup: maud::Markup) -> Response {
    (status, Html(markup.into_string())).into_response()
}

pub(crate) async fn stage(Shared(state): Shared<State>) -> Response {
    page(StatusCode::OK, pages::stage(&stage::StageSnapshot::take(&state)))
}

pub(crate) async fn services(Shared(state): Shared<State>, asked: Asked) -> Response {
    let Ok(Query(fields)) = asked else { return not_found().await };
    let filter = RedFilter { traffic_type: fields.red().ok().and_then(|red| red.traffic_type), ..RedFilter::default() };
    let rows = state.store().red(&filter, clock::now());
    page(StatusCode::OK, pages::services(&rows, filter.traffic_type.as_deref(), &state.health()))
}

pub(crate) async fn traces(Shared(state): Shared<State>, asked: Asked) -> Response {
    let Ok(Query(fields)) = asked else { return not_found().await };
    // What cannot be read finds nothing and is said above the list.
    let (found, mistake) = match fields.spans() {
        Ok(search) => (state.store().search(&search), None),
        Err(bad) => (Vec::new(), Some(bad.to_string())),
    };
    page(StatusCode::OK, pages::traces(&found, &fields, mistake.as_deref(), &state.health()))
}

pub(crate) async fn trace(Shared(state): Shared<State>, Path(trace_id): Path<String>) -> Response {
    match state.store().trace(&trace_id) {
        Some(trace) => page(StatusCode::OK, pages::trace(&trace, &state.health())),
        None => page(StatusCode::NOT_FOUND, pages::no_trace(&trace_id, &state.health())),
    }
}

pub(crate) async fn not_found() -> Response {
    page(StatusCode::NOT_FOUND, pages::not_found())
}
