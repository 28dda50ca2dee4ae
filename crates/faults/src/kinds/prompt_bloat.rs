//! `prompt_bloat`: clients send far longer texts than usual, as when whole reply chains reach a language model.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::AdminUndo;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment};

use super::filter::{everything, percent};
use super::tampering;

/// Lengthens the longest text in a share of a stream's requests.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PromptBloat {
    /// The stream whose clients send them.
    stream: String,
    /// The share of requests, over 0 and at most 1.
    #[serde(default = "everything")]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    share: f64,
    /// How long the text gets, in characters: drawn evenly from the first to the second.
    #[schemars(inner(range(min = 1, max = 1_000_000)))]
    characters: [u32; 2],
}

impl Kind for PromptBloat {
    const NAME: &'static str = "prompt_bloat";
    const SUMMARY: &'static str = "makes the texts in a stream's requests many times longer";
    type Undo = AdminUndo;

    fn example() -> Value {
        json!({"stream": "token_bloat", "characters": [20000, 30000]})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.word("stream");
        arguments.optional_share("share");
        arguments.between("characters", 1..=1_000_000);
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        tampering::capture(&self.stream, moment, attempt)
    }

    async fn act(&self, moment: &Moment<'_>, undo: &AdminUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let what = json!({"kind": "bloat", "share": self.share, "characters": self.characters});
        tampering::put(what, moment, undo, attempt).await?;
        let [least, most] = self.characters;
        let share = percent(self.share);
        Ok(format!(
            "clients of {} send texts of {least} to {most} characters in {share} of their requests",
            self.stream
        ))
    }
}
