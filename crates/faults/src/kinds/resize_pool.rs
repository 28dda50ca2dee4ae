//! `resize_pool`: a pool has another size, as after a change of configuration.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::{AdminUndo, Effect, pools};
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment};

/// Gives a connection pool another size.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResizePool {
    /// The pool, of whichever service has it.
    pool: String,
    /// Most connections that it may have.
    #[schemars(range(min = 1, max = 1000))]
    size: u32,
}

impl Kind for ResizePool {
    const NAME: &'static str = "resize_pool";
    const SUMMARY: &'static str = "gives a connection pool another size";
    type Undo = AdminUndo;

    fn example() -> Value {
        json!({"pool": "recommendations", "size": 2})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.word("pool");
        arguments.whole("size", 1..=1000);
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        let (service, pool) = pools::find(attempt.target(), &self.pool).await?;
        if pool.max == u64::from(self.size) {
            return Err(FaultError::refused(format!(
                "the limit of pool {} of {service} is {} already: give another size",
                pool.name, pool.max
            )));
        }
        AdminUndo::new(&attempt.admin(service)?, Effect::PoolSize { pool: pool.name }).alone(moment.others)
    }

    async fn act(&self, moment: &Moment<'_>, undo: &AdminUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let body = json!({"size": self.size, "until_unix": moment.dead_mans_switch_unix()});
        undo.put(attempt, &body).await?;
        Ok(format!("the limit of pool {} is {}", self.pool, self.size))
    }
}
