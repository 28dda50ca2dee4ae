//! The messages of OTLP as its JSON and its protobuf have them: names, numbers, kinds. As of OTLP 1.9.

use opentelemetry_proto::tonic::logs::v1::SeverityNumber;
use opentelemetry_proto::tonic::metrics::v1::AggregationTemporality;
use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, status::StatusCode};
use prost::encoding::encode_varint;

/// A message.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// A field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    number: u32,
    pub(crate) kind: Kind,
    pub(crate) packing: Packing,
}

/// Whether a field is a list, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// No list.
    Single,
    /// A key before each entry.
    Each,
    /// One key and one length before all of them.
    Together,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Bool,
    Text,
    /// Bytes in hex: identifiers.
    Hex,
    /// Bytes in base64.
    Bytes,
    Double,
    Fixed64,
    SignedFixed64,
    Fixed32,
    Unsigned64,
    Unsigned32,
    Signed64,
    Zigzag32,
    Enum(fn(&str) -> Option<i32>),
    Message(&'static Message),
}

impl Kind {
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Text => "a text",
            Self::Hex => "an identifier in hex",
            Self::Bytes => "bytes in base64",
            Self::Double => "a number",
            Self::Fixed64 | Self::Unsigned64 => "a whole number of 64 bits, not below zero",
            Self::SignedFixed64 | Self::Signed64 => "a whole number of 64 bits",
            Self::Fixed32 | Self::Unsigned32 => "a whole number of 32 bits, not below zero",
            Self::Zigzag32 => "a whole number of 32 bits",
            Self::Enum(_) => "the number of a choice",
            Self::Message(message) => message.name,
        }
    }

    const fn wire_type(self) -> u32 {
        match self {
            Self::Bool | Self::Unsigned64 | Self::Unsigned32 | Self::Signed64 | Self::Zigzag32 | Self::Enum(_) => 0,
            Self::Double | Self::Fixed64 | Self::SignedFixed64 => 1,
            Self::Text | Self::Hex | Self::Bytes | Self::Message(_) => 2,
            Self::Fixed32 => 5,
        }
    }
}

impl Field {
    /// Writes the field's key.
    pub(crate) fn key(&self, out: &mut Vec<u8>) {
        let wire_type = if self.packing == Packing::Together { 2 } else { self.kind.wire_type() };
        encode_varint(u64::from(self.number << 3 | wire_type), out);
    }
}

const fn one(name: &'static str, number: u32, kind: Kind) -> Field {
    Field { name, number, kind, packing: Packing::Single }
}

const fn list(name: &'static str, number: u32, kind: Kind) -> Field {
    let packing = if kind.wire_type() == 2 { Packing::Each } else { Packing::Together };
    Field { name, number, kind, packing }
}

fn span_kind(name: &str) -> Option<i32> {
    SpanKind::from_str_name(name).map(i32::from)
}

fn status_code(name: &str) -> Option<i32> {
    StatusCode::from_str_name(name).map(i32::from)
}

fn temporality(name: &str) -> Option<i32> {
    AggregationTemporality::from_str_name(name).map(i32::from)
}

fn severity(name: &str) -> Option<i32> {
    SeverityNumber::from_str_name(name).map(i32::from)
}

const ATTRIBUTES: &str = "attributes";
const DROPPED: &str = "droppedAttributesCount";
const POINTS: &str = "dataPoints";
const START: &str = "startTimeUnixNano";
const TIME: &str = "timeUnixNano";
const TEMPORALITY: &str = "aggregationTemporality";

pub(crate) static TRACES: Message =
    Message { name: "ExportTraceServiceRequest", fields: &[list("resourceSpans", 1, Kind::Message(&RESOURCE_SPANS))] };

pub(crate) static METRICS: Message = Message {
    name: "ExportMetricsServiceRequest",
    fields: &[list("resourceMetrics", 1, Kind::Message(&RESOURCE_METRICS))],
};

pub(crate) static LOGS: Message =
    Message { name: "ExportLogsServiceRequest", fields: &[list("resourceLogs", 1, Kind::Message(&RESOURCE_LOGS))] };

// common

static ANY_VALUE: Message = Message {
    name: "AnyValue",
    fields: &[
        one("stringValue", 1, Kind::Text),
        one("boolValue", 2, Kind::Bool),
        one("intValue", 3, Kind::Signed64),
        one("doubleValue", 4, Kind::Double),
        one("arrayValue", 5, Kind::Message(&ARRAY_VALUE)),
        one("kvlistValue", 6, Kind::Message(&KEY_VALUE_LIST)),
        one("bytesValue", 7, Kind::Bytes),
    ],
};

static ARRAY_VALUE: Message = Message { name: "ArrayValue", fields: &[list("values", 1, Kind::Message(&ANY_VALUE))] };

static KEY_VALUE_LIST: Message =
    Message { name: "KeyValueList", fields: &[list("values", 1, Kind::Message(&KEY_VALUE))] };

static KEY_VALUE: Message =
    Message { name: "KeyValue", fields: &[one("key", 1, Kind::Text), one("value", 2, Kind::Message(&ANY_VALUE))] };

static SCOPE: Message = Message {
    name: "InstrumentationScope",
    fields: &[
        one("name", 1, Kind::Text),
        one("version", 2, Kind::Text),
        list(ATTRIBUTES, 3, Kind::Message(&KEY_VALUE)),
        one(DROPPED, 4, Kind::Unsigned32),
    ],
};

static RESOURCE: Message = Message {
    name: "Resource",
    fields: &[list(ATTRIBUTES, 1, Kind::Message(&KEY_VALUE)), one(DROPPED, 2, Kind::Unsigned32)],
};

// traces

static RESOURCE_SPANS: Message = Message {
    name: "ResourceSpans",
    fields: &[
        one("resource", 1, Kind::Message(&RESOURCE)),
        list("scopeSpans", 2, Kind::Message(&SCOPE_SPANS)),
        one("schemaUrl", 3, Kind::Text),
    ],
};

static SCOPE_SPANS: Message = Message {
    name: "ScopeSpans",
    fields: &[
        one("scope", 1, Kind::Message(&SCOPE)),
        list("spans", 2, Kind::Message(&SPAN)),
        one("schemaUrl", 3, Kind::Text),
    ],
};

static SPAN: Message = Message {
    name: "Span",
    fields: &[
        one("traceId", 1, Kind::Hex),
        one("spanId", 2, Kind::Hex),
        one("parentSpanId", 4, Kind::Hex),
        one("name", 5, Kind::Text),
        one("kind", 6, Kind::Enum(span_kind)),
        one(START, 7, Kind::Fixed64),
        one("endTimeUnixNano", 8, Kind::Fixed64),
        list(ATTRIBUTES, 9, Kind::Message(&KEY_VALUE)),
        list("events", 11, Kind::Message(&EVENT)),
        list("links", 13, Kind::Message(&LINK)),
        one("status", 15, Kind::Message(&STATUS)),
        one("flags", 16, Kind::Fixed32),
        one("traceState", 3, Kind::Text),
        one(DROPPED, 10, Kind::Unsigned32),
        one("droppedEventsCount", 12, Kind::Unsigned32),
        one("droppedLinksCount", 14, Kind::Unsigned32),
    ],
};

static EVENT: Message = Message {
    name: "Event",
    fields: &[
        one(TIME, 1, Kind::Fixed64),
        one("name", 2, Kind::Text),
        list(ATTRIBUTES, 3, Kind::Message(&KEY_VALUE)),
        one(DROPPED, 4, Kind::Unsigned32),
    ],
};

static LINK: Message = Message {
    name: "Link",
    fields: &[
        one("traceId", 1, Kind::Hex),
        one("spanId", 2, Kind::Hex),
        one("traceState", 3, Kind::Text),
        list(ATTRIBUTES, 4, Kind::Message(&KEY_VALUE)),
        one(DROPPED, 5, Kind::Unsigned32),
        one("flags", 6, Kind::Fixed32),
    ],
};

static STATUS: Message =
    Message { name: "Status", fields: &[one("message", 2, Kind::Text), one("code", 3, Kind::Enum(status_code))] };

// logs

static RESOURCE_LOGS: Message = Message {
    name: "ResourceLogs",
    fields: &[
        one("resource", 1, Kind::Message(&RESOURCE)),
        list("scopeLogs", 2, Kind::Message(&SCOPE_LOGS)),
        one("schemaUrl", 3, Kind::Text),
    ],
};

static SCOPE_LOGS: Message = Message {
    name: "ScopeLogs",
    fields: &[
        one("scope", 1, Kind::Message(&SCOPE)),
        list("logRecords", 2, Kind::Message(&LOG_RECORD)),
        one("schemaUrl", 3, Kind::Text),
    ],
};

static LOG_RECORD: Message = Message {
    name: "LogRecord",
    fields: &[
        one(TIME, 1, Kind::Fixed64),
        one("observedTimeUnixNano", 11, Kind::Fixed64),
        one("severityNumber", 2, Kind::Enum(severity)),
        one("severityText", 3, Kind::Text),
        one("body", 5, Kind::Message(&ANY_VALUE)),
        list(ATTRIBUTES, 6, Kind::Message(&KEY_VALUE)),
        one(DROPPED, 7, Kind::Unsigned32),
        one("flags", 8, Kind::Fixed32),
        one("traceId", 9, Kind::Hex),
        one("spanId", 10, Kind::Hex),
        one("eventName", 12, Kind::Text),
    ],
};

// metrics

static RESOURCE_METRICS: Message = Message {
    name: "ResourceMetrics",
    fields: &[
        one("resource", 1, Kind::Message(&RESOURCE)),
        list("scopeMetrics", 2, Kind::Message(&SCOPE_METRICS)),
        one("schemaUrl", 3, Kind::Text),
    ],
};

static SCOPE_METRICS: Message = Message {
    name: "ScopeMetrics",
    fields: &[
        one("scope", 1, Kind::Message(&SCOPE)),
        list("metrics", 2, Kind::Message(&METRIC)),
        one("schemaUrl", 3, Kind::Text),
    ],
};

static METRIC: Message = Message {
    name: "Metric",
    fields: &[
        one("name", 1, Kind::Text),
        one("description", 2, Kind::Text),
        one("unit", 3, Kind::Text),
        one("gauge", 5, Kind::Message(&GAUGE)),
        one("sum", 7, Kind::Message(&SUM)),
        one("histogram", 9, Kind::Message(&HISTOGRAM)),
        one("exponentialHistogram", 10, Kind::Message(&EXPONENTIAL_HISTOGRAM)),
        one("summary", 11, Kind::Message(&SUMMARY)),
        list("metadata", 12, Kind::Message(&KEY_VALUE)),
    ],
};

static GAUGE: Message = Message { name: "Gauge", fields: &[list(POINTS, 1, Kind::Message(&NUMBER_POINT))] };

static SUM: Message = Message {
    name: "Sum",
    fields: &[
        list(POINTS, 1, Kind::Message(&NUMBER_POINT)),
        one(TEMPORALITY, 2, Kind::Enum(temporality)),
        one("isMonotonic", 3, Kind::Bool),
    ],
};

static HISTOGRAM: Message = Message {
    name: "Histogram",
    fields: &[list(POINTS, 1, Kind::Message(&HISTOGRAM_POINT)), one(TEMPORALITY, 2, Kind::Enum(temporality))],
};

static EXPONENTIAL_HISTOGRAM: Message = Message {
    name: "ExponentialHistogram",
    fields: &[list(POINTS, 1, Kind::Message(&EXPONENTIAL_POINT)), one(TEMPORALITY, 2, Kind::Enum(temporality))],
};

static SUMMARY: Message = Message { name: "Summary", fields: &[list(POINTS, 1, Kind::Message(&SUMMARY_POINT))] };

static NUMBER_POINT: Message = Message {
    name: "NumberDataPoint",
    fields: &[
        one(START, 2, Kind::Fixed64),
        one(TIME, 3, Kind::Fixed64),
        one("asDouble", 4, Kind::Double),
        list("exemplars", 5, Kind::Message(&EXEMPLAR)),
        one("asInt", 6, Kind::SignedFixed64),
        list(ATTRIBUTES, 7, Kind::Message(&KEY_VALUE)),
        one("flags", 8, Kind::Unsigned32),
    ],
};

static HISTOGRAM_POINT: Message = Message {
    name: "HistogramDataPoint",
    fields: &[
        one(START, 2, Kind::Fixed64),
        one(TIME, 3, Kind::Fixed64),
        one("count", 4, Kind::Fixed64),
        one("sum", 5, Kind::Double),
        list("bucketCounts", 6, Kind::Fixed64),
        list("explicitBounds", 7, Kind::Double),
        list("exemplars", 8, Kind::Message(&EXEMPLAR)),
        list(ATTRIBUTES, 9, Kind::Message(&KEY_VALUE)),
        one("flags", 10, Kind::Unsigned32),
        one("min", 11, Kind::Double),
        one("max", 12, Kind::Double),
    ],
};

static EXPONENTIAL_POINT: Message = Message {
    name: "ExponentialHistogramDataPoint",
    fields: &[
        list(ATTRIBUTES, 1, Kind::Message(&KEY_VALUE)),
        one(START, 2, Kind::Fixed64),
        one(TIME, 3, Kind::Fixed64),
        one("count", 4, Kind::Fixed64),
        one("sum", 5, Kind::Double),
        one("scale", 6, Kind::Zigzag32),
        one("zeroCount", 7, Kind::Fixed64),
        one("positive", 8, Kind::Message(&BUCKETS)),
        one("negative", 9, Kind::Message(&BUCKETS)),
        one("flags", 10, Kind::Unsigned32),
        list("exemplars", 11, Kind::Message(&EXEMPLAR)),
        one("min", 12, Kind::Double),
        one("max", 13, Kind::Double),
        one("zeroThreshold", 14, Kind::Double),
    ],
};

static BUCKETS: Message =
    Message { name: "Buckets", fields: &[one("offset", 1, Kind::Zigzag32), list("bucketCounts", 2, Kind::Unsigned64)] };

static SUMMARY_POINT: Message = Message {
    name: "SummaryDataPoint",
    fields: &[
        one(START, 2, Kind::Fixed64),
        one(TIME, 3, Kind::Fixed64),
        one("count", 4, Kind::Fixed64),
        one("sum", 5, Kind::Double),
        list("quantileValues", 6, Kind::Message(&QUANTILE)),
        list(ATTRIBUTES, 7, Kind::Message(&KEY_VALUE)),
        one("flags", 8, Kind::Unsigned32),
    ],
};

static QUANTILE: Message =
    Message { name: "ValueAtQuantile", fields: &[one("quantile", 1, Kind::Double), one("value", 2, Kind::Double)] };

static EXEMPLAR: Message = Message {
    name: "Exemplar",
    fields: &[
        one(TIME, 2, Kind::Fixed64),
        one("asDouble", 3, Kind::Double),
        one("spanId", 4, Kind::Hex),
        one("traceId", 5, Kind::Hex),
        one("asInt", 6, Kind::SignedFixed64),
        list("filteredAttributes", 7, Kind::Message(&KEY_VALUE)),
    ],
};
