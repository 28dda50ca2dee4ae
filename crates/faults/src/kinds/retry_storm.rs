//! `retry_storm`: clients send what failed again, at once and several times.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::{Admin, AdminUndo, Effect};
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment};

/// The service that plays the clients.
pub(crate) const CLIENTS: &str = "load-generator";

/// Makes the clients of a stream send failed requests again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryStorm {
    /// The stream whose clients do it.
    stream: String,
    /// How often each failed request is sent again, at most.
    #[schemars(range(min = 1, max = 10))]
    retries: u32,
    /// How long a client waits before that, in milliseconds.
    #[serde(default)]
    #[schemars(range(max = 60_000))]
    backoff_ms: u32,
}

impl Kind for RetryStorm {
    const NAME: &'static str = "retry_storm";
    const SUMMARY: &'static str = "makes clients send every failed request again, several times";
    type Undo = AdminUndo;

    fn example() -> Value {
        json!({"stream": "demo", "retries": 3})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.word("stream");
        arguments.whole("retries", 1..=10);
        arguments.optional_whole("backoff_ms", 0..=60_000);
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        let admin = Admin::of(attempt.target(), CLIENTS)?;
        AdminUndo::new(&admin, Effect::Retries { stream: self.stream.clone() }).alone(moment.others)
    }

    async fn act(&self, moment: &Moment<'_>, undo: &AdminUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let body = json!({"retries": self.retries, "backoff_ms": self.backoff_ms, "until_unix": moment.dead_mans_switch_unix()});
        undo.put(attempt, &body).await?;
        let after = if self.backoff_ms > 0 { format!("after {} ms", self.backoff_ms) } else { "at once".to_owned() };
        Ok(format!("clients of {} send what failed up to {} times again, {after}", self.stream, self.retries))
    }
}
