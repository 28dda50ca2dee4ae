//! What a question may do: look at our tables, with known functions, within bounds. Nothing else.

use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, Result};

use crate::sql::answer::SqlError;
use crate::sql::module::register;
use crate::sql::scan::Shared;
use crate::sql::tables::{Logs, Metrics, Spans, Table};
use crate::sql::{functions, remedy};

/// Tables that may be read: ours, and SQLite's two that take JSON apart.
pub(super) const TABLES: [&str; 5] = [Spans::NAME, Logs::NAME, Metrics::NAME, "json_each", "json_tree"];

/// Bounds of SQLite's own. None of a question by hand comes near them.
const LIMITS: [(Limit, i32); 9] = [
    // The longest text and the widest row; also what one call of a function can make, as nobody counts in between.
    (Limit::SQLITE_LIMIT_LENGTH, 4 << 20),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 64 << 10),
    // Columns of attributes count.
    (Limit::SQLITE_LIMIT_COLUMN, 2000),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 50),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 100),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    // What a pattern costs grows with its length.
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// Instructions of SQLite between two looks at clock and memory: some tens of microseconds.
const INSTRUCTIONS: i32 = 1000;

/// A connection that can answer one question.
pub(super) fn connection(shared: &Arc<Shared>) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_in_memory_with_flags(flags)?;
    // Sorting that does not fit stays in memory too, where it is counted.
    connection.pragma_update(None, "temp_store", "memory")?;
    // A misspelt column in double quotes is a mistake, not a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    register::<Spans>(&connection, shared)?;
    register::<Logs>(&connection, shared)?;
    register::<Metrics>(&connection, shared)?;
    functions::register(&connection, shared)?;
    for (limit, most) in LIMITS {
        connection.set_limit(limit, most)?;
    }
    let account = Arc::clone(shared);
    connection.progress_handler(INSTRUCTIONS, Some(move || !account.account.may_go_on()))?;
    let account = Arc::clone(shared);
    connection.authorizer(Some(move |context: AuthContext<'_>| match refused(context.action) {
        None => Authorization::Allow,
        Some(reason) => {
            account.account.end(reason);
            Authorization::Deny
        }
    }))?;
    Ok(connection)
}

/// Tables of SQLite's own that tell about its inside.
fn is_inside(table: &str) -> bool {
    ["sqlite_", "pragma_", "dbstat"].iter().any(|inside| table.to_ascii_lowercase().starts_with(inside))
}

/// Why something is not allowed.
fn refused(action: AuthAction<'_>) -> Option<SqlError> {
    let read_only = |words: &str| Some(SqlError::ReadOnly(words.to_owned()));
    match action {
        AuthAction::Select | AuthAction::Recursive => None,
        AuthAction::Read { table_name, .. } if TABLES.contains(&table_name) => None,
        // Of a part that the question itself names (`WITH n AS`) SQLite asks this if no column of it is read.
        AuthAction::Read { table_name, column_name: "" } if !is_inside(table_name) => None,
        AuthAction::Read { table_name, .. } => Some(SqlError::Mistake(remedy::table(table_name))),
        AuthAction::Function { function_name } => {
            let name = function_name.to_ascii_lowercase();
            let is_known = functions::allowed().any(|known| known == name);
            (!is_known).then(|| SqlError::Mistake(remedy::function(function_name)))
        }
        AuthAction::Insert { .. } => read_only("INSERT changes something"),
        AuthAction::Update { .. } => read_only("UPDATE changes something"),
        AuthAction::Delete { .. } => read_only("DELETE changes something"),
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => read_only("ATTACH opens files"),
        AuthAction::Pragma { .. } => read_only("PRAGMA changes how the database works"),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => read_only("there is nothing to commit"),
        AuthAction::CreateTable { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateView { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::CreateIndex { .. }
        | AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateVtable { .. } => read_only("CREATE changes something; WITH ... AS (...) names a part"),
        _ => read_only("this changes something"),
    }
}
