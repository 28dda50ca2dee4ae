//! The environment variables that steer telemetry, read once and checked together.
//!
//! Variables that the SDK and the OTLP exporter read by themselves (`OTEL_EXPORTER_OTLP_{HEADERS,COMPRESSION,TIMEOUT}`,
//! `OTEL_TRACES_SAMPLER`, ...) are left to them; here are those that they do not read, or whose defaults do not fit.

mod reader;

use self::reader::Reader;
use crate::context::Propagators;
use crate::conventions::Conventions;
use std::fmt;
use std::time::Duration;

/// Spans leave after this long at the latest: alerts must see a change within seconds.
const SPAN_DELAY: Duration = Duration::from_millis(250);
/// Log records leave as quickly as spans.
const LOG_DELAY: Duration = Duration::from_millis(250);
/// A series of metrics is worth a point every five seconds at demonstration speed.
const METRIC_INTERVAL: Duration = Duration::from_secs(5);
/// 1.6 seconds of a burst of 5,000 spans a second; about 10 MB when full.
const SPAN_QUEUE: usize = 8_192;
/// Keeps an export request below gRPC's 4 MiB at 2 KiB a span.
const SPAN_BATCH: usize = 1_024;
/// Log lines are an order of magnitude rarer than spans.
const LOG_QUEUE: usize = 4_096;
/// As the SDK's default.
const LOG_BATCH: usize = 512;
/// Where single signals go.
const ENDPOINTS: [&str; 3] =
    ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"];

/// A variable with a value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSetting {
    /// Name of the environment variable.
    pub variable: String,
    /// What it was set to.
    pub value: String,
    /// What it may be set to.
    pub expected: &'static str,
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, value, expected } = self;
        write!(f, "{variable}={value:?}: expected {expected}")
    }
}

/// How OTLP is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Grpc,
    HttpProtobuf,
}

/// Where one signal goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) protocol: Protocol,
    /// gRPC: the base URL; HTTP: the full URL of the signal.
    pub(crate) endpoint: String,
}

/// Sizes of a batch processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) delay: Duration,
    pub(crate) queue: usize,
    pub(crate) size: usize,
}

/// Files for TLS to the collector, as given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: Option<String>,
    pub(crate) client_certificate: Option<String>,
    pub(crate) client_key: Option<String>,
}

/// All that the environment says about telemetry. A signal without destination is not exported; the console's, where there
/// is one, comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) is_disabled: bool,
    pub(crate) traces: Vec<Destination>,
    pub(crate) metrics: Vec<Destination>,
    pub(crate) logs: Vec<Destination>,
    pub(crate) tls: TlsFiles,
    pub(crate) propagators: Propagators,
    pub(crate) conventions: Conventions,
    pub(crate) span_batch: Batch,
    pub(crate) log_batch: Batch,
    pub(crate) metric_interval: Duration,
    pub(crate) service_name: Option<String>,
    pub(crate) resource_attributes: Vec<(String, String)>,
    /// Directives of the log filter, without the defaults.
    pub(crate) log_filter: String,
}

impl Settings {
    /// Reads this process's environment; `endpoint` goes before whatever it says of endpoints.
    pub(crate) fn from_environment(endpoint: Option<&str>) -> Result<Self, Vec<BadSetting>> {
        Self::read_with_endpoint(endpoint, &|name| std::env::var(name).ok())
    }

    fn read_with_endpoint(
        endpoint: Option<&str>,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<BadSetting>> {
        Self::read(&|name| match (name, endpoint) {
            ("OTEL_EXPORTER_OTLP_ENDPOINT", Some(endpoint)) => Some(endpoint.to_owned()),
            (name, Some(_)) if ENDPOINTS.contains(&name) => None,
            (name, _) => lookup(name),
        })
    }

    /// Reads the variables that `lookup` knows; reports every unusable one.
    pub(crate) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<BadSetting>> {
        let mut reader = Reader::new(lookup);
        let console = reader.console();
        let mut to_all = |signal, path| {
            let usual = reader.destination(signal, path);
            console.iter().cloned().chain(usual).collect()
        };
        let (traces, metrics, logs) =
            (to_all("TRACES", "/v1/traces"), to_all("METRICS", "/v1/metrics"), to_all("LOGS", "/v1/logs"));
        let settings = Self {
            is_disabled: reader.flag("OTEL_SDK_DISABLED"),
            traces,
            metrics,
            logs,
            tls: TlsFiles {
                certificate: reader.text("OTEL_EXPORTER_OTLP_CERTIFICATE"),
                client_certificate: reader.text("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"),
                client_key: reader.text("OTEL_EXPORTER_OTLP_CLIENT_KEY"),
            },
            propagators: reader.propagators(),
            conventions: Conventions::parse(&reader.text("OTEL_SEMCONV_STABILITY_OPT_IN").unwrap_or_default()),
            span_batch: reader.batch("OTEL_BSP", SPAN_DELAY, SPAN_QUEUE, SPAN_BATCH),
            log_batch: reader.batch("OTEL_BLRP", LOG_DELAY, LOG_QUEUE, LOG_BATCH),
            metric_interval: reader.milliseconds("OTEL_METRIC_EXPORT_INTERVAL", METRIC_INTERVAL),
            service_name: reader.text("OTEL_SERVICE_NAME"),
            resource_attributes: reader.resource_attributes(),
            log_filter: reader.text("DOORBUSTER_LOG").or_else(|| reader.text("RUST_LOG")).unwrap_or_default(),
        };
        if reader.bad.is_empty() { Ok(settings) } else { Err(reader.bad) }
    }

    /// Whether any signal has somewhere to go.
    pub(crate) fn exports_anything(&self) -> bool {
        !self.is_disabled && [&self.traces, &self.metrics, &self.logs].iter().any(|signal| !signal.is_empty())
    }
}

#[cfg(test)]
mod tests;
