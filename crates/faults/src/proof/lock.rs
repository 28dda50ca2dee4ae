//! Locks on a table: who holds it though nobody works on it, and who waits.

use sqlx::PgConnection;

use super::Seen;
use crate::database::{Purpose, connect};
use crate::{FaultError, Target};

/// How the prepared transactions of `lock_table` begin: what an operator sees in `pg_prepared_xacts`.
pub(crate) const GID_PREFIX: &str = "doorbuster-";

/// The name of a table as SQL. Refuses what is none.
pub(crate) async fn table(connection: &mut PgConnection, schema: &str, name: &str) -> Result<String, FaultError> {
    let statement = "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')";
    let found: Option<String> = sqlx::query_scalar(statement)
        .bind(schema)
        .bind(name)
        .fetch_optional(connection)
        .await
        .map_err(FaultError::database(format!("looking table {name} up")))?;
    found.ok_or_else(|| {
        FaultError::refused(format!("there is no table {name} in schema {schema}: name one that is there"))
    })
}

/// The prepared transaction that keeps writers out of a table, in words, if there is one.
pub(crate) async fn held(
    connection: &mut PgConnection,
    schema: &str,
    name: &str,
) -> Result<Option<String>, FaultError> {
    // No process stands behind the locks of a prepared transaction. Which of them belong together says the virtual transaction,
    // which is another one after a restart; which transaction that is, the lock that each has on its own number.
    let statement = "SELECT format('%s held by the prepared transaction %s', l.mode, p.gid) \
                     FROM pg_locks l JOIN pg_locks own USING (virtualtransaction) \
                       JOIN pg_prepared_xacts p ON own.locktype = 'transactionid' AND own.transactionid = p.transaction \
                     WHERE l.locktype = 'relation' AND l.granted AND l.pid IS NULL AND own.pid IS NULL \
                       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                       AND l.relation = to_regclass(format('%I.%I', $1::text, $2::text)) AND starts_with(p.gid, $3) \
                       AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') \
                     ORDER BY p.prepared LIMIT 1";
    let found = sqlx::query_scalar(statement).bind(schema).bind(name).bind(GID_PREFIX).fetch_optional(connection).await;
    found.map_err(FaultError::database(format!("looking at locks on {name}")))
}

/// Whether a prepared transaction holds the table.
pub(super) async fn table_locked(target: &Target, name: &str) -> Result<Seen, FaultError> {
    let mut connection = connect(target, Purpose::Proof).await?;
    let held = held(&mut connection, target.schema_name(), name).await?;
    Ok(match held {
        Some(seen) => Seen { holds: true, seen },
        None => Seen { holds: false, seen: format!("no prepared transaction of ours locks {name}") },
    })
}

/// Sessions that wait for a lock on the table or a partition of it, now.
pub(super) async fn waiters(target: &Target, name: &str, at_least: u32) -> Result<Seen, FaultError> {
    let mut connection = connect(target, Purpose::Proof).await?;
    // Not by pg_partition_tree, which would wait for the same lock.
    let statement = "WITH RECURSIVE wanted (oid) AS ( \
                         SELECT to_regclass(format('%I.%I', $1::text, $2::text))::oid \
                         UNION ALL SELECT h.inhrelid FROM pg_inherits h JOIN wanted ON h.inhparent = wanted.oid) \
                     SELECT count(DISTINCT l.pid) FROM pg_locks l \
                     WHERE l.locktype = 'relation' AND NOT l.granted \
                       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                       AND l.relation IN (SELECT oid FROM wanted)";
    let waiting: i64 = sqlx::query_scalar(statement)
        .bind(target.schema_name())
        .bind(name)
        .fetch_one(&mut connection)
        .await
        .map_err(FaultError::database(format!("looking at locks on {name}")))?;
    Ok(Seen {
        holds: waiting >= i64::from(at_least),
        seen: format!("sessions that wait for a lock on {name}: {waiting}"),
    })
}
