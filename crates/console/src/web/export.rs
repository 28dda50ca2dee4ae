//! Telemetry into the folder of the run that this console belongs to, when its conductor asks.

use axum::extract::State as Shared;
use axum::extract::rejection::JsonRejection;
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use store::Exported;

use crate::state::State;
use crate::web::answer::{Answer, refuse};

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/api/export", post(export))
}

/// Nothing can be asked for: the folder is the one that the console was started with. That it is JSON keeps out pages of other
/// origins, which may send forms unasked but not this.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {}

async fn export(Shared(state): Shared<State>, asked: Result<Json<Asked>, JsonRejection>) -> Answer<Exported> {
    let Json(Asked {}) = asked?;
    let Some(folder) = state.export_to().cloned() else {
        let remedy = "this console has no folder to write to: start it with --export-to FOLDER";
        return Err(refuse(StatusCode::CONFLICT, "no_folder", remedy));
    };
    let Ok(alone) = state.exporting().try_lock_owned() else {
        return Err(refuse(StatusCode::CONFLICT, "busy", "it is being written already: ask again when that is done"));
    };
    let written = tokio::task::spawn_blocking(move || {
        // Held until the last file is closed, though whoever asked may be gone by then.
        let _alone = alone;
        state.store().export(&folder)
    });
    match written.await {
        Ok(Ok(exported)) => Ok(Json(exported)),
        Ok(Err(error)) => Err(refuse(StatusCode::INTERNAL_SERVER_ERROR, "not_written", error.to_string())),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
