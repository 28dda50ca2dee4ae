//! One file per verb.

pub(crate) mod console;
pub(crate) mod demo;
pub(crate) mod fault;
pub(crate) mod files;
pub(crate) mod inbox;
pub(crate) mod load;
pub(crate) mod migrate;
pub(crate) mod report;
pub(crate) mod rollback;
pub(crate) mod scenario;
pub(crate) mod serve;
pub(crate) mod traffic;
pub(crate) mod validate;

use telemetry::{LogOutput, Service, Telemetry};
use tokio_util::sync::CancellationToken;

use crate::exit::UsageError;

/// A runtime for a command; services are light, two threads serve them all.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// Endpoints for telemetry that the environment may name.
const ENDPOINTS: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
];

/// Telemetry of a load generator, only where it has somewhere to go. Its log lines would stand in the way of the report.
pub(crate) fn generator_telemetry(endpoint: Option<&str>) -> anyhow::Result<Option<Telemetry>> {
    let is_named = ENDPOINTS.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let service = Service::new("load-generator", env!("CARGO_PKG_VERSION")).with_log_output(LogOutput::Silent);
    let service = match endpoint {
        Some(endpoint) => service.with_endpoint(endpoint),
        None if is_named => service,
        None => return Ok(None),
    };
    Ok(Some(telemetry::init(service).map_err(|error| UsageError(format!("telemetry: {error}")))?))
}

/// Cancelled by Ctrl-C or SIGTERM.
pub(crate) fn interrupted() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let token = CancellationToken::new();
    let (mut int, mut term) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    let cancel = token.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = int.recv() => {}
                _ = term.recv() => {}
                _ = hang_up.recv() => {}
            }
            cancel.cancel();
        }
    });
    Ok(token)
}
