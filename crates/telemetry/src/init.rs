//! Setting a process's telemetry up.

use crate::lifecycle::Telemetry;
use crate::service::Service;
use crate::settings::{BadSetting, Settings};
use crate::{context, log, provider, resource};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use std::sync::atomic::{AtomicBool, Ordering};

static IS_INITIALIZED: AtomicBool = AtomicBool::new(false);

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// Environment variables with values that cannot be used, all of them.
    #[error("unusable settings: {}", list(.0))]
    Settings(Vec<BadSetting>),
    /// [`init`] was called before in this process.
    #[error("telemetry is already initialized")]
    AlreadyInitialized,
    /// An exporter could not be built.
    #[error("no exporter of {signal} to {endpoint}: {reason}")]
    Exporter {
        /// `traces`, `metrics` or `logs`.
        signal: &'static str,
        /// Where it should have sent to.
        endpoint: String,
        /// What the exporter says.
        reason: String,
    },
    /// A TLS file named by `OTEL_EXPORTER_OTLP_CERTIFICATE` or a sibling cannot be read.
    #[error("certificate file {path} cannot be read")]
    Certificate {
        /// As given.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The thread that drives the connections to the collector could not be started.
    #[error("export thread cannot be started")]
    Thread(#[source] std::io::Error),
}

fn list(bad: &[BadSetting]) -> String {
    let lines: Vec<String> = bad.iter().map(BadSetting::to_string).collect();
    lines.join("; ")
}

/// Sets up spans, metrics, logs, propagation and attribute names for this process, as the `OTEL_*` variables say.
///
/// Never fails because a collector is missing: exports are tried in the background, and given up when they fail.
/// Needs no tokio runtime; connections to the collector live on a thread of their own, so that a busy service does not
/// delay them nor they the service.
///
/// # Errors
/// Unusable variables (all at once), unreadable certificates, a second call.
pub fn init(service: Service) -> Result<Telemetry, InitError> {
    let mut settings = Settings::from_environment(service.endpoint.as_deref()).map_err(InitError::Settings)?;
    settings.is_disabled |= !service.is_exporting;
    if IS_INITIALIZED.swap(true, Ordering::SeqCst) {
        return Err(InitError::AlreadyInitialized);
    }
    context::install_propagators(settings.propagators);
    settings.conventions.install();
    let instance = RandomIdGenerator::default().new_trace_id().to_string();
    let resource = resource::build(&service, &settings, &instance);
    let telemetry = Telemetry::build(&settings, &resource)?;
    if let Some(traces) = &telemetry.traces {
        provider::install_tracer(traces);
    }
    if let Some(metrics) = &telemetry.metrics {
        provider::install_meter(metrics);
    }
    log::install(&service, &settings.log_filter, telemetry.logs.as_ref());
    Ok(telemetry)
}
