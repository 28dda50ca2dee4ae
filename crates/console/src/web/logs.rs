//! Log records.

use axum::extract::State as Shared;
use axum::routing::get;
use axum::{Json, Router};

use crate::api::LogView;
use crate::state::State;
use crate::web::answer::{Answer, Asked};

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/api/logs", get(logs))
}

async fn logs(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<LogView>> {
    Ok(Json(state.store().logs(&asked?.logs()?)))
}
