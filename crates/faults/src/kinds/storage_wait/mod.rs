//! `storage_wait`: while an index is missing, a query holds its connection as long as the scenario says.
//!
//! How long a sequential scan takes depends on the machine; how long a scenario needs it to take does not. So a function
//! that the query evaluates last, after its scan, waits inside the database session until the target is reached. It looks at the
//! catalogue itself: once an equal index is there, made by whoever, nobody waits any more. A scan that is slower than the
//! target is not sped up: that is overshoot, and `Injector::calibration` measures it.
mod function;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, Row};

use super::Undo;
use super::drop_index::SHAPE;
use crate::FaultError;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::database::execute;
use crate::kind::{Kind, Moment, PutBack};
use function::{MARK, Wait, Wrapped};

/// Prolongs a query up to a target while an index is missing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StorageWait {
    /// The scenario's queue whose service time this is.
    queue: String,
    /// The table, without its schema.
    table: String,
    /// The index, without its schema, that ends the wait by being there (it, or one that is equal but for its name).
    while_missing: String,
    /// Points (scenario minute, milliseconds) of how long the whole statement takes; straight lines between. No wait before the first.
    #[schemars(length(min = 1))]
    service_time_ms: Vec<(f64, f64)>,
    /// The function, without its schema, that the query evaluates last. It must be stable and expensive, so that it is evaluated after ORDER BY and LIMIT.
    #[serde(default = "StorageWait::default_function")]
    function: String,
}

/// What was replaced and what was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StorageWaitUndo {
    /// The function's name with its schema, as SQL.
    pub(crate) function: String,
    /// Its arguments as `DROP FUNCTION` wants them.
    pub(crate) arguments: String,
    /// `pg_get_functiondef` before.
    pub(crate) definition: String,
    /// Functions that were added: name and arguments, as SQL.
    pub(crate) aids: Vec<String>,
}

impl StorageWait {
    fn default_function() -> String {
        "product_media_url".to_owned()
    }

    /// The shape of the missing index: from the catalogue if it is still there, else from the undo of whoever dropped it.
    async fn shape(
        &self,
        moment: &Moment<'_>,
        schema: &str,
        connection: &mut PgConnection,
    ) -> Result<Option<String>, FaultError> {
        let dropped = moment.others.iter().filter_map(|undo| match undo {
            Undo::DropIndex(undo) => Some(undo),
            _ => None,
        });
        let statement = format!(
            "SELECT format('%I.%I', $1::text, $2::text), (SELECT {SHAPE} FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
             WHERE i.indexrelid = to_regclass(format('%I.%I', $1::text, $2::text)))"
        );
        let trouble = || FaultError::database(format!("looking index {} up", self.while_missing));
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(schema)
            .bind(&self.while_missing)
            .fetch_one(connection)
            .await
            .map_err(trouble())?;
        let name: String = row.try_get(0).map_err(trouble())?;
        let present: Option<String> = row.try_get(1).map_err(trouble())?;
        Ok(present.or_else(|| dropped.flat_map(|d| d.roots()).find(|i| i.index == name).map(|i| i.shape.clone())))
    }
}

impl Kind for StorageWait {
    const NAME: &'static str = "storage_wait";
    const SUMMARY: &'static str =
        "holds a query's connection for as long as the scenario says, while an index is missing";
    type Undo = StorageWaitUndo;

    fn example() -> Value {
        json!({
            "queue": "recommendations", "table": "products", "while_missing": "idx_products_recommendation",
            "service_time_ms": [[0, 520], [5, 820]],
        })
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.name("queue");
        arguments.name("table");
        arguments.name("while_missing");
        arguments.curve("service_time_ms");
        arguments.optional_name("function");
    }

    async fn capture(&self, _: &Moment<'_>, attempt: &Attempt<'_>) -> Result<StorageWaitUndo, FaultError> {
        let mut connection = attempt.database().await?;
        let wrapped = Wrapped::look_up(&mut connection, attempt.target().schema_name(), &self.function).await?;
        if wrapped.definition.contains(MARK) {
            return Err(FaultError::refused(format!(
                "the function {} waits already: undo the other storage_wait first",
                self.function
            )));
        }
        Ok(StorageWaitUndo {
            aids: wrapped.aids(),
            function: wrapped.name,
            arguments: wrapped.identity,
            definition: wrapped.definition,
        })
    }

    async fn act(
        &self,
        moment: &Moment<'_>,
        undo: &StorageWaitUndo,
        attempt: &Attempt<'_>,
    ) -> Result<String, FaultError> {
        let mut connection = attempt.database().await?;
        let schema = attempt.target().schema_name();
        let shape = self.shape(moment, schema, &mut connection).await?;
        let mut wrapped = Wrapped::look_up(&mut connection, schema, &self.function).await?;
        // An earlier attempt may have got through: what is wrapped is what was there before it.
        wrapped.definition.clone_from(&undo.definition);
        let wait = Wait {
            fault: moment.fault,
            schema,
            table: &self.table,
            index: &self.while_missing,
            shape: shape.as_deref(),
            points_unix_ms: self
                .service_time_ms
                .iter()
                .map(|&(minute, ms)| (moment.clock.unix_at(minute), ms))
                .collect(),
            from_unix: moment.from_unix,
            until_unix: moment.until_unix,
        };
        let mut transaction = connection.begin().await.map_err(FaultError::database("beginning a transaction"))?;
        for statement in wrapped.statements(&wait) {
            execute(&mut transaction, &statement).await?;
        }
        transaction.commit().await.map_err(FaultError::database("committing the wait"))?;
        Ok(format!("queries of {} wait in {} while {} is missing", self.queue, undo.function, self.while_missing))
    }
}

impl PutBack for StorageWaitUndo {
    async fn put_back(&self, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let connection = &mut attempt.database().await?;
        let seen = match function::definition_of(connection, &self.function, &self.arguments).await? {
            Some(now) if now == self.definition => {
                format!("the function {} was as before already", self.function)
            }
            Some(now) if !now.contains(MARK) => format!(
                "somebody replaced the function {} meanwhile; it does not wait and was left as it is",
                self.function
            ),
            _ => {
                execute(connection, &self.definition).await?;
                match function::definition_of(connection, &self.function, &self.arguments).await? {
                    Some(now) if now == self.definition => {
                        format!("the function {} is as before", self.function)
                    }
                    _ => {
                        return Err(FaultError::Changed {
                            reason: format!("the function {} is not as before", self.function),
                        });
                    }
                }
            }
        };
        function::let_statements_end(connection).await?;
        for aid in &self.aids {
            execute(connection, &format!("DROP FUNCTION IF EXISTS {aid}")).await?;
        }
        Ok(seen)
    }

    fn by_hand(&self) -> String {
        let mut lines = vec![format!("{};", self.definition.trim_end())];
        lines.extend(self.aids.iter().map(|aid| format!("DROP FUNCTION IF EXISTS {aid};")));
        lines.join("\n")
    }
}
