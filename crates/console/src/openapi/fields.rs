//! Parameters of paths and queries: one word means the same everywhere.

use serde_json::{Value, json};

/// What a parameter of a path is, as a schema, and what it means.
pub(crate) fn describe(path: &str, name: &str) -> Option<(Value, &'static str)> {
    let text = || json!({"type": "string"});
    let whole = || json!({"type": "integer", "minimum": 0});
    let number = || json!({"type": "number", "minimum": 0});
    let hex = |digits: usize| json!({"type": "string", "pattern": format!("^[0-9a-f]{{{digits}}}$")});
    let is_of_runs = path.starts_with("/api/runs");
    Some(match name {
        "a" | "b" | "id" if is_of_runs => (text(), "A run, by the name of its folder"),
        "service" => (text(), "`service.name` of the resource"),
        "operation" => (text(), "The span's name"),
        "traffic_type" => (text(), "The attribute `traffic.type`"),
        "kind" => (json!({"enum": ["server", "client", "internal", "producer", "consumer"]}), "The span's kind"),
        "status" => (json!({"enum": ["ok", "error"]}), "The span's status"),
        "system" => (text(), "The database, as in `db.system.name`"),
        "event" => (text(), "The record's event name"),
        "text" => (text(), "Words to be found, letter case aside"),
        "name" => (text(), "The metric's name"),
        "min_duration_ms" => (number(), "Least duration, in milliseconds"),
        "max_duration_ms" => (number(), "Greatest duration, in milliseconds"),
        "attributes" => (
            text(),
            "Tests of attributes, all of which must hold: `key=value`, `key!=value`, `key>number`, `>=`, `<`, `<=`, \
             `key~part`, or the key alone; values with spaces in quotes",
        ),
        "severity_at_least" => {
            (json!({"type": "integer", "minimum": 1, "maximum": 24}), "Least severity: 9 info, 13 warn, 17 error")
        }
        "window" => (json!({"enum": ["1m", "5m", "15m", "1h", "all"]}), "A stretch of time up to now"),
        "from_unix_ms" => (whole(), "First moment, Unix milliseconds"),
        "to_unix_ms" => (whole(), "Last moment, Unix milliseconds"),
        "step_seconds" => {
            (json!({"type": "integer", "minimum": 1, "maximum": 3600}), "Length of a stretch, 10 if not given")
        }
        "incident_id" => (whole(), "The incident's number"),
        "since" => (whole(), "Only what comes after this sequence number"),
        "limit" => (json!({"type": "integer", "minimum": 1}), "The most rows wanted"),
        "a" => (hex(32), "The trace on the left"),
        "b" => (hex(32), "The trace on the right"),
        "trace_id" => (hex(32), "The trace, 32 hex digits"),
        "span_id" => (hex(16), "The span, 16 hex digits"),
        "q" => (text(), "A question in SQL: a `SELECT` over `spans`, `logs` and `metrics`"),
        "format" => (json!({"enum": ["json", "csv", "parquet"]}), "What the answer is written as"),
        _ => return None,
    })
}
