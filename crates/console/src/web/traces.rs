//! Finding traces, reading one, comparing two.

use axum::extract::{Path, Query, State as Shared};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use store::SpanView;

use crate::api::{Compared, TraceRows, TraceSummary, TraceView};
use crate::pages;
use crate::state::State;
use crate::traces;
use crate::web::answer::{Answer, Asked, Refused, page, refuse};
use crate::web::router::not_found;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/traces", get(list_page))
        .route("/traces/compare", get(compare_page))
        .route("/traces/{trace_id}", get(trace_page))
        .route("/traces/{trace_id}/spans/{span_id}", get(span_part))
        .route("/api/traces", get(found))
        .route("/api/traces/compare", get(compared))
        .route("/api/traces/{trace_id}", get(whole))
        .route("/api/traces/{trace_id}/rows", get(rows))
        .route("/api/traces/{trace_id}/find", get(find))
        .route("/api/traces/{trace_id}/spans/{span_id}", get(span))
}

async fn list_page(Shared(state): Shared<State>, asked: Asked) -> Response {
    let Ok(Query(fields)) = asked else { return not_found().await };
    // What cannot be read finds nothing and is said above the list.
    let (found, bad) = match fields.spans_within(&state) {
        Ok(search) => (state.store().search(&search), None),
        Err(bad) => (Vec::new(), Some(bad)),
    };
    page(StatusCode::OK, pages::traces(&found, &fields, bad.as_ref(), &state.health()))
}

async fn trace_page(Shared(state): Shared<State>, Path(trace_id): Path<String>) -> Response {
    match state.store().trace(&trace_id) {
        Some(trace) => {
            let rows = traces::rows(&trace);
            let root = rows.rows.first().and_then(|row| trace.spans.iter().find(|span| span.span_id == row.span_id));
            let traffic_type = root.and_then(|span| span.attributes.get("traffic.type")?.as_str());
            page(StatusCode::OK, pages::trace(&rows, traffic_type, &state.health()))
        }
        None => page(StatusCode::NOT_FOUND, pages::no_trace(&trace_id, &state.health())),
    }
}

async fn compare_page(Shared(state): Shared<State>, asked: Asked) -> Response {
    let Ok(Query(fields)) = asked else { return not_found().await };
    match two(&state, &fields.a, &fields.b) {
        Ok((a, b)) => page(StatusCode::OK, pages::compare(&traces::compare(&a, &b), &state.health())),
        Err(refused) => page(refused.status(), pages::nothing_to_compare(refused.message(), &state.health())),
    }
}

/// What is known of a span, as a part of the trace's page.
async fn span_part(Shared(state): Shared<State>, Path(ids): Path<(String, String)>) -> Result<Response, Refused> {
    let trace = trace_of(&state, &ids.0)?;
    let self_ms = traces::rows(&trace).rows.iter().find(|row| row.span_id == ids.1).map_or(0.0, |row| row.self_ms);
    Ok(Html(pages::span_details(&span_of(trace, &ids.1)?, self_ms).into_string()).into_response())
}

async fn found(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<TraceSummary>> {
    Ok(Json(state.store().search(&asked?.spans_within(&state)?)))
}

async fn compared(Shared(state): Shared<State>, asked: Asked) -> Answer<Compared> {
    let Query(fields) = asked?;
    let (a, b) = two(&state, &fields.a, &fields.b)?;
    Ok(Json(traces::compare(&a, &b)))
}

async fn whole(Shared(state): Shared<State>, Path(trace_id): Path<String>) -> Answer<TraceView> {
    trace_of(&state, &trace_id).map(Json)
}

async fn rows(Shared(state): Shared<State>, Path(trace_id): Path<String>) -> Answer<TraceRows> {
    Ok(Json(traces::rows(&trace_of(&state, &trace_id)?)))
}

async fn find(Shared(state): Shared<State>, Path(trace_id): Path<String>, asked: Asked) -> Answer<Vec<String>> {
    let trace = trace_of(&state, &trace_id)?;
    Ok(Json(traces::find(&trace, &asked?.text)))
}

async fn span(Shared(state): Shared<State>, Path((trace_id, span_id)): Path<(String, String)>) -> Answer<SpanView> {
    span_of(trace_of(&state, &trace_id)?, &span_id).map(Json)
}

fn trace_of(state: &State, trace_id: &str) -> Result<TraceView, Refused> {
    let missing = || refuse(StatusCode::NOT_FOUND, "no_such_trace", "it never came here, or has left to make room");
    state.store().trace(trace_id).ok_or_else(missing)
}

fn span_of(trace: TraceView, span_id: &str) -> Result<SpanView, Refused> {
    let missing = || refuse(StatusCode::NOT_FOUND, "no_such_span", "the trace is here, but has no span of this id");
    trace.spans.into_iter().find(|span| span.span_id == span_id).ok_or_else(missing)
}

fn two(state: &State, a: &str, b: &str) -> Result<(TraceView, TraceView), Refused> {
    let one = |field: &str, trace_id: &str| {
        let trace_id = trace_id.trim();
        if trace_id.is_empty() {
            let message = format!("`{field}` is missing: give the ids of two traces, as in ?a=ID&b=ID");
            return Err(refuse(StatusCode::BAD_REQUEST, "bad_field", message));
        }
        let missing = || {
            let message = format!("the trace of `{field}`, {trace_id}, never came here or has left to make room");
            refuse(StatusCode::NOT_FOUND, "no_such_trace", message)
        };
        state.store().trace(trace_id).ok_or_else(missing)
    };
    Ok((one("a", a)?, one("b", b)?))
}
