//! What a server lets itself be told. It is found out by being refused, once: the refusals say which way to go on.

use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;

use crate::model::http::Refusal;

/// What OpenAI says of settings that a model does not have.
const UNSUPPORTED: [&str; 2] = ["unsupported_parameter", "unsupported_value"];

/// One way to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Whether it can be told that the answer is to be JSON.
    pub(super) takes_format: bool,
    /// Whether it reasons before it answers: such models have another limit, and no temperature.
    pub(super) reasons: bool,
}

impl Dialect {
    /// How to ask once more after `refusal`; `None` where another way would be refused too.
    pub(super) fn after(self, refusal: &Refusal) -> Option<Self> {
        if refusal.status != Some(StatusCode::BAD_REQUEST) {
            return None;
        }
        let is_about_settings = refusal.words.iter().any(|word| UNSUPPORTED.contains(&word.as_str()));
        match self {
            Self { reasons: false, .. } if is_about_settings => Some(Self { reasons: true, ..self }),
            Self { takes_format: true, .. } => Some(Self { takes_format: false, ..self }),
            _ => None,
        }
    }
}

/// The way that worked last. Requests that find out at the same time find out the same.
#[derive(Debug, Default)]
pub(super) struct Known {
    refuses_format: AtomicBool,
    reasons: AtomicBool,
}

impl Known {
    pub(super) fn get(&self) -> Dialect {
        Dialect {
            takes_format: !self.refuses_format.load(Ordering::Relaxed),
            reasons: self.reasons.load(Ordering::Relaxed),
        }
    }

    pub(super) fn set(&self, dialect: Dialect) {
        self.refuses_format.store(!dialect.takes_format, Ordering::Relaxed);
        self.reasons.store(dialect.reasons, Ordering::Relaxed);
    }
}
