//! `kill_redis`: Redis is gone, and what was in it with it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::FaultError;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment};

use super::kill_service::KilledUndo;

/// What the process is called.
pub(crate) const REDIS: &str = "redis";

/// Kills the stage's Redis.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KillRedis {}

impl Kind for KillRedis {
    const NAME: &'static str = "kill_redis";
    const SUMMARY: &'static str = "kills Redis, and with it the carts that it holds";
    type Undo = KilledUndo;

    fn example() -> Value {
        json!({})
    }

    fn check(_: &mut Arguments<'_>) {}

    async fn capture(&self, _: &Moment<'_>, attempt: &Attempt<'_>) -> Result<KilledUndo, FaultError> {
        KilledUndo::capture(REDIS, attempt)
    }

    async fn act(&self, _: &Moment<'_>, undo: &KilledUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        undo.kill(attempt).await
    }
}
