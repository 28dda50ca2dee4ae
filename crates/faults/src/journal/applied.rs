//! The faults that are in, as people ask for them.

use serde::Serialize;

use super::Act;

/// A fault that is in, or may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppliedFault {
    /// The fault's id in its scenario, or the one that somebody gave by hand.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// When it was begun, RFC 3339 in UTC.
    pub since: String,
    /// As the journal has it: `applied`; `intended` or `undoing` while something is being done, or was when its process
    /// died; `undo_failed`.
    pub state: String,
}

impl AppliedFault {
    pub(crate) fn of(act: &Act) -> Self {
        Self {
            id: act.fault.clone(),
            kind: act.undo.kind().to_owned(),
            since: act.since.clone(),
            state: act.state.to_string(),
        }
    }
}
