//! The two questions: what does this mail want, and what does it say.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chassis::input::{FieldMistake, Mistakes};
use chassis::{ApiError, Body, UpstreamWait};
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use serde_json::{Value, json};
use telemetry::{attr, context};

use super::input;
use super::measured::Took;
use crate::answer::Answer;
use crate::gateway::{Asked, Gateway, Refused};
use crate::model::{ModelError, Task};

/// `POST /hackathon/classify {subject, snippet, sender?}`
pub(super) async fn classify(
    State(gateway): State<Arc<Gateway>>,
    wait: UpstreamWait,
    Body(fields): Body,
) -> Result<Response, Response> {
    answer(&gateway, Task::Classify, wait, fields).await
}

/// `POST /hackathon/extract {subject, snippet, sender?}`
pub(super) async fn extract(
    State(gateway): State<Arc<Gateway>>,
    wait: UpstreamWait,
    Body(fields): Body,
) -> Result<Response, Response> {
    answer(&gateway, Task::Extract, wait, fields).await
}

async fn answer(
    gateway: &Gateway,
    task: Task,
    UpstreamWait(wait): UpstreamWait,
    fields: chassis::input::Fields,
) -> Result<Response, Response> {
    let mail = input::mail(fields).map_err(IntoResponse::into_response)?;
    let asked = gateway.ask(task, &mail, wait).await.map_err(refused)?;
    let took = Took::from(asked.spent);
    if asked.fallback.is_some() {
        context::set_attribute(attr::LLM_FALLBACK, true);
    }
    if asked.is_truncated {
        context::set_attribute(attr::LLM_PROMPT_TRUNCATED, true);
    }
    let mut response = Json(shown(&asked)).into_response();
    response.extensions_mut().insert(took);
    Ok(response)
}

/// Without the noise of adding up fractions: a token of the cheapest models costs some ten billionths of a dollar.
fn to_nanodollars(usd: f64) -> f64 {
    (usd * 1e9).round() / 1e9
}

/// What the model found, with all that it took.
fn shown(asked: &Asked) -> Value {
    let mut shown = match &asked.answer {
        Answer::Classification(found) => json!(found),
        Answer::Extraction(found) => json!(found),
    };
    shown["model_used"] = json!(asked.completion.model);
    shown["provider"] = json!(asked.identity.provider);
    shown["latency_ms"] = json!((asked.latency.as_secs_f64() * 10_000.0).round() / 10.0);
    shown["tokens"] = json!({
        "input": asked.spent.input_tokens,
        "output": asked.spent.output_tokens,
        "total": asked.spent.total_tokens(),
    });
    // Null where the model is in no table of prices.
    shown["cost"] = json!({"usd": asked.spent.cost_usd.map(to_nanodollars)});
    shown["truncated"] = json!(asked.is_truncated);
    shown["fallback"] = json!(asked.fallback.is_some());
    if let Some(reason) = &asked.fallback {
        shown["fallback_reason"] = json!(reason.to_string());
    }
    shown
}

/// A mail that is too long is its sender's to mend; everything else is the model's trouble, and its reason is passed on.
fn refused(refused: Refused) -> Response {
    let code = refused.code();
    let (error, spent) = match refused {
        Refused::TooLong(why) => {
            let mistake = FieldMistake { field: why.field().to_owned(), message: format!("is too long: {why}") };
            let mistakes = Mistakes { in_query: false, list: vec![mistake] };
            return ApiError::from(mistakes).with_code(code).into_response();
        }
        Refused::Model { error, spent } => (error, spent),
    };
    let status = match &error {
        ModelError::Unconfigured(_) | ModelError::Unavailable(_) | ModelError::RateLimited { .. } => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        ModelError::TimedOut(_) => StatusCode::GATEWAY_TIMEOUT,
        ModelError::BadAnswer(_) => StatusCode::BAD_GATEWAY,
    };
    let mut response = ApiError::new(status, code, error.to_string()).into_response();
    // An answer that can't be used is paid for too.
    if let Some(spent) = spent {
        response.extensions_mut().insert(Took::from(spent));
    }
    if let ModelError::RateLimited { retry_after: Some(after) } = error {
        // Whole seconds, and never sooner than was asked for.
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
