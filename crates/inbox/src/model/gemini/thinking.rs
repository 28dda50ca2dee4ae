//! How much a model thinks before it answers. Thinking is paid for like an answer and counts against its limit, so that a model
//! left to itself would spend both on it: one sentence about a mail needs none.
//!
//! By <https://cloud.google.com/vertex-ai/generative-ai/docs/thinking>: 2.5 Flash can be told not to, 2.5 Pro to at least 128
//! tokens, 3 and later take a level. Older models know no such setting and refuse it.

use serde_json::{Value, json};

/// The least that 2.5 Pro thinks, tokens.
const LEAST_BUDGET: u32 = 128;
/// Room for what a model thinks at its lowest level, tokens; it is a level, not a bound.
const LOW_ROOM: u32 = 1024;

/// What a model is told about thinking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    Unknown,
    Off,
    Least,
    Low,
}

impl Thinking {
    pub(super) fn of(model: &str) -> Self {
        let Some(version) = model.strip_prefix("gemini-") else {
            return Self::Unknown;
        };
        let generation: u32 = version.split(['.', '-']).next().and_then(|text| text.parse().ok()).unwrap_or(0);
        match generation {
            2 if version.starts_with("2.5-pro") => Self::Least,
            2 if version.starts_with("2.5-flash") => Self::Off,
            3.. => Self::Low,
            _ => Self::Unknown,
        }
    }

    /// `thinkingConfig`.
    pub(super) fn config(self) -> Option<Value> {
        match self {
            Self::Unknown => None,
            Self::Off => Some(json!({"thinkingBudget": 0})),
            Self::Least => Some(json!({"thinkingBudget": LEAST_BUDGET})),
            Self::Low => Some(json!({"thinkingLevel": "LOW"})),
        }
    }

    /// Tokens to leave for it beside the answer's.
    pub(super) const fn room(self) -> u32 {
        match self {
            Self::Unknown | Self::Off => 0,
            Self::Least => LEAST_BUDGET,
            Self::Low => LOW_ROOM,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_is_told_in_its_own_way_to_think_little() {
        for (model, thinking) in [
            ("gemini-2.5-flash", Thinking::Off),
            ("gemini-2.5-flash-lite-preview-09-2025", Thinking::Off),
            ("gemini-2.5-pro", Thinking::Least),
            ("gemini-3.5-flash", Thinking::Low),
            ("gemini-3-pro-preview", Thinking::Low),
            ("gemini-2.0-flash", Thinking::Unknown),
            ("gemini-1.5-pro", Thinking::Unknown),
            ("gemini-flash-latest", Thinking::Unknown),
            ("gemma-3-27b-it", Thinking::Unknown),
        ] {
            assert_eq!(Thinking::of(model), thinking, "{model}");
        }
    }
}
