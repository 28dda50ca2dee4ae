//! The service: its endpoints, what they measure, and putting it together.

mod debug;
mod endpoints;
mod error_rate;
mod input;
mod measured;
mod metrics;

use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Json, Router};
use chassis::{Assembly, BodyLimits, Common, ConfigError, ConfigMistake, Running, ServeError, ServeOptions, Service};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::config::{LlmConfig, ModelConfig};
use crate::embedded::Embedded;
use crate::gateway::Gateway;
use crate::model::Task;
use measured::{Measured, measured};
use metrics::Metrics;

/// Its name and its port.
pub const SERVICE: Service = Service { name: "inbox", port: 8000 };

/// Longest that a mail may take to arrive: senders on slow lines take up to 5 s, and are to be seen, not cut off.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// What a request takes beside its body and its model.
const OVERHEAD: Duration = Duration::from_secs(5);

/// Runs the inbox until `shutdown` is cancelled and requests in flight are done (at most 5 s), configured by the environment,
/// with telemetry of its own; see [`chassis::serve`].
///
/// A model that can't be reached is no reason not to start: requests are answered 503 with the reason until it can.
///
/// # Errors
/// Variables that can't be used, all of them at once, before anything is started; or what [`chassis::serve`] says.
pub async fn serve(options: ServeOptions, shutdown: CancellationToken) -> Result<(), ServeError> {
    let (common, config) = read(&|name| std::env::var(name).ok())?;
    chassis::serve(SERVICE, options, &common, || assemble(config), shutdown).await
}

/// Starts the inbox inside a process that has telemetry of its own, or none. `vars` are its environment.
///
/// Returns as soon as it listens.
///
/// # Errors
/// Variables that can't be used, all of them; or an address that can't be had.
pub async fn start(
    options: ServeOptions,
    vars: &dyn Fn(&str) -> Option<String>,
    shutdown: CancellationToken,
) -> Result<Running, ServeError> {
    let (common, config) = read(vars)?;
    chassis::start(SERVICE, options, &common, assemble(config), shutdown).await
}

fn read(vars: &dyn Fn(&str) -> Option<String>) -> Result<(Common, LlmConfig), ConfigError> {
    let mut mistakes = Vec::new();
    let common = Common::from_vars(vars, &mut mistakes);
    let config = LlmConfig::from_vars(vars);
    match config {
        Ok(config) if mistakes.is_empty() => Ok((common, config)),
        Ok(_) => Err(ConfigError(mistakes)),
        Err(more) => {
            mistakes.extend(more.0.into_iter().map(ConfigMistake::new));
            Err(ConfigError(mistakes))
        }
    }
}

fn assemble(config: LlmConfig) -> Assembly {
    let longest = config.model.timeout() + ModelConfig::Embedded.timeout() + BODY_TIMEOUT + OVERHEAD;
    let gateway = Arc::new(Gateway::new(config, || Arc::new(Embedded::new())));
    let metrics = Metrics::new();
    telemetry::llm::observe_error_rate(metrics.error_rate());
    let endpoint = |task, handler| {
        let measuring = Measured { metrics: Arc::clone(&metrics), task };
        Router::new().route(Task::path(task), handler).route_layer(from_fn_with_state(measuring, measured))
    };
    let routes = endpoint(Task::Classify, post(endpoints::classify))
        .merge(endpoint(Task::Extract, post(endpoints::extract)))
        .route("/debug/llm", get(debug::llm))
        .with_state(gateway)
        .merge(Router::new().route("/metrics", get(metrics::metrics)).with_state(metrics))
        .route("/health/live", get(live));
    Assembly::new(routes)
        .with_body_limits(BodyLimits { time: BODY_TIMEOUT, ..BodyLimits::default() })
        .with_request_timeout(longest)
        .naming_errors()
}

/// `GET /health/live`
async fn live() -> Json<Value> {
    Json(json!({"status": "healthy", "service": SERVICE.name, "version": env!("CARGO_PKG_VERSION")}))
}
