//! A connection pool that measures its queue.

use super::call::{Call, Statement, milliseconds};
use super::leak::Leak;
use super::peer::DbPeer;
use super::query::{Query, UseClock};
use super::stats::{PoolStats, Record};
use super::transaction::Transaction;
use crate::instruments::instruments;
use crate::{attr, events, metric, provider};
use opentelemetry::KeyValue;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

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
    current: RwLock<Current>,
    /// The size that the pool was made with.
    configured: u32,
    pub(super) peer: DbPeer,
    pub(super) record: Record,
    /// Attributes of the pool's metrics.
    labels: [KeyValue; 1],
}

/// What callers get connections from; replaced as a whole when the size changes.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) pool: PgPool,
    /// How many there were before.
    pub(super) generation: u64,
}

impl Current {
    /// Connections it may open.
    pub(super) fn max(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    fn idle(&self) -> u32 {
        u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX).min(self.pool.size())
    }
}

impl Pool {
    /// Instruments `pool` under `name`, which is unique in the process. The size and the acquire timeout are those of
    /// the pool's own options.
    pub fn new(name: &'static str, pool: PgPool) -> Self {
        let peer = DbPeer::of(&pool.connect_options());
        let inner = Arc::new(Inner {
            name,
            configured: pool.options().get_max_connections(),
            current: RwLock::new(Current { pool, generation: 0 }),
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

    /// The pool underneath, for what needs no span. It is another one after [`Pool::resize`].
    pub fn raw(&self) -> PgPool {
        self.inner.current().pool
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

    /// Lets the pool open `connections` from now on. Does nothing where that is its size already.
    ///
    /// New callers go to a new pool. Who waits already is served, or times out, where it waits; connections in use come
    /// back there, and all of the old ones close with the last that was in use. So nobody is turned away, and for as long
    /// as a statement takes there may be more connections than before and after. A pool whose connections are all
    /// kept open keeps all of its new ones open.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn resize(&self, connections: NonZeroU32) {
        let mut current = self.inner.current.write().unwrap_or_else(PoisonError::into_inner);
        let connections = connections.get();
        if current.max() == connections {
            return;
        }
        let options = current.pool.options().clone();
        let kept_open = options.get_min_connections();
        let kept_open = if kept_open == current.max() { connections } else { kept_open.min(connections) };
        let options = options.max_connections(connections).min_connections(kept_open);
        let pool = options.connect_lazy_with((*current.pool.connect_options()).clone());
        *current = Current { pool, generation: current.generation + 1 };
    }

    /// The size that the pool was made with, which [`Pool::resize`] does not change.
    pub fn configured(&self) -> NonZeroU32 {
        NonZeroU32::new(self.inner.configured).unwrap_or(NonZeroU32::MIN)
    }

    /// A leak that holds nothing yet.
    pub fn leak(&self) -> Leak {
        Leak::of(Arc::clone(&self.inner))
    }

    /// A snapshot; `reset` starts `pending_max` anew.
    pub fn stats(&self, reset: bool) -> PoolStats {
        let current = self.inner.current();
        let size = current.pool.size();
        let idle = current.idle().min(size);
        PoolStats {
            name: self.inner.name.to_owned(),
            max: current.max(),
            configured: self.inner.configured,
            size,
            idle,
            in_use: size - idle,
            ..self.inner.record.snapshot(reset)
        }
    }
}

impl Inner {
    pub(super) fn current(&self) -> Current {
        // It is replaced in one go.
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a connection on behalf of `call`.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        call: &mut Call,
    ) -> Result<(PoolConnection<Postgres>, UseClock), SqlError> {
        let began = Instant::now();
        let uses_before = self.record.uses_begun();
        let pending = self.record.pend();
        let current = self.current();
        let result = current.pool.acquire().await;
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
                Err(self.exhausted(call, wait, current.max()))
            }
            Err(error) => {
                call.fail(&error);
                Err(SqlError::Database(error))
            }
        }
    }

    fn exhausted(&self, call: &mut Call, wait: Duration, size: u32) -> SqlError {
        let wait_ms = milliseconds(wait);
        let rejected = self.record.timed_out();
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
            let current = inner.current();
            let size = i64::from(current.pool.size());
            let idle = i64::from(current.idle()).min(size);
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
            observer.observe(i64::from(inner.current().max()), &[label()]);
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
