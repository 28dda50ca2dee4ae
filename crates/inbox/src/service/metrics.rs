//! `/metrics`: the metrics of the seed document in Prometheus' text format; the same go out over OTLP.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use prometheus::{Counter, Encoder, Gauge, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};
use telemetry::llm::LlmRequest;
use telemetry::metric;

use super::error_rate::ErrorRate;

/// What is counted. One for each service, so that several in one process do not mix.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    latency_ms: HistogramVec,
    tokens: HistogramVec,
    cost_usd: Counter,
    error_rate: Gauge,
    recent: Arc<Mutex<ErrorRate>>,
}

impl Metrics {
    pub(crate) fn new() -> Arc<Self> {
        let right = "names and labels are constants of the right form, each registered once";
        let histogram = |name, help, boundaries: &[f64]| {
            let options = HistogramOpts::new(name, help).buckets(boundaries.to_vec());
            HistogramVec::new(options, &["endpoint"]).expect(right)
        };
        let requests = Opts::new(metric::HTTP_REQUESTS_TOTAL, "Requests that were answered, by endpoint and status.");
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(requests, &["endpoint", "status"]).expect(right),
            latency_ms: histogram(
                metric::LLM_LATENCY_MS,
                "Milliseconds from a request's head to the answer, upload included.",
                &metric::LLM_LATENCY_BOUNDARIES_MS,
            ),
            tokens: histogram(
                metric::LLM_TOKENS_USED,
                "Tokens in and out of a request that a model answered.",
                &metric::LLM_TOKEN_BOUNDARIES,
            ),
            cost_usd: Counter::new(metric::LLM_COST_ESTIMATE_USD, "US dollars that models cost by the price table.")
                .expect(right),
            error_rate: Gauge::new(
                metric::LLM_ERROR_RATE,
                "Share of the requests of the last minute that got no answer of a model, 0 to 1.",
            )
            .expect(right),
            recent: Arc::new(Mutex::new(ErrorRate::new(Instant::now()))),
        };
        let all: [Box<dyn prometheus::core::Collector>; 5] = [
            Box::new(metrics.requests.clone()),
            Box::new(metrics.latency_ms.clone()),
            Box::new(metrics.tokens.clone()),
            Box::new(metrics.cost_usd.clone()),
            Box::new(metrics.error_rate.clone()),
        ];
        for collector in all {
            metrics.registry.register(collector).expect(right);
        }
        Arc::new(metrics)
    }

    /// Counts a request that was answered, here and over OTLP.
    pub(crate) fn record(&self, request: &LlmRequest) {
        telemetry::llm::record(request);
        let endpoint = [request.endpoint];
        self.requests.with_label_values(&[request.endpoint, &request.status.to_string()]).inc();
        self.latency_ms.with_label_values(&endpoint).observe(request.latency.as_secs_f64() * 1000.0);
        if let Some(tokens) = request.tokens {
            self.tokens.with_label_values(&endpoint).observe(tokens as f64);
        }
        if let Some(cost) = request.cost_usd {
            self.cost_usd.inc_by(cost);
        }
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.count(Instant::now(), request.status >= 400);
    }

    /// What `llm_error_rate` is, for whoever asks.
    pub(crate) fn error_rate(&self) -> impl Fn() -> f64 + Send + Sync + 'static {
        let recent = Arc::clone(&self.recent);
        move || recent.lock().unwrap_or_else(PoisonError::into_inner).at(Instant::now())
    }

    fn text(&self) -> Result<(String, Vec<u8>), prometheus::Error> {
        self.error_rate.set(self.error_rate()());
        let (encoder, mut text) = (TextEncoder::new(), Vec::new());
        encoder.encode(&self.registry.gather(), &mut text)?;
        Ok((encoder.format_type().to_owned(), text))
    }
}

/// `GET /metrics`
pub(crate) async fn metrics(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.text() {
        Ok((format, text)) => ([(CONTENT_TYPE, format)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics could not be written");
            chassis::ApiError::internal().into_response()
        }
    }
}
