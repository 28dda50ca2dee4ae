//! The three kinds of telemetry, and what each is called where.

/// A kind of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    pub(crate) const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    /// Where it is sent to over HTTP.
    pub(crate) fn http_path(self) -> &'static str {
        match self {
            Self::Traces => "/v1/traces",
            Self::Metrics => "/v1/metrics",
            Self::Logs => "/v1/logs",
        }
    }

    /// Where it is sent to over gRPC.
    pub(crate) fn grpc_path(self) -> &'static str {
        match self {
            Self::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Self::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Self::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        }
    }

    /// The field of `partial_success` that has the count of what was not taken.
    pub(crate) fn rejected_field(self) -> &'static str {
        match self {
            Self::Traces => "rejectedSpans",
            Self::Metrics => "rejectedDataPoints",
            Self::Logs => "rejectedLogRecords",
        }
    }

    /// Why single spans, points or records are not taken.
    pub(crate) fn why_rejected(self) -> &'static str {
        match self {
            Self::Traces => {
                "a span needs a trace id of 16 bytes and a span id of 8, not all zero, and an end not before its start"
            }
            Self::Metrics => "too many different series: these came after the bound was reached",
            Self::Logs => "these records could not be kept",
        }
    }
}
