//! Log lines: JSON on stdout, and OTLP.

use crate::baggage;
use crate::service::{LogOutput, Service};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use serde_json::{Map, Value};
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// What is logged unless `DOORBUSTER_LOG` or `RUST_LOG` says otherwise. The exporters and what they stand on are off:
/// a line about an export would be exported, and cause the next.
const DEFAULT_FILTER: &str = "info,opentelemetry=off,opentelemetry_sdk=off,opentelemetry_otlp=off,opentelemetry_http=off,\
                              tonic=off,h2=off,hyper=off,hyper_util=off,tower=off,reqwest=off,rustls=off";

/// Targets that never go to OTLP, whatever the filter says.
const NEVER_EXPORTED: [&str; 7] = ["opentelemetry", "tonic", "h2", "hyper", "tower", "reqwest", "rustls"];

/// Installs the process's log subscriber; a second call, or one after somebody else's, does nothing.
pub(crate) fn install(service: &Service, directives: &str, logs: Option<&SdkLoggerProvider>) {
    let (out, err) = (std::io::stdout, std::io::stderr);
    let (stdout, stderr) = match service.log_output {
        LogOutput::Stdout => (Some(lines(&service.name, out)), None),
        LogOutput::Stderr => (None, Some(lines(&service.name, err))),
        LogOutput::Silent => (None, None),
    };
    // Tests may have a subscriber already; theirs stays.
    let _ = tracing_subscriber::registry()
        .with(filter(directives))
        .with(stdout)
        .with(stderr)
        .with(logs.map(bridge))
        .try_init();
}

/// A layer that writes JSON lines to `writer`.
fn lines<S, W>(service: &str, writer: W) -> impl Layer<S> + use<S, W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let service = service.to_owned();
    tracing_subscriber::fmt::layer().event_format(JsonLines { service }).with_writer(writer)
}

/// A layer that hands events to `logs`.
fn bridge<S>(logs: &SdkLoggerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    OpenTelemetryTracingBridge::new(logs)
        .with_filter(tracing_subscriber::filter::filter_fn(|metadata| is_exported(metadata.target())))
}

/// The defaults, then the user's directives: a later directive for the same target wins.
fn filter(directives: &str) -> EnvFilter {
    EnvFilter::builder().parse_lossy(format!("{DEFAULT_FILTER},{directives}"))
}

fn is_exported(target: &str) -> bool {
    !NEVER_EXPORTED
        .iter()
        .any(|prefix| target.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '_'])))
}

/// Formats an event as one JSON object a line, with the current trace and baggage.
struct JsonLines {
    service: String,
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let line = line(&self.service, event);
        let text = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{text}")
    }
}

fn line(service: &str, event: &Event<'_>) -> Map<String, Value> {
    let metadata = event.metadata();
    let mut line = Map::new();
    line.insert("timestamp".into(), timestamp(SystemTime::now()).into());
    line.insert("level".into(), metadata.level().as_str().into());
    line.insert("service".into(), service.into());
    line.insert("target".into(), metadata.target().into());
    // An event without a name of its own is called "event FILE:LINE".
    if !metadata.name().starts_with("event ") {
        line.insert("event".into(), metadata.name().into());
    }
    event.record(&mut Fields(&mut line));
    Context::map_current(|context| {
        let span = context.span();
        let span_context = span.span_context();
        if span_context.is_valid() {
            line.insert("trace_id".into(), span_context.trace_id().to_string().into());
            line.insert("span_id".into(), span_context.span_id().to_string().into());
        }
        for (key, value) in baggage::allowed(context) {
            line.entry(key).or_insert_with(|| value.as_str().into());
        }
    });
    line
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put(field, value.to_string());
    }
}

/// RFC 3339, UTC, milliseconds.
fn timestamp(time: SystemTime) -> String {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since_epoch.as_secs();
    let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's civil_from_days, for dates after 1970.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
    let milliseconds = since_epoch.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

#[cfg(test)]
mod tests;
