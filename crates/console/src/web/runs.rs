//! Past runs: the list, one of them, two beside each other.

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;

use crate::api::RunView;
use crate::pages;
use crate::state::State;
use crate::story::{self, RunComparison, RunList, is_run_id};
use crate::web::answer::{Answer, Asked, Refused, page, refuse};
use crate::web::router::not_found;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/runs", get(runs))
        .route("/runs/compare", get(compare))
        .route("/runs/{id}", get(run))
        .route("/api/runs", get(list))
        .route("/api/runs/compare", get(comparison))
        .route("/api/runs/{id}", get(view))
}

/// Files are read where waiting for a disk holds nobody up.
async fn reading<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(read).await {
        Ok(answer) => answer,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

async fn listed(state: &State) -> RunList {
    let state = state.clone();
    reading(move || state.listing().list(state.runs_dir())).await
}

/// Why a run cannot be shown.
#[derive(Debug)]
struct Missing {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl From<Missing> for Refused {
    fn from(missing: Missing) -> Self {
        refuse(missing.status, missing.code, missing.message)
    }
}

/// The run called `id`: the one that was opened, or one of the runs' folder.
async fn found(state: &State, id: &str) -> Result<RunView, Missing> {
    if let Some(opened) = state.opened().filter(|opened| opened.story.facts.id == id) {
        let opened = Arc::clone(opened);
        return Ok(reading(move || RunView {
            folder: opened.folder.display().to_string(),
            files: story::files(&opened.folder),
            story: opened.story.clone(),
            traces: opened.traces.clone(),
        })
        .await);
    }
    if !is_run_id(id) {
        let message = "a run is called by the name of its folder: letters, digits, dashes, dots".to_owned();
        return Err(Missing { status: StatusCode::BAD_REQUEST, code: "bad_run", message });
    }
    let folder = state.runs_dir().join(id);
    reading(move || read(folder)).await
}

fn read(folder: PathBuf) -> Result<RunView, Missing> {
    if !folder.is_dir() {
        let message = format!("there is no folder {}", folder.display());
        return Err(Missing { status: StatusCode::NOT_FOUND, code: "no_such_run", message });
    }
    let unreadable = |error: story::StoryError| {
        let remedy = format!("`doorbuster report {}` makes it from what is there", folder.display());
        let (status, message) = match error.is_missing() {
            true => (StatusCode::NOT_FOUND, format!("it has no story.json: {remedy}")),
            false => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}; {remedy}")),
        };
        Missing { status, code: "no_story", message }
    };
    Ok(RunView {
        story: story::read(&folder).map_err(unreadable)?,
        traces: story::read_traces(&folder).map_err(unreadable)?,
        files: story::files(&folder),
        folder: folder.display().to_string(),
    })
}

async fn runs(Shared(state): Shared<State>) -> Response {
    page(StatusCode::OK, pages::runs(&listed(&state).await, &state.health()))
}

async fn list(Shared(state): Shared<State>) -> Json<RunList> {
    Json(listed(&state).await)
}

async fn run(Shared(state): Shared<State>, Path(id): Path<String>) -> Response {
    match found(&state, &id).await {
        Ok(view) => page(StatusCode::OK, pages::run(&view, &listed(&state).await, &state.health())),
        Err(missing) => page(missing.status, pages::no_run(&id, &missing.message, &state.health())),
    }
}

async fn view(Shared(state): Shared<State>, Path(id): Path<String>) -> Answer<RunView> {
    Ok(Json(found(&state, &id).await?))
}

async fn compare(Shared(state): Shared<State>, asked: Asked) -> Response {
    let Ok(Query(asked)) = asked else { return not_found().await };
    if asked.a.is_empty() || asked.b.is_empty() {
        return page(StatusCode::OK, pages::choose_two(&listed(&state).await, &asked.a, &asked.b, &state.health()));
    }
    match (found(&state, &asked.a).await, found(&state, &asked.b).await) {
        (Ok(a), Ok(b)) => page(StatusCode::OK, pages::compared(&a.story, &b.story, &state.health())),
        (Err(missing), _) => page(missing.status, pages::no_run(&asked.a, &missing.message, &state.health())),
        (_, Err(missing)) => page(missing.status, pages::no_run(&asked.b, &missing.message, &state.health())),
    }
}

async fn comparison(Shared(state): Shared<State>, asked: Asked) -> Answer<RunComparison> {
    let Query(asked) = asked?;
    let (a, b) = (found(&state, &asked.a).await?, found(&state, &asked.b).await?);
    Ok(Json(story::compare(&a.story, &b.story)))
}
