//! A statement together with the connection it runs on.

use super::call::Call;
use super::pool::{Inner, SqlError};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;
use std::sync::Arc;
use std::time::Instant;

/// Measures how long a connection is in use.
#[derive(Debug)]
pub(super) struct UseClock {
    began: Instant,
    pool: Arc<Inner>,
}

impl Drop for UseClock {
    fn drop(&mut self) {
        self.pool.released(self.began.elapsed());
    }
}

impl UseClock {
    pub(super) fn start(pool: Arc<Inner>) -> Self {
        let began = Instant::now();
        Self { began, pool }
    }
}

/// A statement whose connection is there. Run it on [`Query::connection`], then call [`Query::finish`].
#[derive(Debug)]
pub struct Query {
    call: Call,
    connection: PoolConnection<Postgres>,
    _clock: UseClock,
}

impl Query {
    pub(super) fn new(call: Call, connection: PoolConnection<Postgres>, clock: UseClock) -> Self {
        Self { call, connection, _clock: clock }
    }

    /// The connection, as an executor for sqlx.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Sets an attribute on the statement's span.
    pub fn set(&self, key: &'static str, value: impl Into<opentelemetry::Value>) {
        self.call.set(key, value);
    }

    /// Records `result`, gives the connection back and ends the span. `rows` counts what came back.
    ///
    /// # Errors
    /// That of `result`.
    pub fn finish<T>(self, result: Result<T, sqlx::Error>, rows: impl FnOnce(&T) -> usize) -> Result<T, SqlError> {
        let count = result.as_ref().ok().map(rows);
        drop(self.complete(&result, count));
        result.map_err(SqlError::Database)
    }

    /// Records `result` and gives the connection back, but keeps the span open for more attributes (the plan's, which
    /// another pool has to be asked for). The span's end is the moment of this call, however long that takes.
    pub fn complete<T>(mut self, result: &Result<T, sqlx::Error>, rows: Option<usize>) -> Call {
        self.call.complete_with(result, rows);
        self.call
    }
}
