//! Metrics of a service that has a model answer, under the names of the seed documents: what dashboards of it are made of.

use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

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

struct Instruments {
    latency_ms: Histogram<f64>,
    tokens_used: Histogram<u64>,
    cost_usd: Counter<f64>,
    requests: Counter<u64>,
}

impl Instruments {
    fn new(meter: &Meter) -> Self {
        Self {
            latency_ms: meter
                .f64_histogram(metric::LLM_LATENCY_MS)
                .with_unit("ms")
                .with_description("Requests that want a model's answer, from their head to the answer.")
                .with_boundaries(metric::LLM_LATENCY_BOUNDARIES_MS.to_vec())
                .build(),
            tokens_used: meter
                .u64_histogram(metric::LLM_TOKENS_USED)
                .with_unit("{token}")
                .with_description("Tokens in and out of a request.")
                .with_boundaries(metric::LLM_TOKEN_BOUNDARIES.to_vec())
                .build(),
            cost_usd: meter
                .f64_counter(metric::LLM_COST_ESTIMATE_USD)
                .with_unit("USD")
                .with_description("What models cost by the price table.")
                .build(),
            requests: meter
                .u64_counter(metric::HTTP_REQUESTS_TOTAL)
                .with_unit("{request}")
                .with_description("Requests that were answered, by endpoint and status.")
                .build(),
        }
    }
}

/// Counts `request`, if this process sends metrics anywhere.
pub fn record(request: &LlmRequest) {
    static INSTRUMENTS: OnceLock<Instruments> = OnceLock::new();
    let Some(meter) = provider::meter() else { return };
    let instruments = INSTRUMENTS.get_or_init(|| Instruments::new(meter));
    let endpoint = [KeyValue::new("endpoint", request.endpoint)];
    instruments.latency_ms.record(request.latency.as_secs_f64() * 1000.0, &endpoint);
    if let Some(tokens) = request.tokens {
        instruments.tokens_used.record(tokens, &endpoint);
    }
    if let Some(cost) = request.cost_usd {
        instruments.cost_usd.add(cost, &endpoint);
    }
    let mut labels =
        vec![KeyValue::new("endpoint", request.endpoint), KeyValue::new("status", request.status.to_string())];
    labels.extend(crate::context::traffic_type().map(|traffic_type| KeyValue::new(attr::TRAFFIC_TYPE, traffic_type)));
    instruments.requests.add(1, &labels);
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
