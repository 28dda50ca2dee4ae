//! A connection pool that measures its queue.

use super::call::{Call, Statement, milliseconds};
use super::query::{Query, UseClock};
use super::stats::{PoolStats, Record};
use super::transaction::Transaction;
use crate::conventions::shared;
use crate::instruments::instruments;
use crate::{attr, events, metric, provider};
use opentelemetry::{KeyValue, Value};
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The database a statement goes to, in the words of the conventions.
#[derive(Clone, Debug)]
pub struct DbPeer {
    pub(super) service: Value,
    pub(super) host: Value,
    pub(super) port: u16,
    pub(super) namespace: Value,
}

impl DbPeer {
    /// A PostgreSQL database called `namespace` at `host` (a name, an address, or a socket directory) and `port`.
    pub fn postgresql(host: impl Into<String>, port: u16, namespace: impl Into<String>) -> Self {
        Self { service: "postgresql".into(), host: shared(host.into()), port, namespace: shared(namespace.into()) }
    }

    /// As sqlx was told to connect.
    pub fn of(options: &sqlx::postgres::PgConnectOptions) -> Self {
        let host = options
            .get_socket()
            .map(|socket| socket.display().to_string())
            .unwrap_or_else(|| options.get_host().to_owned());
        let database = options.get_database().unwrap_or(options.get_username());
        Self::postgresql(host, options.get_port(), database)
    }
}

/// Why a statement did not run, or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// Connections were in use, and none came free in time.
    #[error("pool {pool} exhausted: no connection within {wait_ms:.0} ms")]
    PoolExhausted {
        /// Name of the pool.
        pool: &'static str,
        /// How long the caller waited.
        wait_ms: f64,
    },
    /// The database, or the way to it: an unreachable one is `PoolTimedOut` in here.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

impl SqlError {
    /// Whether the pool was the reason.
    pub fn is_pool_exhausted(&self) -> bool {
        matches!(self, Self::PoolExhausted { .. })
    }
}

/// A named pool. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    name: &'static str,
    pool: PgPool,
    pub(super) peer: DbPeer,
    record: Record,
    /// Attributes of the pool's metrics.
    labels: [KeyValue; 1],
}

impl Pool {
    /// Instruments `pool` under `name`, which is unique in the process. The size and the acquire timeout are those of
    /// the pool's own options.
    pub fn new(name: &'static str, pool: PgPool) -> Self {
        let peer = DbPeer::of(&pool.connect_options());
        let inner = Arc::new(Inner {
            name,
            pool,
            peer,
            record: Record::default(),
            labels: [KeyValue::new(attr::db::POOL_NAME, name)],
        });
        observe(&inner);
        Self { inner }
    }

    /// Name of the pool.
    pub fn name(&self) -> &'static str {
        self.inner.name
    }

    /// The pool underneath, for what needs no span: readiness probes, migrations.
    pub fn raw(&self) -> &PgPool {
        &self.inner.pool
    }

    /// The database behind the pool.
    pub fn peer(&self) -> &DbPeer {
        &self.inner.peer
    }

    /// Starts the span of `statement` and waits for a connection to run it on.
    ///
    /// # Errors
    /// If none comes free within the pool's acquire timeout ([`SqlError::PoolExhausted`]) or none can be made. The span
    /// has then ended as an error. Dropping the future leaves the queue and ends the span as `cancelled`.
    pub async fn start(&self, statement: &Statement) -> Result<Query, SqlError> {
        let mut call = Call::start_waiting(statement, &self.inner.peer);
        let (connection, clock) = self.inner.acquire(&mut call).await?;
        Ok(Query::new(call, connection, clock))
    }

    /// Starts a transaction. The wait for a connection and the `BEGIN` are in a span `BEGIN`.
    ///
    /// # Errors
    /// Like [`Pool::start`].
    pub async fn begin(&self) -> Result<Transaction, SqlError> {
        Transaction::begin(&self.inner).await
    }

    /// A snapshot; `reset` starts `pending_max` anew.
    pub fn stats(&self, reset: bool) -> PoolStats {
        let pool = &self.inner.pool;
        let size = pool.size();
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX).min(size);
        PoolStats {
            name: self.inner.name.to_owned(),
            max: pool.options().get_max_connections(),
            size,
            idle,
            in_use: size - idle,
            ..self.inner.record.snapshot(reset)
        }
    }
}

impl Inner {
    /// Waits for a connection on behalf of `call`.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        call: &mut Call,
    ) -> Result<(PoolConnection<Postgres>, UseClock), SqlError> {
        let began = Instant::now();
        let uses_before = self.record.uses_begun();
        let pending = self.record.pend();
        let result = self.pool.acquire().await;
        drop(pending);
        let wait = began.elapsed();
        self.record.waited(wait);
        if let Some(instruments) = instruments() {
            instruments.pool_wait.record(wait.as_secs_f64(), &self.labels);
        }
        match result {
            Ok(connection) => {
                call.connected(wait);
                self.record.use_begins();
                Ok((connection, UseClock::start(Arc::clone(self))))
            }
            // sqlx reports an unreachable database in the same way. Only if somebody had connections to give back
            // was the pool too small.
            Err(sqlx::Error::PoolTimedOut) if self.record.had_users_since(uses_before) => {
                Err(self.exhausted(call, wait))
            }
            Err(error) => {
                call.fail(&error);
                Err(SqlError::Database(error))
            }
        }
    }

    fn exhausted(&self, call: &mut Call, wait: Duration) -> SqlError {
        let wait_ms = milliseconds(wait);
        let rejected = self.record.timed_out();
        let size = self.pool.options().get_max_connections();
        call.set(attr::DB_POOL_EXHAUSTED, true);
        call.set(attr::DB_POOL_SIZE, i64::from(size));
        call.set(attr::DB_POOL_WAIT_TIME_MS, wait_ms);
        let rejected_count = i64::try_from(rejected).unwrap_or(i64::MAX);
        call.set(attr::DB_POOL_REJECTED_COUNT, rejected_count);
        call.set(attr::db::POOL_NAME, self.name);
        let description = format!("pool {} exhausted", self.name);
        call.fail_as("pool_timeout".into(), description);
        if let Some(instruments) = instruments() {
            instruments.pool_timeouts.add(1, &self.labels);
        }
        events::pool_exhaustion(self.name, size, wait_ms, rejected);
        SqlError::PoolExhausted { pool: self.name, wait_ms }
    }

    /// Records that a connection was given back after `time`.
    pub(super) fn released(&self, time: Duration) {
        self.record.use_ends(time);
        if let Some(instruments) = instruments() {
            instruments.pool_use.record(time.as_secs_f64(), &self.labels);
        }
    }
}

/// Registers the metrics that are read instead of recorded. They last as long as the pool does.
fn observe(inner: &Arc<Inner>) {
    let Some(meter) = provider::meter() else {
        return;
    };
    let name = inner.name;
    let label = move || KeyValue::new(attr::db::POOL_NAME, name);
    let pool = Arc::downgrade(inner);
    meter
        .i64_observable_up_down_counter(metric::DB_CLIENT_CONNECTION_COUNT)
        .with_unit("{connection}")
        .with_callback(move |observer| {
            let Some(inner) = pool.upgrade() else { return };
            let size = i64::from(inner.pool.size());
            let idle = i64::try_from(inner.pool.num_idle()).unwrap_or(size).min(size);
            let state = |state| [label(), KeyValue::new(attr::db::CONNECTION_STATE, state)];
            observer.observe(idle, &state("idle"));
            observer.observe(size - idle, &state("used"));
        })
        .build();
    let pool = Arc::downgrade(inner);
    meter
        .i64_observable_up_down_counter(metric::DB_CLIENT_CONNECTION_MAX)
        .with_unit("{connection}")
        .with_callback(move |observer| {
            let Some(inner) = pool.upgrade() else { return };
            let max = inner.pool.options().get_max_connections();
            observer.observe(i64::from(max), &[label()]);
        })
        .build();
    let pool = Arc::downgrade(inner);
    meter
        .i64_observable_up_down_counter(metric::DB_CLIENT_CONNECTION_PENDING_REQUESTS)
        .with_unit("{request}")
        .with_callback(move |observer| {
            let Some(inner) = pool.upgrade() else { return };
            let pending = i64::try_from(inner.record.pending()).unwrap_or(i64::MAX);
            observer.observe(pending, &[label()]);
        })
        .build();
}
