//! One line of the journal.

use serde::{Deserialize, Serialize};

use crate::kinds::Undo;

use super::State;

/// A line: something that happened to an act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// When, RFC 3339 in UTC.
    pub(crate) at: String,
    /// Number of the act in this journal, from 1. A fault that is applied twice is two acts.
    pub(crate) act: u64,
    /// The fault's id in the scenario.
    pub(crate) fault: String,
    /// What happened.
    #[serde(flatten)]
    pub(crate) step: Step,
}

/// What happened to an act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Step {
    /// It is about to be done.
    Intended {
        /// Everything that is needed to put it back.
        undo: Undo,
    },
    /// It was done.
    Applied,
    /// It is about to be put back.
    Undoing,
    /// It is back.
    Undone {
        /// What was looked at.
        seen: String,
    },
    /// It could not be put back.
    UndoFailed {
        /// Why.
        reason: String,
        /// What to type.
        by_hand: String,
    },
}

impl Step {
    pub(crate) fn state(&self) -> State {
        match self {
            Self::Intended { .. } => State::Intended,
            Self::Applied => State::Applied,
            Self::Undoing => State::Undoing,
            Self::Undone { .. } => State::Undone,
            Self::UndoFailed { .. } => State::UndoFailed,
        }
    }
}
