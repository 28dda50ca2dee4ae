//! Connection pools, and what a caller sees when the database can't answer.

use std::time::Duration;

use chassis::Dependency;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use telemetry::sql::Pool;

use crate::config::{Config, PoolSize};
use crate::database::{DatabaseUrl, Planning};

/// How long a connection stays open unused: a burst's connections go, a lull keeps them.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// Probes come one at a time; a readiness check gives up after a second as well.
const PROBE_POOL: PoolSize = PoolSize { connections: 1, acquire_timeout: Duration::from_secs(1) };

/// Opens a named pool; it connects when it is first asked for a connection.
///
/// Connections are not tested before use: a test is a round trip that every request would pay. One that broke
/// fails its next statement and is replaced.
pub(crate) fn open_pool(name: &'static str, database: &DatabaseUrl, size: PoolSize, planning: Planning) -> Pool {
    Pool::new(name, open_raw(name, database, size, planning))
}

/// The same with all connections open from the start. Opening twenty at once, when a burst comes, costs the machine half a
/// second of both its processors, and everybody on it waits.
pub(crate) fn open_warm_pool(name: &'static str, database: &DatabaseUrl, size: PoolSize, planning: Planning) -> Pool {
    // With an idle timeout the pool would look after its least number for the first time when that has passed.
    let warm = options(size).min_connections(size.connections).idle_timeout(None);
    Pool::new(name, warm.connect_lazy_with(session(name, database, planning)))
}

/// A pool without telemetry, for what is not a request's work.
pub(crate) fn open_raw(name: &'static str, database: &DatabaseUrl, size: PoolSize, planning: Planning) -> PgPool {
    options(size).connect_lazy_with(session(name, database, planning))
}

fn options(size: PoolSize) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(size.connections)
        .acquire_timeout(size.acquire_timeout)
        .test_before_acquire(false)
        .idle_timeout(IDLE_TIMEOUT)
        // A connection replaced in the middle of a scenario would be a fault that nobody ordered.
        .max_lifetime(None)
        // Waiting is what the pool's own measurements tell about.
        .acquire_slow_threshold(Duration::MAX)
}

fn session(name: &str, database: &DatabaseUrl, planning: Planning) -> PgConnectOptions {
    database.session(&format!("doorbuster {name}"), planning).disable_statement_logging()
}

/// Readiness of the database: the schema is there and answers. Asked on a connection of its own: requests that
/// queue for theirs are no reason to call the database away.
pub(crate) fn database_dependency(config: &Config) -> Dependency {
    let pool = open_raw("ready", &config.database, PROBE_POOL, Planning::Cached);
    Dependency::new("postgresql", move || {
        let pool = pool.clone();
        async move {
            let asked = sqlx::query("SELECT 1 FROM dataset").fetch_optional(&pool).await;
            match asked {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err("the shop's data is not there; run `doorbuster migrate`".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        }
    })
}
