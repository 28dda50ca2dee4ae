//! What explains a span at a glance: a few words from its attributes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::pages::format::{count, duration};

/// A few words beside a span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Chip {
    /// Such as `full table scan` or `index idx_products`.
    pub text: String,
    /// Whether it is a reason for trouble.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_bad: bool,
}

/// A wait for a connection that is shorter than this explains nothing.
const WORTH_SAYING_MS: f64 = 10.0;

/// The chips of a span, the ones that explain trouble first.
pub(crate) fn chips(attributes: &Map<String, Value>) -> Vec<Chip> {
    let is_true = |key: &str| attributes.get(key) == Some(&Value::Bool(true));
    let text = |key: &str| attributes.get(key).and_then(Value::as_str);
    let number = |key: &str| attributes.get(key).and_then(Value::as_f64);
    let mut chips = Vec::new();
    let mut chip = |text: String, is_bad: bool| chips.push(Chip { text, is_bad });
    if is_true("db.connection.pool.exhausted") {
        chip("pool exhausted".into(), true);
    }
    if let Some(wait_ms) = number("db.connection.pool.wait_time_ms").filter(|wait_ms| *wait_ms >= WORTH_SAYING_MS) {
        chip(format!("waited {} for a connection", duration(wait_ms)), true);
    }
    if is_true("db.full_table_scan") {
        chip("full table scan".into(), true);
    }
    match text("db.index_used") {
        Some("NONE") => chip("no index".into(), true),
        Some(index) => chip(format!("index {index}"), false),
        None => {}
    }
    if let Some(missing) = text("db.missing_index") {
        chip(format!("missing {missing}"), true);
    }
    if let Some(rows) = number("db.rows_scanned") {
        chip(format!("{} rows scanned", count(rows.max(0.0) as u64)), false);
    }
    if let Some(code) = number("http.response.status_code").or_else(|| number("http.status_code")) {
        chip(format!("{code}"), code >= 500.0);
    }
    if let Some(reason) = text("checkout.failure_reason") {
        chip(reason.to_owned(), true);
    }
    chips
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn chips_say_what_explains_a_span() {
        let table = [
            (json!({}), vec![]),
            (
                json!({"db.index_used": "idx_a", "db.rows_scanned": 10}),
                vec![("index idx_a", false), ("10 rows scanned", false)],
            ),
            (
                json!({"db.index_used": "NONE", "db.full_table_scan": true, "db.rows_scanned": 500_000}),
                vec![("full table scan", true), ("no index", true), ("500\u{2009}000 rows scanned", false)],
            ),
            (
                json!({"db.connection.pool.exhausted": true, "db.connection.pool.wait_time_ms": 2100.0}),
                vec![("pool exhausted", true), ("waited 2.10 s for a connection", true)],
            ),
            (json!({"db.connection.pool.wait_time_ms": 0.2}), vec![]),
            (json!({"http.response.status_code": 503}), vec![("503", true)]),
            (json!({"http.status_code": 404}), vec![("404", false)]),
        ];
        for (attributes, expected) in table {
            let found = chips(attributes.as_object().expect("an object"));
            let found: Vec<_> = found.iter().map(|chip| (chip.text.as_str(), chip.is_bad)).collect();
            assert_eq!(found, expected, "{attributes}");
        }
    }
}
