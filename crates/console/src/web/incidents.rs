//! Incidents: all of them, and one with its evidence.

use axum::extract::{Path, State as Shared};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use detect::Incident;
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::incidents::{self, IncidentView};
use crate::pages::{self, Firing};
use crate::state::State;
use crate::web::answer::{Answer, page, refuse};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/incidents", get(list_page))
        .route("/incidents/{incident_id}", get(one_page))
        .route("/api/incidents", get(list))
        .route("/api/incidents/{incident_id}", get(one))
}

/// What `/api/incidents` answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct IncidentsNow {
    /// Open ones first, then the newest; two hundred at most.
    pub incidents: Vec<Incident>,
    /// Monitors and flows that fire now.
    pub firing: Vec<Firing>,
}

async fn list_page(Shared(state): Shared<State>) -> Response {
    let all = state.incidents().all();
    page(StatusCode::OK, pages::incidents(&all, state.play().as_ref(), &state.health()))
}

async fn list(Shared(state): Shared<State>) -> Json<IncidentsNow> {
    let incidents = state.incidents().all();
    Json(IncidentsNow { incidents, firing: pages::firing(&state.monitors()) })
}

async fn one_page(Shared(state): Shared<State>, Path(id): Path<String>) -> Response {
    match look(&state, &id).await {
        Some(view) => page(StatusCode::OK, pages::incident(&view, state.play().as_ref(), &state.health())),
        None => page(StatusCode::NOT_FOUND, pages::no_incident(&id, &state.health())),
    }
}

async fn one(Shared(state): Shared<State>, Path(id): Path<String>) -> Answer<IncidentView> {
    let unknown = || {
        refuse(StatusCode::NOT_FOUND, "no_incident", format!("no incident has the number `{id}`: see /api/incidents"))
    };
    look(&state, &id).await.map(Json).ok_or_else(unknown)
}

/// The incident with its evidence, which takes a look at rows.
async fn look(state: &State, id: &str) -> Option<IncidentView> {
    let incident = state.incidents().get(id.parse().ok()?)?.clone();
    let owned = state.clone();
    let looking = tokio::task::spawn_blocking(move || {
        incidents::view(incident, &owned.monitors().monitors, owned.store(), owned.now())
    });
    Some(looking.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
}
