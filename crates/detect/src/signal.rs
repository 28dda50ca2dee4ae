//! What can be measured: typed signals over spans and logs, and the samples that answer them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A quantity over a window.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// A measure over finished spans.
    Spans {
        /// Which spans.
        filter: SpanFilter,
        /// What of them.
        measure: SpanMeasure,
    },
    /// How many log records came.
    Logs {
        /// Which records.
        filter: LogFilter,
    },
}

impl Signal {
    /// The service that it is about, if about one.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::Spans { filter, .. } => filter.service.as_deref(),
            Self::Logs { filter } => filter.service.as_deref(),
        }
    }

    /// What it measures, as the file names it.
    pub fn measure(&self) -> &'static str {
        match self {
            Self::Spans { measure, .. } => measure.word(),
            Self::Logs { .. } => "logs",
        }
    }

    /// The attribute that it looks at, if at one.
    pub fn attribute(&self) -> Option<&str> {
        match self {
            Self::Spans { measure: SpanMeasure::Mean { attribute }, .. } => Some(attribute),
            Self::Spans { measure: SpanMeasure::Share { flag }, .. } => Some(flag),
            _ => None,
        }
    }
}

/// Spans that agree with every given field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SpanFilter {
    /// `service.name` of the resource.
    pub service: Option<String>,
    /// The span's name.
    pub operation: Option<String>,
    /// The span's kind.
    pub kind: Option<SpanKind>,
    /// Error or not.
    pub status: Option<SpanStatus>,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
}

/// The kind of a span, as OpenTelemetry has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SpanKind {
    /// Work inside a service, or unspecified.
    #[default]
    Internal,
    /// A request answered.
    Server,
    /// A request made.
    Client,
    /// A message sent.
    Producer,
    /// A message taken.
    Consumer,
}

impl SpanKind {
    /// Every kind with the word that stands for it in files and in JSON.
    pub const ALL: [(&'static str, Self); 5] = [
        ("internal", Self::Internal),
        ("server", Self::Server),
        ("client", Self::Client),
        ("producer", Self::Producer),
        ("consumer", Self::Consumer),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("internal", |(word, _)| word)
    }
}

/// Whether a span reports an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SpanStatus {
    /// Unset or ok.
    Ok,
    /// Status code `ERROR`.
    Error,
}

/// What of the spans in a window.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SpanMeasure {
    /// How many ended.
    Count,
    /// How many ended per minute.
    RatePerMinute,
    /// Share with status error, 0 to 1.
    ErrorRate,
    /// A quantile of the duration, in milliseconds.
    QuantileMs(Quantile),
    /// Share on which the named boolean attribute is true, 0 to 1.
    Share {
        /// The attribute's key.
        flag: String,
    },
    /// Share whose `http.response.status_code` is 400 or more, 0 to 1, of the spans that have one.
    HttpErrorRate,
    /// Mean of the named numeric attribute, over the spans that have it.
    Mean {
        /// The attribute's key.
        attribute: String,
    },
}

impl SpanMeasure {
    /// The word for it in files.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::RatePerMinute => "rate_per_minute",
            Self::ErrorRate => "error_rate",
            Self::QuantileMs(Quantile::P50) => "p50_ms",
            Self::QuantileMs(Quantile::P95) => "p95_ms",
            Self::QuantileMs(Quantile::P99) => "p99_ms",
            Self::Share { .. } => "share",
            Self::HttpErrorRate => "http_error_rate",
            Self::Mean { .. } => "mean",
        }
    }
}

/// A quantile that monitors may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantile {
    /// The median.
    P50,
    /// 19 of 20 were faster.
    P95,
    /// 99 of 100 were faster.
    P99,
}

impl Quantile {
    /// As a number, 0 to 1.
    pub fn fraction(self) -> f64 {
        match self {
            Self::P50 => 0.50,
            Self::P95 => 0.95,
            Self::P99 => 0.99,
        }
    }
}

/// Log records that agree with every given field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct LogFilter {
    /// `service.name` of the resource.
    pub service: Option<String>,
    /// The record's event name.
    pub event: Option<String>,
    /// Least severity number: 9 info, 13 warn, 17 error.
    pub severity_at_least: Option<u8>,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
}

/// A measurement that the engine wants before each step.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The quantity.
    pub signal: Signal,
    /// Over how long, in real time, ending now.
    pub window: Duration,
    /// One sample per value of `traffic.type` instead of one for all.
    pub by_traffic_type: bool,
}

/// One answer to a [`Query`].
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The `traffic.type` it is about; `None` if the query does not group, or the attribute was missing.
    pub group: Option<String>,
    /// The quantity; `None` where it is not defined, as a percentile of nothing.
    pub value: Option<f64>,
    /// How many spans or records it stands on: of measures over an attribute, those that have it.
    pub count: u64,
}
