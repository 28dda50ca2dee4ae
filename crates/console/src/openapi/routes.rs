//! Every route under `/api`.

use store::{SpanView, SqlAnswer, SqlSchema};

use crate::api::{
    Alert, Compared, Exported, Health, IncidentView, IncidentsNow, LlmView, LogTimeline, LogView, MetricView, Monitors,
    Names, Objectives, Pool, Red, RunComparison, RunList, RunView, ServiceMap, SqlQuestion, StagePlay, StageSnapshot,
    Statement, TimelinePoint, TraceRows, TraceSummary, TraceView,
};
use crate::openapi::operation::{NoFields, Operation};

/// What narrows figures of spans.
const RED: &[&str] = &["service", "operation", "traffic_type", "kind", "window", "from_unix_ms", "to_unix_ms"];

/// What narrows log records.
const LOGS: &[&str] = &[
    "service",
    "event",
    "traffic_type",
    "text",
    "trace_id",
    "severity_at_least",
    "attributes",
    "window",
    "from_unix_ms",
    "to_unix_ms",
    "limit",
];

/// The table.
pub(crate) const ROUTES: &[Operation] = &[
    Operation::get("Services", "/api/red", "Rate, errors and duration per service, operation, kind and traffic type")
        .fields(RED)
        .json::<Vec<Red>>(),
    Operation::get("Services", "/api/timeline", "The same over time, per traffic type")
        .fields(&[
            "service",
            "operation",
            "traffic_type",
            "kind",
            "window",
            "from_unix_ms",
            "to_unix_ms",
            "step_seconds",
        ])
        .json::<Vec<TimelinePoint>>(),
    Operation::get("Services", "/api/map", "Who calls whom").fields(RED).json::<ServiceMap>(),
    Operation::get("Traces", "/api/traces", "Traces with one span that fits everything, the newest first")
        .fields(&[
            "service",
            "operation",
            "traffic_type",
            "kind",
            "status",
            "min_duration_ms",
            "max_duration_ms",
            "attributes",
            "window",
            "from_unix_ms",
            "to_unix_ms",
            "limit",
        ])
        .json::<Vec<TraceSummary>>(),
    Operation::get("Traces", "/api/traces/compare", "Two traces side by side, and how they differ")
        .fields(&["a", "b"])
        .required(&["a", "b"])
        .json::<Compared>(),
    Operation::get("Traces", "/api/traces/{trace_id}", "All of a trace").json::<TraceView>(),
    Operation::get("Traces", "/api/traces/{trace_id}/rows", "What a waterfall is drawn from").json::<TraceRows>(),
    Operation::get(
        "Traces",
        "/api/traces/{trace_id}/find",
        "Identifiers of the spans that have a text anywhere in them",
    )
    .fields(&["text"])
    .json::<Vec<String>>(),
    Operation::get("Traces", "/api/traces/{trace_id}/spans/{span_id}", "One span").json::<SpanView>(),
    Operation::get("Traces", "/api/names", "Names that were seen, for suggestions").json::<Names>(),
    Operation::get("Databases", "/api/statements", "What databases were asked, by the time it took altogether")
        .fields(&["service", "operation", "traffic_type", "system", "window", "from_unix_ms", "to_unix_ms"])
        .json::<Vec<Statement>>(),
    Operation::get("Databases", "/api/pools", "Pools of connections over time")
        .fields(&["service", "window", "from_unix_ms", "to_unix_ms"])
        .json::<Vec<Pool>>(),
    Operation::get("Logs", "/api/logs", "Log records that fit, the newest first").fields(LOGS).json::<Vec<LogView>>(),
    Operation::get("Logs", "/api/logs/counts", "Records over time, by severity").fields(LOGS).json::<LogTimeline>(),
    Operation::get("Metrics", "/api/metrics", "The latest points of metrics")
        .fields(&["service", "name"])
        .json::<Vec<MetricView>>(),
    Operation::get("Monitors", "/api/monitors", "Monitors and flows as they are now").json::<Monitors>(),
    Operation::get("Monitors", "/api/alerts", "Changes of monitors and flows, in order")
        .fields(&["since"])
        .json::<Vec<Alert>>(),
    Operation::get("Monitors", "/api/incidents", "Incidents, open ones first, and what fires now")
        .json::<IncidentsNow>(),
    Operation::get("Monitors", "/api/incidents/{incident_id}", "One incident with its evidence").json::<IncidentView>(),
    Operation::get("Monitors", "/api/slos", "What was measured where customers come in").json::<Objectives>(),
    Operation::get("LLM", "/api/llm", "Requests to language models, their calls, tokens and costs")
        .fields(&["service", "traffic_type", "window", "from_unix_ms", "to_unix_ms"])
        .json::<LlmView>(),
    Operation::get("SQL", "/api/sql", "The answer to a question in SQL")
        .fields(&["q", "limit", "format"])
        .required(&["q"])
        .json::<SqlAnswer>()
        .or(&["text/csv", "application/vnd.apache.parquet"]),
    Operation::post::<SqlQuestion>("SQL", "/api/sql", "The same, for long questions").json::<SqlAnswer>(),
    Operation::get("SQL", "/api/sql/schema", "Tables, columns and functions that can be asked").json::<SqlSchema>(),
    Operation::get("Stage", "/api/stage", "The play and the evidence beside it").json::<StageSnapshot>(),
    Operation::post::<StagePlay>(
        "Stage",
        "/api/stage",
        "The play that the Stage page shows; the conductor replaces it",
    ),
    Operation::get("Stage", "/api/stage/events", "The same snapshot with rendered parts, once a second")
        .media("text/event-stream"),
    Operation::get("Runs", "/api/runs", "Runs that left their story, the newest first").json::<RunList>(),
    Operation::get("Runs", "/api/runs/compare", "Two runs side by side")
        .fields(&["a", "b"])
        .required(&["a", "b"])
        .json::<RunComparison>(),
    Operation::get("Runs", "/api/runs/{id}", "A run, its story and its files").json::<RunView>(),
    Operation::post::<NoFields>("Runs", "/api/export", "Telemetry is written to the folder given at the start")
        .json::<Exported>(),
    Operation::get("Console", "/api/health", "How the console itself is doing").json::<Health>(),
    Operation::get("Console", "/api/openapi.json", "This document").media("application/json"),
];
