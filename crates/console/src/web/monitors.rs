//! Monitors, flows, and the alerts they raised.

use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;

use crate::api::{Alert, Monitors};
use crate::pages;
use crate::state::State;
use crate::web::answer::{Answer, Asked, page};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/monitors", get(page_of_monitors))
        .route("/api/alerts", get(alerts))
        .route("/api/monitors", get(monitors))
}

/// Alerts that a page can be about; older ones are under `/api/alerts`.
const MOST_ALERTS: usize = 1000;

async fn page_of_monitors(Shared(state): Shared<State>) -> Response {
    let (detection, play, health) = (state.monitors(), state.play(), state.health());
    let alerts = state.alerts().newest(MOST_ALERTS);
    let watched = pages::Watched { detection: &detection, alerts: &alerts, play: play.as_ref(), health: &health };
    page(StatusCode::OK, pages::monitors(&watched))
}

async fn alerts(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<Alert>> {
    let since = asked?.since()?;
    Ok(Json(state.alerts().since(since)))
}

async fn monitors(Shared(state): Shared<State>) -> Json<Monitors> {
    Json(state.monitors())
}
