//! Monitors, flows, and the alerts they raised.

use axum::extract::State as Shared;
use axum::routing::get;
use axum::{Json, Router};

use crate::api::{Alert, Monitors};
use crate::state::State;
use crate::web::answer::{Answer, Asked};

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/api/alerts", get(alerts)).route("/api/monitors", get(monitors))
}

async fn alerts(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<Alert>> {
    let since = asked?.since()?;
    Ok(Json(state.alerts().since(since)))
}

async fn monitors(Shared(state): Shared<State>) -> Json<Monitors> {
    Json(state.monitors())
}
