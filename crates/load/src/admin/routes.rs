//! The routes and the layers around them.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use scenario::Clock;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use super::answers::{demo_status, is_running, traffic_stats};
use super::error::{ApiError, FieldMistake};
use super::guard::{Guard, guarded};
use super::health;
use super::input::StartDemo;
use super::retries;
use super::tampering;
use crate::StartError;
use crate::adjust;
use crate::catalogue::CatalogueError;
use crate::engine::{Run, RunState, unix_now};
use crate::generator::Generator;
use crate::record::Report;

/// Largest body, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// Longest that a request may take, its body's arrival included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// Everything the service answers.
pub(crate) fn router(generator: Arc<Generator>, guard: Guard, shutdown: CancellationToken) -> Router {
    let (changing_retries, looking_at_retries) = retries::routes();
    let (changing_tampering, looking_at_tampering) = tampering::routes();
    let changing = Router::new()
        .route("/admin/start-demo", post(start))
        .route("/admin/stop-demo", post(stop))
        .merge(changing_retries)
        .merge(changing_tampering)
        .route_layer(from_fn_with_state(guard, guarded));
    let looking = Router::new()
        .route("/admin/demo-status", get(status))
        .route("/admin/traffic-stats", get(stats))
        .route("/admin/measurements", get(measurements));
    changing
        .merge(looking.merge(looking_at_retries).merge(looking_at_tampering))
        .with_state(Arc::clone(&generator))
        .merge(health::routes(generator, shutdown))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(limit_time))
        .layer(CatchPanicLayer::custom(caught))
}

async fn start(
    State(generator): State<Arc<Generator>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ApiError> {
    let wanted = StartDemo::parse(&json_body(&headers, body)?)?;
    let refused = |field: &str, message: String| {
        let field = field.to_owned();
        ApiError::fields(vec![FieldMistake { field, message }])
    };
    let mut scenario = generator.catalogue.find(&wanted.scenario).map_err(|error| match error {
        CatalogueError::Unknown { known, .. } => refused("scenario", format!("is not known: there are {known}")),
        error => {
            tracing::error!(%error, "a scenario can't be used");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the scenario can't be used")
        }
    })?;
    if let Some(minutes) = wanted.duration_minutes {
        adjust::set_duration(&mut scenario, minutes);
    }
    if wanted.peak_rpm.is_some_and(|peak| !adjust::set_peak(&mut scenario, peak)) {
        return Err(refused("peak_rpm", "can't be reached: the stream has no arrivals in that time".into()));
    }
    let clock = Clock { start_unix: unix_now(), speed: wanted.speed };
    let seed = wanted.seed.unwrap_or(generator.seed);
    match generator.start(scenario, seed, clock).await {
        Ok(run) => Ok(Json(json!({"status": "started", "demo": demo_status(Some(&run))}))),
        Err(StartError::Busy) => {
            let message = "a demo is running already; POST /admin/stop-demo stops it";
            let running = demo_status(generator.current().as_deref());
            Err(ApiError::new(StatusCode::CONFLICT, "already_running", message).with_demo(running))
        }
        Err(error @ StartError::Target(_)) => {
            Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "target_unavailable", error.to_string()))
        }
        Err(error @ StartError::Journey(_)) => Err(refused("scenario", format!("can't be played: {error}"))),
        Err(error @ StartError::Threads(_)) => {
            tracing::error!(%error, "a run did not start");
            Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "no_threads", error.to_string()))
        }
    }
}

/// Only JSON by name: a form on a foreign page can't send that unasked.
pub(super) fn json_body(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Bytes, ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        let message = "the body must be sent with Content-Type: application/json";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message));
    }
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("the body is larger than {MAX_BODY_BYTES} bytes");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
        }
        status => ApiError::new(status, "unreadable_body", rejection.body_text()),
    })
}

async fn stop(State(generator): State<Arc<Generator>>) -> Json<Value> {
    let was_running = generator.current().is_some_and(|run| is_running(run.state()));
    let run = generator.stop();
    let status = if was_running { "stopping" } else { "not_running" };
    Json(json!({"status": status, "demo": demo_status(run.as_deref())}))
}

async fn status(State(generator): State<Arc<Generator>>) -> Json<Value> {
    Json(demo_status(generator.current().as_deref()))
}

async fn stats(State(generator): State<Arc<Generator>>) -> Json<Value> {
    Json(traffic_stats(generator.current().as_deref()))
}

/// `GET /admin/measurements`; `?since=MINUTE` leaves out the buckets that end by that scenario minute.
async fn measurements(
    State(generator): State<Arc<Generator>>,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, ApiError> {
    let since = since(query)?;
    let Some(run) = generator.current() else {
        return Ok(Json(scenario::LoadReport::default()).into_response());
    };
    // The first time it hashes the whole schedule; later it writes some hundred KiB.
    let written = tokio::task::spawn_blocking(move || report(&run, since)).await;
    match written {
        Ok(Ok(body)) => Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response()),
        Ok(Err(error)) => Err(failed(&error)),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &dyn std::error::Error) -> ApiError {
    tracing::error!(error = error.to_string(), "the report could not be written");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the report could not be written")
}

fn since(query: Result<Query<Vec<(String, String)>>, QueryRejection>) -> Result<f64, ApiError> {
    let wrong = |message: &str| ApiError::new(StatusCode::BAD_REQUEST, "invalid_input", message);
    let Query(pairs) = query.map_err(|_| wrong("the query string can't be read"))?;
    let mut since = 0.0;
    for (name, value) in pairs {
        let minute: Option<f64> = value.parse().ok().filter(|minute: &f64| minute.is_finite());
        since = match (name.as_str(), minute) {
            ("since", Some(minute)) => minute,
            ("since", None) => return Err(wrong("since must be a scenario minute such as 12.5")),
            _ => return Err(wrong("the only parameter is since")),
        };
    }
    Ok(since)
}

fn report(run: &Run, since: f64) -> serde_json::Result<Vec<u8>> {
    // Read before the record: a run that is finished counts nothing more.
    let finished = matches!(run.state(), RunState::Finished | RunState::Stopped);
    let record = run.record();
    serde_json::to_vec(&Report::new(&run.plan().identity(), &record, finished, since))
}

async fn unknown_path() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path")
}

async fn wrong_method() -> ApiError {
    let message = "this path does not take this method";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}

async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let message = "the request took too long";
            ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", message).into_response()
        }
    }
}

fn caught(panic: Box<dyn Any + Send>) -> Response {
    let said = panic.downcast_ref::<&str>().map(|said| (*said).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = said, "a handler panicked");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong here").into_response()
}
