//! Rate, errors and duration of services.

use axum::extract::{Query, State as Shared};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use store::RedFilter;

use crate::api::{Red, TimelinePoint};
use crate::pages;
use crate::state::State;
use crate::web::answer::{Answer, Asked, page};
use crate::web::router::not_found;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/services", get(services)).route("/api/red", get(red)).route("/api/timeline", get(timeline))
}

async fn services(Shared(state): Shared<State>, asked: Asked) -> Response {
    let Ok(Query(fields)) = asked else { return not_found().await };
    let filter = RedFilter { traffic_type: fields.red().ok().and_then(|red| red.traffic_type), ..RedFilter::default() };
    let rows = state.store().red(&filter, state.now());
    page(StatusCode::OK, pages::services(&rows, filter.traffic_type.as_deref(), &state.health()))
}

async fn red(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<Red>> {
    Ok(Json(state.store().red(&asked?.red()?, state.now())))
}

async fn timeline(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<TimelinePoint>> {
    let asked = asked?;
    Ok(Json(state.store().timeline(&asked.red()?, asked.step_seconds()?, state.now())))
}
