//! What can be asked: tables, columns and functions, for people who write questions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sql::functions::OURS;
use crate::sql::snapshot::Snapshot;
use crate::sql::tables::{Logs, Metrics, Spans, Table};

/// What can be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SqlSchema {
    /// The tables.
    pub tables: Vec<SqlTable>,
    /// Keys of attributes that came: in double quotes each is a column of every table, that `SELECT *` leaves out. It
    /// has the value of the row's own attribute, or else of its resource's.
    pub attributes: Vec<String>,
    /// Functions beyond SQLite's.
    pub functions: Vec<SqlFunction>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SqlTable {
    /// Its name.
    pub name: String,
    /// What a row is.
    pub about: String,
    /// Its columns, in order.
    pub columns: Vec<SqlColumn>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// `text`, `integer` or `real`; `number` where both may come.
    pub kind: String,
    /// What it holds.
    pub about: String,
    /// Whether `SELECT *` leaves it out.
    pub is_hidden: bool,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SqlFunction {
    /// How it is called.
    pub call: String,
    /// What it gives.
    pub about: String,
}

/// What can be asked of a snapshot.
pub(crate) fn schema(snapshot: &Snapshot) -> SqlSchema {
    SqlSchema {
        tables: vec![table::<Spans>(), table::<Logs>(), table::<Metrics>()],
        attributes: snapshot.keys.iter().map(|(key, _)| key.clone()).collect(),
        functions: OURS
            .iter()
            .map(|(call, about)| SqlFunction { call: (*call).into(), about: (*about).into() })
            .collect(),
    }
}

fn table<T: Table>() -> SqlTable {
    let columns = T::COLUMNS.iter().map(|column| SqlColumn {
        name: column.name.into(),
        kind: match column.sql_type() {
            "" => "number".into(),
            declared => declared.to_ascii_lowercase(),
        },
        about: column.about.into(),
        is_hidden: column.is_hidden,
    });
    SqlTable { name: T::NAME.into(), about: T::ABOUT.into(), columns: columns.collect() }
}
