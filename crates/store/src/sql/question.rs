//! One question from its text to its answer.

use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, Statement};
use serde_json::Value;

use crate::sql::account::Account;
use crate::sql::answer::{SqlAnswer, SqlError, SqlLimits};
use crate::sql::scan::Shared;
use crate::sql::snapshot::Snapshot;
use crate::sql::{guard, remedy};
use crate::wire::hex;

/// Answers a question about a snapshot. Blocks for as long as `limits` allow.
pub(crate) fn ask(snapshot: Snapshot, question: &str, limits: SqlLimits) -> Result<SqlAnswer, SqlError> {
    let shared = Arc::new(Shared { snapshot, account: Account::new(limits) });
    let answer = guard::connection(&shared).and_then(|connection| answer(&connection, &shared, question, limits));
    match answer {
        Ok(answer) => Ok(SqlAnswer { took_ms: shared.account.took_ms(), ..answer }),
        Err(error) => Err(reason(&error, &shared, question, limits)),
    }
}

fn answer(
    connection: &Connection,
    shared: &Arc<Shared>,
    question: &str,
    limits: SqlLimits,
) -> Result<SqlAnswer, Error> {
    let mut statement = connection.prepare(question)?;
    if statement.column_count() == 0 {
        return Err(Error::InvalidQuery);
    }
    let columns = statement.column_names().into_iter().map(str::to_owned).collect();
    let (rows, is_cut) = rows(&mut statement, shared, limits)?;
    Ok(SqlAnswer { columns, rows, is_cut, took_ms: 0.0 })
}

fn rows(
    statement: &mut Statement<'_>,
    shared: &Arc<Shared>,
    limits: SqlLimits,
) -> Result<(Vec<Vec<Value>>, bool), Error> {
    let columns = statement.column_count();
    let mut found = statement.query(())?;
    let mut rows: Vec<Vec<Value>> = Vec::new();
    while let Some(row) = found.next()? {
        // The last allowed row may be the last of all: only one more tells.
        if rows.len() >= limits.rows {
            return Ok((rows, true));
        }
        let mut values = Vec::with_capacity(columns);
        let mut bytes = size_of::<Vec<Value>>();
        for index in 0..columns {
            let value = row.get_ref(index)?;
            bytes += size_of::<Value>() + length(value);
            values.push(json(value));
        }
        if !shared.account.take(bytes) {
            return Err(crate::sql::scan::stopped());
        }
        rows.push(values);
    }
    Ok((rows, false))
}

fn length(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Text(text) => text.len(),
        ValueRef::Blob(bytes) => bytes.len() * 2,
        _ => 0,
    }
}

fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(whole) => whole.into(),
        ValueRef::Real(real) => real.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => hex(bytes).into(),
    }
}

/// Why there is no answer.
fn reason(error: &Error, shared: &Shared, question: &str, limits: SqlLimits) -> SqlError {
    if let Some(ended) = shared.account.ended() {
        return ended;
    }
    if let Some(verb) = verb(question) {
        return SqlError::ReadOnly(format!("{verb} is no question"));
    }
    match error {
        Error::InvalidQuery => SqlError::ReadOnly("there is no question here".into()),
        Error::SqliteFailure(_, Some(words)) | Error::SqlInputError { msg: words, .. }
            if words.ends_with("may not be modified") =>
        {
            SqlError::ReadOnly(words.clone())
        }
        Error::SqliteFailure(failure, _) if failure.code == ErrorCode::OutOfMemory => {
            SqlError::TooMuch(limits.memory_bytes)
        }
        Error::SqliteFailure(failure, _) if failure.code == ErrorCode::TooBig => {
            SqlError::Mistake("a text or a row is longer than 4 MiB".into())
        }
        error => SqlError::Mistake(remedy::explain(error, question, &shared.snapshot)),
    }
}

/// The verb that a statement begins with, if it is one that asks nothing.
fn verb(question: &str) -> Option<&'static str> {
    const VERBS: [&str; 19] = [
        "ALTER",
        "ANALYZE",
        "ATTACH",
        "BEGIN",
        "COMMIT",
        "CREATE",
        "DELETE",
        "DETACH",
        "DROP",
        "END",
        "INSERT",
        "PRAGMA",
        "REINDEX",
        "RELEASE",
        "REPLACE",
        "ROLLBACK",
        "SAVEPOINT",
        "UPDATE",
        "VACUUM",
    ];
    let first = question.split_whitespace().next()?.trim_end_matches(';');
    VERBS.into_iter().find(|verb| verb.eq_ignore_ascii_case(first))
}
