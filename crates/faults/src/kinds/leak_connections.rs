//! `leak_connections`: a service takes sessions from a pool and never gives them back.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::{AdminUndo, Effect, pools};
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment};

/// Takes sessions from a pool, more and more, and keeps them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeakConnections {
    /// The pool, of whichever service has it.
    pool: String,
    /// Points (scenario minute, sessions) of how many are gone; straight lines between, rounded down. They only grow.
    #[schemars(length(min = 1))]
    leaked: Vec<(f64, u32)>,
}

impl LeakConnections {
    fn most(&self) -> u32 {
        self.leaked.iter().map(|point| point.1).max().unwrap_or_default()
    }
}

impl Kind for LeakConnections {
    const NAME: &'static str = "leak_connections";
    const SUMMARY: &'static str = "takes sessions out of a connection pool and never gives them back";
    type Undo = AdminUndo;

    fn example() -> Value {
        json!({"pool": "orders", "leaked": [[0, 0], [4, 19]]})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.word("pool");
        arguments.growing("leaked");
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        let (service, pool) = pools::find(attempt.target(), &self.pool).await?;
        if u64::from(self.most()) > pool.max {
            return Err(FaultError::refused(format!(
                "{} sessions can't leak from pool {} of {service}, which has {}: leak at most so many",
                self.most(),
                pool.name,
                pool.max
            )));
        }
        AdminUndo::new(&attempt.admin(service)?, Effect::PoolLeak { pool: pool.name }).alone(moment.others)
    }

    async fn act(&self, moment: &Moment<'_>, undo: &AdminUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let points: Vec<(f64, u32)> =
            self.leaked.iter().map(|&(minute, n)| (moment.clock.unix_at(minute), n)).collect();
        undo.put(attempt, &json!({"points": points, "until_unix": moment.dead_mans_switch_unix()})).await?;
        Ok(format!("up to {} sessions of pool {} leak", self.most(), self.pool))
    }
}
