//! `lock_table`: a table is locked, as by a deployment that died between the two phases of its commit.
//!
//! The lock is held by a prepared transaction that nobody ends: it belongs to no session, outlives its client and even a
//! restart of the server. Orphans like this one are what two-phase commit leaves when its coordinator is lost.
use std::time::{SystemTime, UNIX_EPOCH};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::FaultError;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::database::{execute, literal};
use crate::kind::{Kind, Moment, PutBack};
use crate::proof::lock;

/// PostgreSQL takes 199 bytes; a fault's id may be longer.
const LONGEST_ID_IN_GID: usize = 120;

/// Locks a table by a prepared transaction that nobody ends.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockTable {
    /// The table, without its schema. Of a partitioned one, every partition is locked.
    table: String,
    /// Who is kept out.
    #[serde(default)]
    mode: Mode,
}

/// A lock that keeps writers out, at least.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// Everybody, readers too.
    #[default]
    AccessExclusive,
    /// All but plain reads; `SELECT FOR UPDATE` waits.
    Exclusive,
    /// Writers, and whoever builds an index.
    ShareRowExclusive,
    /// Writers.
    Share,
}

impl Mode {
    const NAMES: [&str; 4] = ["access_exclusive", "exclusive", "share_row_exclusive", "share"];

    fn sql(self) -> &'static str {
        match self {
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Share => "SHARE",
        }
    }
}

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LockTableUndo {
    /// The table's name with its schema, as SQL.
    table: String,
    /// The prepared transaction's identifier.
    gid: String,
}

impl Kind for LockTable {
    const NAME: &'static str = "lock_table";
    const SUMMARY: &'static str = "locks a table by a prepared transaction that nobody ends";
    type Undo = LockTableUndo;

    fn example() -> Value {
        json!({"table": "orders"})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.name("table");
        arguments.optional_one_of("mode", &Mode::NAMES);
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<LockTableUndo, FaultError> {
        let mut connection = attempt.database().await?;
        let schema = attempt.target().schema_name();
        if most_prepared(&mut connection).await? == 0 {
            return Err(FaultError::refused(
                "this PostgreSQL prepares no transactions: set max_prepared_transactions to 1 or more in postgresql.conf \
                 and restart it",
            ));
        }
        let table = lock::table(&mut connection, schema, &self.table).await?;
        if let Some(held) = lock::held(&mut connection, schema, &self.table).await? {
            return Err(FaultError::refused(format!("{table} is locked already: {held}; undo that lock_table first")));
        }
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let id: String = moment.fault.chars().filter(char::is_ascii_graphic).take(LONGEST_ID_IN_GID).collect();
        Ok(LockTableUndo { table, gid: format!("{}{id}-{unix}", lock::GID_PREFIX) })
    }

    async fn act(&self, _: &Moment<'_>, undo: &LockTableUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let mut connection = attempt.database().await?;
        let (table, mode, gid) = (&undo.table, self.mode.sql(), &undo.gid);
        // An earlier attempt may have got through.
        if !is_prepared(&mut connection, gid).await? {
            // One message: there is no moment in which this process could die and leave a session that holds the lock.
            let statements = format!("BEGIN; LOCK TABLE {table} IN {mode} MODE; PREPARE TRANSACTION {}", literal(gid));
            execute(&mut connection, &statements).await?;
        }
        Ok(format!("locked {table} in {mode} MODE by the prepared transaction {gid}"))
    }
}

impl PutBack for LockTableUndo {
    async fn put_back(&self, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let mut connection = attempt.database().await?;
        let Self { table, gid } = self;
        if !is_prepared(&mut connection, gid).await? {
            return Ok(format!("the prepared transaction {gid} was gone already"));
        }
        let rolled_back = execute(&mut connection, &format!("ROLLBACK PREPARED {}", literal(gid))).await;
        // Whatever was said: somebody's hands may have been quicker.
        if is_prepared(&mut connection, gid).await? {
            rolled_back?;
            return Err(FaultError::NotYet { reason: format!("the prepared transaction {gid} is still there") });
        }
        Ok(format!("the prepared transaction {gid} is rolled back, {table} is free"))
    }

    fn by_hand(&self) -> String {
        format!("ROLLBACK PREPARED {};", literal(&self.gid))
    }
}

async fn most_prepared(connection: &mut PgConnection) -> Result<i32, FaultError> {
    let setting = sqlx::query_scalar("SELECT current_setting('max_prepared_transactions')::integer");
    setting.fetch_one(connection).await.map_err(FaultError::database("looking at max_prepared_transactions"))
}

async fn is_prepared(connection: &mut PgConnection, gid: &str) -> Result<bool, FaultError> {
    let statement = "SELECT EXISTS (SELECT FROM pg_prepared_xacts WHERE gid = $1 AND database = current_database())";
    let found = sqlx::query_scalar(statement).bind(gid).fetch_one(connection).await;
    found.map_err(FaultError::database("looking at prepared transactions"))
}
