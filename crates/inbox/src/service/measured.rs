//! What every request for a model's answer leaves behind, however it ends: attributes of its server span, and metrics.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::StringValue;
use telemetry::llm::LlmRequest;
use telemetry::{Value, attr, context};

use super::metrics::Metrics;
use crate::gateway::Spent;
use crate::model::Task;

/// Longest `X-Traffic-Type` that is kept, in bytes.
const MAX_TRAFFIC_TYPE_BYTES: usize = 64;

/// What a model's answer took: an extension of the response.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    pub(super) tokens: u64,
    /// `None` where the model has no price.
    pub(super) cost_usd: Option<f64>,
}

impl From<Spent> for Took {
    fn from(spent: Spent) -> Self {
        Self { tokens: spent.total_tokens(), cost_usd: spent.cost_usd }
    }
}

/// What is measured, and where.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub(super) metrics: Arc<Metrics>,
    pub(super) task: Task,
}

/// Middleware around one endpoint, body included: what takes long to arrive has taken long.
pub(super) async fn measured(State(measured): State<Measured>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    context::set_attribute(attr::LLM_ENDPOINT, measured.task.word());
    let traffic_type = request.headers().get("x-traffic-type").and_then(|value| value.to_str().ok());
    if let Some(traffic_type) = traffic_type.filter(|text| text.len() <= MAX_TRAFFIC_TYPE_BYTES) {
        let values = Value::Array(vec![StringValue::from(traffic_type.to_owned())].into());
        context::set_attribute(attr::HTTP_REQUEST_HEADER_TRAFFIC_TYPE, values);
    }
    let response = next.run(request).await;
    let took = response.extensions().get::<Took>().copied();
    if let Some(took) = took {
        context::set_attribute(attr::LLM_TOTAL_TOKENS, i64::try_from(took.tokens).unwrap_or(i64::MAX));
        if let Some(cost) = took.cost_usd {
            context::set_attribute(attr::LLM_COST_USD, cost);
        }
    }
    measured.metrics.record(&LlmRequest {
        endpoint: measured.task.path(),
        status: response.status().as_u16(),
        latency: began.elapsed(),
        tokens: took.map(|took| took.tokens),
        cost_usd: took.and_then(|took| took.cost_usd),
    });
    response
}
