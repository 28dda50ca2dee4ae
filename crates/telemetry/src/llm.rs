//! Metrics of a service that has a model answer, under the names of the seed documents: what dashboards of it are made of.

use std::time::Duration;

use opentelemetry::KeyValue;

use crate::instruments::instruments;
use crate::{attr, metric, provider};

/// A request to such a service, as it was answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LlmRequest {
    /// Path of the endpoint, such as `/hackathon/classify`.
    pub endpoint: &'static str,
    /// HTTP status of the answer.
    pub status: u16,
    /// From the request's head to the answer, upload included.
    pub latency: Duration,
    /// Tokens in and out; `None` where no model answered.
    pub tokens: Option<u64>,
    /// US dollars; `None` where no model answered, or one without a price.
    pub cost_usd: Option<f64>,
}

/// Counts `request`, if this process sends metrics anywhere.
pub fn record(request: &LlmRequest) {
    let Some(instruments) = instruments() else { return };
    let endpoint = [KeyValue::new("endpoint", request.endpoint)];
    instruments.llm_latency_ms.record(request.latency.as_secs_f64() * 1000.0, &endpoint);
    if let Some(tokens) = request.tokens {
        instruments.llm_tokens_used.record(tokens, &endpoint);
    }
    if let Some(cost) = request.cost_usd {
        instruments.llm_cost_usd.add(cost, &endpoint);
    }
    let mut labels =
        vec![KeyValue::new("endpoint", request.endpoint), KeyValue::new("status", request.status.to_string())];
    labels.extend(crate::context::traffic_type().map(|traffic_type| KeyValue::new(attr::TRAFFIC_TYPE, traffic_type)));
    instruments.llm_requests.add(1, &labels);
}

/// Has `rate` asked for the gauge `llm_error_rate` whenever metrics are sent, if this process sends them anywhere, for as long as
/// it lives.
pub fn observe_error_rate(rate: impl Fn() -> f64 + Send + Sync + 'static) {
    let Some(meter) = provider::meter() else { return };
    // The meter keeps the gauge; what is returned is only its name.
    let _ = meter
        .f64_observable_gauge(metric::LLM_ERROR_RATE)
        .with_unit("1")
        .with_description("Share of the requests of the last minute that got no answer of a model.")
        .with_callback(move |observer| observer.observe(rate(), &[]))
        .build();
}
