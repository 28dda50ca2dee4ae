//! Incidents, objectives and models: what there is of them.

use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use detect::SpanKind;
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{AttributeTest, Comparison, RedFilter, SpanSearch};

use crate::pages::{self, Firing, LlmSpans, Measured};
use crate::stage::entrance;
use crate::state::State;
use crate::web::answer::page;

/// Of the semantic conventions for generative AI, old and new: a span about a model has one of them.
const GEN_AI: [&str; 4] = ["gen_ai.operation.name", "gen_ai.request.model", "gen_ai.provider.name", "gen_ai.system"];
/// Traces that the page lists.
const MOST_TRACES: usize = 100;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/incidents", get(incidents))
        .route("/api/incidents", get(firing))
        .route("/slos", get(slos))
        .route("/api/slos", get(objectives))
        .route("/llm", get(llm))
        .route("/api/llm", get(models))
}

/// What `/api/incidents` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentsNow {
    /// Monitors and flows that fire now; incidents that join them are not built yet.
    pub firing: Vec<Firing>,
}

async fn incidents(Shared(state): Shared<State>) -> Response {
    let firing = pages::firing(&state.monitors());
    page(StatusCode::OK, pages::incidents(&firing, state.play().as_ref(), &state.health()))
}

async fn firing(Shared(state): Shared<State>) -> Json<IncidentsNow> {
    Json(IncidentsNow { firing: pages::firing(&state.monitors()) })
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

fn found(state: &State) -> LlmSpans {
    let mut traces = Vec::new();
    for key in GEN_AI {
        let exists = AttributeTest { key: key.into(), comparison: Comparison::Exists, value: String::new() };
        let search = SpanSearch { attributes: vec![exists], limit: Some(MOST_TRACES), ..SpanSearch::default() };
        traces.extend(state.store().search(&search));
    }
    traces.sort_by(|a, b| b.start_unix_ms.total_cmp(&a.start_unix_ms).then_with(|| a.trace_id.cmp(&b.trace_id)));
    traces.dedup_by(|a, b| a.trace_id == b.trace_id);
    let has_more = traces.len() >= MOST_TRACES;
    traces.truncate(MOST_TRACES);
    LlmSpans { attributes: GEN_AI.map(str::to_owned).into(), traces, has_more }
}

async fn llm(Shared(state): Shared<State>) -> Response {
    page(StatusCode::OK, pages::llm(&found(&state), &state.health()))
}

async fn models(Shared(state): Shared<State>) -> Json<LlmSpans> {
    Json(found(&state))
}
