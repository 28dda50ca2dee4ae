//! `malformed_request`: clients send requests that are wrong, as after a release that broke one of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::AdminUndo;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment};

use super::filter::percent;
use super::tampering;

/// Makes a share of a stream's requests wrong on their way out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MalformedRequest {
    /// The stream whose clients send them.
    stream: String,
    /// The share of requests, over 0 and at most 1.
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    share: f64,
    /// In which ways, each as likely as the others; all of them unless given.
    #[serde(default)]
    #[schemars(length(min = 1))]
    ways: Option<Vec<Malformation>>,
}

/// One way in which a JSON body is wrong.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Malformation {
    MissingField,
    WrongType,
    BrokenJson,
    Empty,
    Oversized,
}

/// As arguments call them.
const WAYS: [&str; 5] = ["missing_field", "wrong_type", "broken_json", "empty", "oversized"];

impl Kind for MalformedRequest {
    const NAME: &'static str = "malformed_request";
    const SUMMARY: &'static str = "makes a share of a stream's requests wrong before they are sent";
    type Undo = AdminUndo;

    fn example() -> Value {
        json!({"stream": "error_injection", "share": 0.5})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.word("stream");
        arguments.share("share");
        arguments.optional_words("ways", &WAYS);
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        tampering::capture(&self.stream, moment, attempt)
    }

    async fn act(&self, moment: &Moment<'_>, undo: &AdminUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let mut what = json!({"kind": "malformed", "share": self.share});
        if let Some(ways) = &self.ways {
            what["ways"] = json!(ways);
        }
        tampering::put(what, moment, undo, attempt).await?;
        let ways = self.ways.as_ref().map_or(WAYS.len(), Vec::len);
        let ways = if ways == 1 { "one way".to_owned() } else { format!("{ways} ways") };
        Ok(format!("clients of {} send {} of their requests malformed, in {ways}", self.stream, percent(self.share)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_have_the_names_that_arguments_call_them() {
        let ways: Vec<Malformation> = serde_json::from_value(json!(WAYS)).expect("each is one");
        assert_eq!(serde_json::to_value(ways).expect("written"), json!(WAYS));
    }
}
