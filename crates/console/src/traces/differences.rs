//! How the attributes of two spans differ, and which of the differences tell something.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An attribute that is not the same on both spans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttributeDifference {
    /// Its key.
    pub key: String,
    /// Its value in A; `null` if it is not there.
    pub a: Option<Value>,
    /// Its value in B; `null` if it is not there.
    pub b: Option<Value>,
    /// Whether it may explain something: identifiers, addresses and small changes of numbers do not.
    pub is_telling: bool,
}

/// Names that were replaced, and what replaced them: where both stand, one is enough.
const REPLACED: [(&str, &str); 9] = [
    ("db.system", "db.system.name"),
    ("db.name", "db.namespace"),
    ("db.statement", "db.query.text"),
    ("db.operation", "db.operation.name"),
    ("db.sql.table", "db.collection.name"),
    ("http.method", "http.request.method"),
    ("http.status_code", "http.response.status_code"),
    ("peer.service", "service.peer.name"),
    ("net.peer.name", "server.address"),
];

/// Keys of what differs between any two requests.
const SAYS_WHO: [&str; 14] = [
    "client.",
    "code.",
    "demo.",
    "http.request.",
    "http.route",
    "net.",
    "network.",
    "server.",
    "session.",
    "thread.",
    "traffic.",
    "url.",
    "user.",
    "user_agent.",
];

/// What to name first.
const FIRST: [&str; 5] =
    ["db.index_used", "db.rows_scanned", "db.full_table_scan", "db.connection.pool.wait_time_ms", "error.type"];

/// The differences, those that tell something first.
pub(crate) fn differences(a: &Map<String, Value>, b: &Map<String, Value>) -> Vec<AttributeDifference> {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let is_replaced =
        |key: &str| REPLACED.iter().any(|(old, new)| *old == key && (a.contains_key(*new) || b.contains_key(*new)));
    let mut differences: Vec<_> = keys
        .into_iter()
        .filter(|key| a.get(*key) != b.get(*key) && !is_replaced(key))
        .map(|key| {
            let (a, b) = (a.get(key).cloned(), b.get(key).cloned());
            AttributeDifference { is_telling: is_telling(key, a.as_ref(), b.as_ref()), key: key.clone(), a, b }
        })
        .collect();
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    differences.sort_by_key(|difference| (!difference.is_telling, rank(&difference.key)));
    differences
}

fn is_telling(key: &str, a: Option<&Value>, b: Option<&Value>) -> bool {
    if key.ends_with("status_code") {
        return true;
    }
    if key.ends_with(".id") || key.ends_with("_id") || SAYS_WHO.iter().any(|prefix| key.starts_with(prefix)) {
        return false;
    }
    match (a.and_then(Value::as_f64), b.and_then(Value::as_f64)) {
        // Numbers are never quite the same: twice as much is another matter.
        (Some(a), Some(b)) => {
            let (less, more) = (a.abs().min(b.abs()), a.abs().max(b.abs()));
            more >= 2.0 * less && more - less >= 5.0
        }
        // A number that only one side has says little, unless it is a database's.
        (Some(_), None) | (None, Some(_)) => key.starts_with("db."),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_tells_something_is_told_from_what_always_differs() {
        let a = json!({
            "db.index_used": "idx", "db.rows_scanned": 10, "db.duration_ms": 1.0, "user.id": "1", "server.port": 1,
            "http.response.status_code": 500, "http.status_code": 500, "same": true
        });
        let b = json!({
            "db.index_used": "NONE", "db.rows_scanned": 500_000, "db.duration_ms": 1.8, "user.id": "2", "server.port": 9000,
            "http.response.status_code": 503, "http.status_code": 503, "same": true, "db.full_table_scan": true
        });
        let found = differences(a.as_object().expect("object"), b.as_object().expect("object"));
        let found: Vec<_> = found.iter().map(|difference| (difference.key.as_str(), difference.is_telling)).collect();
        let expected = [
            ("db.index_used", true),
            ("db.rows_scanned", true),
            ("db.full_table_scan", true),
            ("http.response.status_code", true),
            ("db.duration_ms", false),
            ("server.port", false),
            ("user.id", false),
        ];
        assert_eq!(found, expected);
    }
}
