//! The states of an act and the steps between them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an act stands, as far as the disk knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// About to be done: perhaps it was, perhaps not.
    Intended,
    /// Done.
    Applied,
    /// About to be put back: perhaps it was, perhaps not.
    Undoing,
    /// Put back and looked at.
    Undone,
    /// Could not be put back; somebody has to do it by hand, or a later recovery succeeds.
    UndoFailed,
}

/// A step that the state machine does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the act on {fault} can't go from {from} to {to}")]
pub struct IllegalTransition {
    fault: String,
    from: String,
    to: State,
}

impl State {
    /// Whether `from` may become `to`; `None` is an act that does not exist yet.
    pub(crate) fn may_become(from: Option<Self>, to: Self) -> bool {
        use State::{Applied, Intended, UndoFailed, Undoing, Undone};
        match (from, to) {
            (None, Intended) => true,
            (Some(Intended), Applied | Undoing) => true,
            (Some(Applied), Undoing) => true,
            // A process that died in the middle of an undo is followed by one that begins it again.
            (Some(Undoing), Undoing | Undone | UndoFailed) => true,
            (Some(UndoFailed), Undoing) => true,
            _ => false,
        }
    }

    /// `to`, if `from` may become it.
    pub(crate) fn step(fault: &str, from: Option<Self>, to: Self) -> Result<Self, IllegalTransition> {
        if Self::may_become(from, to) {
            return Ok(to);
        }
        let from = from.map_or_else(|| "nothing".to_owned(), |s| s.to_string());
        Err(IllegalTransition { fault: fault.to_owned(), from, to })
    }

    /// Whether something may still have to be put back.
    pub(crate) fn is_open(self) -> bool {
        self != Self::Undone
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Intended => "intended",
            Self::Applied => "applied",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
            Self::UndoFailed => "undo_failed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [State; 5] = [State::Intended, State::Applied, State::Undoing, State::Undone, State::UndoFailed];

    #[test]
    fn only_eight_steps_are_legal() {
        let mut legal = Vec::new();
        for from in std::iter::once(None).chain(ALL.map(Some)) {
            for to in ALL {
                if State::step("f", from, to).is_ok() {
                    legal.push(format!("{} -> {to}", from.map_or("nothing".into(), |s| s.to_string())));
                }
            }
        }
        let expected = [
            "nothing -> intended",
            "intended -> applied",
            "intended -> undoing",
            "applied -> undoing",
            "undoing -> undoing",
            "undoing -> undone",
            "undoing -> undo_failed",
            "undo_failed -> undoing",
        ];
        assert_eq!(legal, expected);
    }

    #[test]
    fn an_undone_act_is_never_touched_again() {
        for to in ALL {
            assert!(State::step("f", Some(State::Undone), to).is_err());
        }
    }
}
