//! Several statements on one connection, all or none.

use super::call::{Call, Statement};
use super::pool::{Inner, SqlError};
use super::query::UseClock;
use sqlx::Postgres;
use sqlx::postgres::PgConnection;
use std::future::Future;
use std::sync::Arc;

const BEGIN: Statement = Statement::new("BEGIN", "transaction", "BEGIN", "BEGIN");
const COMMIT: Statement = Statement::new("COMMIT", "transaction", "COMMIT", "COMMIT");
const ROLLBACK: Statement = Statement::new("ROLLBACK", "transaction", "ROLLBACK", "ROLLBACK");

/// An open transaction. Dropping it rolls back.
///
/// ```no_run
/// # use telemetry::sql::{Pool, SqlError, Statement};
/// const TAKE: Statement = Statement::new("UPDATE", "products", "UPDATE products", "UPDATE products SET stock = stock - 1");
/// # async fn take(pool: &Pool) -> Result<(), SqlError> {
/// let mut transaction = pool.begin().await?;
/// let call = transaction.call(&TAKE);
/// let result = sqlx::query(TAKE.text).execute(transaction.connection()).await;
/// transaction.finish(call, result, |done| done.rows_affected() as usize)?;
/// transaction.commit().await
/// # }
/// ```
#[derive(Debug)]
pub struct Transaction {
    inner: sqlx::Transaction<'static, Postgres>,
    pool: Arc<Inner>,
    _clock: UseClock,
}

impl Transaction {
    pub(super) async fn begin(pool: &Arc<Inner>) -> Result<Self, SqlError> {
        let mut call = Call::start_waiting(&BEGIN, &pool.peer);
        let (connection, clock) = pool.acquire(&mut call).await?;
        let result = sqlx::Transaction::begin(connection, None).await;
        call.complete_with(&result, None);
        Ok(Self { inner: result?, pool: Arc::clone(pool), _clock: clock })
    }

    /// The connection, as an executor for sqlx.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Starts the span of `statement`; end it with [`Transaction::finish`].
    pub fn call(&self, statement: &Statement) -> Call {
        Call::start(statement, &self.pool.peer)
    }

    /// Records `result` on `call` and ends its span. `rows` counts what came back.
    ///
    /// # Errors
    /// That of `result`.
    pub fn finish<T>(
        &self,
        mut call: Call,
        result: Result<T, sqlx::Error>,
        rows: impl FnOnce(&T) -> usize,
    ) -> Result<T, SqlError> {
        call.complete_with(&result, result.as_ref().ok().map(rows));
        result.map_err(SqlError::Database)
    }

    /// Commits, in a span `COMMIT`.
    ///
    /// # Errors
    /// If the database refuses; nothing was written then.
    pub async fn commit(self) -> Result<(), SqlError> {
        end(&COMMIT, &self.pool, self.inner.commit()).await
    }

    /// Rolls back, in a span `ROLLBACK`.
    ///
    /// # Errors
    /// If the connection broke; the database rolls back then too.
    pub async fn rollback(self) -> Result<(), SqlError> {
        end(&ROLLBACK, &self.pool, self.inner.rollback()).await
    }
}

async fn end(
    statement: &Statement,
    pool: &Inner,
    work: impl Future<Output = Result<(), sqlx::Error>>,
) -> Result<(), SqlError> {
    let mut call = Call::start(statement, &pool.peer);
    let result = work.await;
    call.complete_with(&result, None);
    result.map_err(SqlError::Database)
}
