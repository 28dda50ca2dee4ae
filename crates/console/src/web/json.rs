//! The JSON API. Mistakes are answered with `{"error": {"code", "message"}}`.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::api::{
    Alert, Health, LogView, MetricView, Monitors, Red, StagePlay, StageSnapshot, TimelinePoint, TraceSummary, TraceView,
};
use crate::clock;
use crate::state::State;
use crate::web::query::{BadField, Fields};

/// An answer that says what was wrong.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

pub(crate) fn refuse(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refused {
    Refused { status, code, message: message.into() }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": {"code": self.code, "message": self.message}}))).into_response()
    }
}

impl From<BadField> for Refused {
    fn from(bad: BadField) -> Self {
        refuse(StatusCode::BAD_REQUEST, "bad_field", bad.to_string())
    }
}

impl From<QueryRejection> for Refused {
    fn from(rejection: QueryRejection) -> Self {
        refuse(StatusCode::BAD_REQUEST, "bad_query", rejection.body_text())
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        refuse(rejection.status(), "bad_body", rejection.body_text())
    }
}

type Asked = Result<Query<Fields>, QueryRejection>;
type Answer<T> = Result<Json<T>, Refused>;

pub(crate) async fn health(Shared(state): Shared<State>) -> Json<Health> {
    Json(state.health())
}

pub(crate) async fn alerts(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<Alert>> {
    let since = asked?.since()?;
    Ok(Json(state.alerts().since(since)))
}

pub(crate) async fn red(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<Red>> {
    Ok(Json(state.store().red(&asked?.red()?, clock::now())))
}

pub(crate) async fn timeline(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<TimelinePoint>> {
    let asked = asked?;
    Ok(Json(state.store().timeline(&asked.red()?, asked.step_seconds()?, clock::now())))
}

pub(crate) async fn traces(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<TraceSummary>> {
    Ok(Json(state.store().search(&asked?.spans()?)))
}

pub(crate) async fn trace(Shared(state): Shared<State>, Path(trace_id): Path<String>) -> Answer<TraceView> {
    let missing = || refuse(StatusCode::NOT_FOUND, "no_such_trace", "it never came here, or has left to make room");
    state.store().trace(&trace_id).map(Json).ok_or_else(missing)
}

pub(crate) async fn logs(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<LogView>> {
    Ok(Json(state.store().logs(&asked?.logs()?)))
}

pub(crate) async fn metrics(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<MetricView>> {
    let asked = asked?;
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Ok(Json(state.store().metrics(given(&asked.service).as_deref(), given(&asked.name).as_deref())))
}

pub(crate) async fn monitors(Shared(state): Shared<State>) -> Json<Monitors> {
    Json(state.monitors())
}

pub(crate) async fn stage(Shared(state): Shared<State>) -> Json<StageSnapshot> {
    Json(StageSnapshot::take(&state))
}

pub(crate) async fn set_play(
    Shared(state): Shared<State>,
    play: Result<Json<StagePlay>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    let Json(play) = play?;
    state.set_play(play);
    Ok(StatusCode::NO_CONTENT)
}
