//! `drop_index`: indexes are gone, as after a migration that dropped them.
//!
//! Works for plain and for partitioned tables. The undo holds every definition as PostgreSQL writes it, names of the
//! partitions' indexes included, so what comes back is what went.
mod capture;
mod restore;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::FaultError;
use crate::arguments::Arguments;
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
    type Undo = DropIndexUndo;

    fn check(arguments: &mut Arguments<'_>) {
        arguments.name("table");
        arguments.names("indexes");
    }

    async fn capture(&self, moment: &Moment<'_>, connection: &mut PgConnection) -> Result<DropIndexUndo, FaultError> {
        let mut indexes = Vec::new();
        for name in &self.indexes {
            indexes.extend(capture::capture(connection, moment.target.schema_name(), &self.table, name).await?);
        }
        Ok(DropIndexUndo { indexes })
    }

    async fn act(
        &self,
        _: &Moment<'_>,
        undo: &DropIndexUndo,
        connection: &mut PgConnection,
    ) -> Result<String, FaultError> {
        let names: Vec<&str> = undo.roots().map(|i| i.index.as_str()).collect();
        let names = names.join(", ");
        // One statement is one transaction: all are gone or none is.
        execute(connection, &format!("DROP INDEX IF EXISTS {names}")).await?;
        Ok(format!("dropped {names}"))
    }
}

impl PutBack for DropIndexUndo {
    async fn put_back(&self, connection: &mut PgConnection) -> Result<String, FaultError> {
        restore::restore(self, connection).await
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
