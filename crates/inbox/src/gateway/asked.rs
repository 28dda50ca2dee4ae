//! What asking comes to.

use std::time::Duration;

use crate::answer::Answer;
use crate::model::{Completion, Identity, ModelError};
use crate::prompt::PromptTooLong;

/// An answer, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) answer: Answer,
    /// Who answered.
    pub(crate) identity: Identity,
    pub(crate) completion: Completion,
    /// What all models took that were asked.
    pub(crate) spent: Spent,
    /// From being asked to the answer, upstream wait and failed attempts included.
    pub(crate) latency: Duration,
    /// Why the chosen model did not answer, where the built-in one did in its place.
    pub(crate) fallback: Option<ModelError>,
    /// Whether the end of the mail was left out.
    pub(crate) is_truncated: bool,
}

/// What models took for a request.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Spent {
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    /// US dollars; none where a price is not known, which is not the same as nothing.
    pub(crate) cost_usd: Option<f64>,
}

impl Spent {
    /// This and what was spent before.
    pub(super) fn after(self, before: Option<Self>) -> Self {
        let Some(before) = before else {
            return self;
        };
        Self {
            input_tokens: self.input_tokens + before.input_tokens,
            output_tokens: self.output_tokens + before.output_tokens,
            cost_usd: self.cost_usd.zip(before.cost_usd).map(|(now, before)| now + before),
        }
    }

    /// In and out.
    pub(crate) const fn total_tokens(&self) -> u64 {
        self.input_tokens + self.output_tokens
    }
}

/// There is no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Refused {
    /// No model was asked: the mail is too long.
    #[error(transparent)]
    TooLong(#[from] PromptTooLong),
    /// The chosen model gives none, and neither does any other.
    #[error("{error}")]
    Model {
        error: ModelError,
        /// What that took, if a model answered something.
        spent: Option<Spent>,
    },
}

impl Refused {
    /// `error.type` on spans and `code` in answers.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "prompt_too_long",
            Self::Model { error, .. } => error.code(),
        }
    }
}
