//! What is asked and answered.

use std::path::{Path, PathBuf};

use scenario::RestoreRecord;
use serde::{Deserialize, Serialize};

/// Longest line either way, in bytes: arguments are short.
pub(super) const LONGEST_LINE: u64 = 64 * 1024;

/// Where the conductor of the stage in `folder` listens.
pub(super) fn socket(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}

/// Something to do to a running stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Request {
    /// Put a fault in.
    Apply {
        /// Its kind.
        kind: String,
        /// Its arguments, as in a scenario's `args`.
        args: serde_json::Value,
        /// How it is called in the journal; made from the kind where it is absent.
        id: Option<String>,
        /// Real seconds after which the conductor undoes it; it stays until it is undone where it is absent.
        for_seconds: Option<f64>,
    },
    /// Take a fault out, whoever put it in.
    Undo {
        /// Its id.
        id: String,
    },
    /// Take all faults out.
    UndoAll,
    /// Say which faults are in.
    Status,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The fault is in.
    Applied {
        /// Its id.
        id: String,
        /// What was done, in words.
        what: String,
    },
    /// What was put back; empty where there was nothing to do.
    Undone(Vec<RestoreRecord>),
    /// What is in, and how the scenario stands.
    Status {
        /// Scenario minute.
        minute: f64,
        /// Faults that are in.
        applied: Vec<AppliedByHand>,
    },
    /// It was not done, and why.
    Refused(String),
}

/// A fault that is in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppliedByHand {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Since when, RFC 3339 in UTC.
    pub since: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_is_a_line_that_people_can_read() {
        let request = Request::Apply { kind: "kill_redis".into(), args: json!({}), id: None, for_seconds: Some(30.0) };
        let line = serde_json::to_value(&request).expect("JSON");
        assert_eq!(line, json!({"do": "apply", "kind": "kill_redis", "args": {}, "id": null, "for_seconds": 30.0}));
        assert_eq!(serde_json::from_value::<Request>(line).expect("read back"), request);
    }
}
