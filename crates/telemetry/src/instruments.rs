//! The histograms and counters of this process, built once.

use crate::{metric, provider};
use opentelemetry::metrics::{Counter, Histogram, Meter};
use std::sync::OnceLock;

static INSTRUMENTS: OnceLock<Instruments> = OnceLock::new();

/// Every synchronous instrument of this crate.
pub(crate) struct Instruments {
    pub(crate) http_server: Histogram<f64>,
    pub(crate) http_client: Histogram<f64>,
    pub(crate) db_operation: Histogram<f64>,
    pub(crate) pool_timeouts: Counter<u64>,
    pub(crate) pool_wait: Histogram<f64>,
    pub(crate) pool_use: Histogram<f64>,
    pub(crate) lost_revenue: Counter<f64>,
    pub(crate) gen_ai_duration: Histogram<f64>,
    pub(crate) gen_ai_tokens: Histogram<f64>,
    pub(crate) llm_latency_ms: Histogram<f64>,
    pub(crate) llm_tokens_used: Histogram<u64>,
    pub(crate) llm_cost_usd: Counter<f64>,
    pub(crate) llm_requests: Counter<u64>,
}

impl Instruments {
    fn new(meter: &Meter) -> Self {
        let seconds = |name, description, boundaries: &[f64]| {
            meter
                .f64_histogram(name)
                .with_unit("s")
                .with_description(description)
                .with_boundaries(boundaries.to_vec())
                .build()
        };
        let http = &metric::HTTP_DURATION_BOUNDARIES;
        let db = &metric::DB_DURATION_BOUNDARIES;
        Self {
            http_server: seconds(metric::HTTP_SERVER_REQUEST_DURATION, "Duration of incoming HTTP requests.", http),
            http_client: seconds(metric::HTTP_CLIENT_REQUEST_DURATION, "Duration of outgoing HTTP calls.", http),
            db_operation: seconds(
                metric::DB_CLIENT_OPERATION_DURATION,
                "Duration of database calls, wait for a connection included.",
                db,
            ),
            pool_timeouts: meter
                .u64_counter(metric::DB_CLIENT_CONNECTION_TIMEOUTS)
                .with_unit("{timeout}")
                .with_description("Acquires that timed out.")
                .build(),
            pool_wait: seconds(metric::DB_CLIENT_CONNECTION_WAIT_TIME, "Time to obtain a connection.", db),
            pool_use: seconds(
                metric::DB_CLIENT_CONNECTION_USE_TIME,
                "Time between obtaining a connection and giving it back.",
                db,
            ),
            lost_revenue: meter
                .f64_counter(metric::CHECKOUT_LOST_REVENUE)
                .with_unit("USD")
                .with_description("Totals of checkouts that failed.")
                .build(),
            gen_ai_duration: seconds(
                metric::GEN_AI_CLIENT_OPERATION_DURATION,
                "Duration of calls to language models.",
                &metric::GEN_AI_DURATION_BOUNDARIES,
            ),
            gen_ai_tokens: meter
                .f64_histogram(metric::GEN_AI_CLIENT_TOKEN_USAGE)
                .with_unit("{token}")
                .with_description("Tokens that calls to language models read and wrote.")
                .with_boundaries(metric::GEN_AI_TOKEN_BOUNDARIES.to_vec())
                .build(),
            llm_latency_ms: meter
                .f64_histogram(metric::LLM_LATENCY_MS)
                .with_unit("ms")
                .with_description("Requests that want a model's answer, from their head to the answer.")
                .with_boundaries(metric::LLM_LATENCY_BOUNDARIES_MS.to_vec())
                .build(),
            llm_tokens_used: meter
                .u64_histogram(metric::LLM_TOKENS_USED)
                .with_unit("{token}")
                .with_description("Tokens in and out of a request.")
                .with_boundaries(metric::LLM_TOKEN_BOUNDARIES.to_vec())
                .build(),
            llm_cost_usd: meter
                .f64_counter(metric::LLM_COST_ESTIMATE_USD)
                .with_unit("USD")
                .with_description("What models cost by the price table.")
                .build(),
            llm_requests: meter
                .u64_counter(metric::HTTP_REQUESTS_TOTAL)
                .with_unit("{request}")
                .with_description("Requests that were answered, by endpoint and status.")
                .build(),
        }
    }
}

/// The instruments, or `None` while nothing collects metrics.
pub(crate) fn instruments() -> Option<&'static Instruments> {
    if let Some(built) = INSTRUMENTS.get() {
        return Some(built);
    }
    let meter = provider::meter()?;
    Some(INSTRUMENTS.get_or_init(|| Instruments::new(meter)))
}
