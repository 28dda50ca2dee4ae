//! Objectives: what there is of them.

use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use detect::SpanKind;
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::RedFilter;

use crate::pages::{self, Measured};
use crate::stage::entrance;
use crate::state::State;
use crate::web::answer::page;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/slos", get(slos)).route("/api/slos", get(objectives))
}

/// What `/api/slos` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Objectives {
    /// The service at which customers come in.
    pub entrance: String,
    /// What was measured there, as far back as figures go; objectives are not built yet.
    pub measured: Vec<Measured>,
}

fn measured(state: &State) -> Objectives {
    let play = state.play();
    let entrance = entrance(play.as_ref()).to_owned();
    let filter = RedFilter {
        service: Some(entrance.clone()),
        kind: Some(SpanKind::Server),
        from_unix_ms: Some(state.store().stats().oldest_second_unix_ms),
        ..RedFilter::default()
    };
    let rows = state.store().red(&filter, state.now());
    let measured = rows.into_iter().map(|row| Measured {
        service: row.service,
        operation: row.operation,
        traffic_type: row.traffic_type,
        requests: row.count,
        good_share: 1.0 - row.error_rate,
        p95_ms: row.p95_ms,
    });
    Objectives { measured: measured.collect(), entrance }
}

async fn slos(Shared(state): Shared<State>) -> Response {
    let Objectives { entrance, measured } = measured(&state);
    page(StatusCode::OK, pages::slos(&measured, &entrance, &state.health()))
}

async fn objectives(Shared(state): Shared<State>) -> Json<Objectives> {
    Json(measured(&state))
}
