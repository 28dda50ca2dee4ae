//! `drop_index`: indexes are gone, as after a migration that dropped them.
//!
//! Works for plain and for partitioned tables. The undo holds every definition as PostgreSQL writes it, names of the
//! partitions' indexes included, so what comes back is what went.
mod capture;
mod restore;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::FaultError;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::database::execute;
use crate::kind::{Kind, Moment, PutBack};

pub(crate) use capture::{CapturedIndex, SHAPE};

/// Drops indexes of a table; they are re-created as they were.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DropIndex {
    /// The table, without its schema.
    table: String,
    /// Its indexes, without their schema. None may belong to a primary key or another constraint.
    #[schemars(length(min = 1))]
    indexes: Vec<String>,
}

/// What was dropped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DropIndexUndo {
    /// Parents before the indexes of their partitions.
    pub(crate) indexes: Vec<CapturedIndex>,
}

impl DropIndexUndo {
    /// Those that are not part of another one.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &CapturedIndex> {
        self.indexes.iter().filter(|i| i.parent.is_none())
    }
}

impl Kind for DropIndex {
    const NAME: &'static str = "drop_index";
    const SUMMARY: &'static str = "drops indexes of a table, as a migration would";
    type Undo = DropIndexUndo;

    fn example() -> Value {
        json!({"table": "products", "indexes": ["idx_products_recommendation"]})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.name("table");
        arguments.names("indexes");
    }

    async fn capture(&self, _: &Moment<'_>, attempt: &Attempt<'_>) -> Result<DropIndexUndo, FaultError> {
        let mut connection = attempt.database().await?;
        let mut indexes = Vec::new();
        for name in &self.indexes {
            let schema = attempt.target().schema_name();
            indexes.extend(capture::capture(&mut connection, schema, &self.table, name).await?);
        }
        Ok(DropIndexUndo { indexes })
    }

    async fn act(&self, _: &Moment<'_>, undo: &DropIndexUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let mut connection = attempt.database().await?;
        let names: Vec<&str> = undo.roots().map(|i| i.index.as_str()).collect();
        let names = names.join(", ");
        // One statement is one transaction: all are gone or none is.
        execute(&mut connection, &format!("DROP INDEX IF EXISTS {names}")).await?;
        Ok(format!("dropped {names}"))
    }
}

impl PutBack for DropIndexUndo {
    async fn put_back(&self, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        restore::restore(self, &mut attempt.database().await?).await
    }

    fn by_hand(&self) -> String {
        let mut lines = Vec::new();
        for index in &self.indexes {
            // Some may be back already; what is there is left alone, and attaching twice does nothing.
            lines.push(format!("{};", index.definition.replacen("INDEX ", "INDEX IF NOT EXISTS ", 1)));
            lines.extend(index.attach().map(|statement| format!("{statement};")));
        }
        lines.join("\n")
    }
}
