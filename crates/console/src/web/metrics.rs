//! Points of metrics.

use axum::extract::State as Shared;
use axum::routing::get;
use axum::{Json, Router};

use crate::api::MetricView;
use crate::state::State;
use crate::web::answer::{Answer, Asked};

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/api/metrics", get(metrics))
}

async fn metrics(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<MetricView>> {
    let asked = asked?;
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Ok(Json(state.store().metrics(given(&asked.service).as_deref(), given(&asked.name).as_deref())))
}
