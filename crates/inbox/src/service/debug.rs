//! `/debug/llm`: which model is asked, and whether it could answer now.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::model::ModelError;

/// `GET /debug/llm`. Always 200: that a model can't be reached is the answer, not an error. Asking costs no tokens, and nothing
/// in it is secret.
pub(super) async fn llm(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    let (identity, reached) = (gateway.chosen(), gateway.reach().await);
    let problem = reached.as_ref().err();
    Json(json!({
        "model": identity.model,
        "provider": identity.provider,
        "server": identity.server.as_ref().map(|(host, port)| format!("{host}:{port}")),
        "reachable": problem.is_none(),
        "code": problem.map(ModelError::code),
        "reason": problem.map(ToString::to_string),
        "fallback": gateway.fallback().map(|identity| &identity.model),
        "price_per_million_tokens": gateway.price(),
    }))
}
