//! `slow_request`: clients upload their requests slowly, as over a bad mobile connection.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::AdminUndo;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment};

use super::filter::percent;
use super::tampering;

/// Uploads the bodies of a share of a stream's requests slowly.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SlowRequest {
    /// The stream whose clients do it.
    stream: String,
    /// The share of requests, over 0 and at most 1.
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    share: f64,
    /// How long an upload takes, in milliseconds: drawn evenly from the first to the second.
    #[schemars(inner(range(min = 1, max = 60_000)))]
    upload_ms: [u32; 2],
}

impl Kind for SlowRequest {
    const NAME: &'static str = "slow_request";
    const SUMMARY: &'static str = "uploads a share of a stream's requests slowly";
    type Undo = AdminUndo;

    fn example() -> Value {
        json!({"stream": "latency_injection", "share": 0.15, "upload_ms": [2000, 5000]})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.word("stream");
        arguments.share("share");
        arguments.between("upload_ms", 1..=60_000);
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        tampering::capture(&self.stream, moment, attempt)
    }

    async fn act(&self, moment: &Moment<'_>, undo: &AdminUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let what = json!({"kind": "slow", "share": self.share, "upload_ms": self.upload_ms});
        tampering::put(what, moment, undo, attempt).await?;
        let [least, most] = self.upload_ms;
        let share = percent(self.share);
        Ok(format!("clients of {} take {least} to {most} ms to upload {share} of their requests", self.stream))
    }
}
