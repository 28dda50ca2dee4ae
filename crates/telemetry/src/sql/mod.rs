//! PostgreSQL: statements, their spans, and connection pools that say how crowded they are.
//!
//! A statement's CLIENT span covers the wait for a connection *and* the execution, because that is what its caller
//! waits for; `db.connection.pool.wait_time_ms` and `db.duration_ms` tell the two apart. A span whose acquire timed
//! out ends as an error with `db.connection.pool.exhausted`.
//!
//! ```no_run
//! # use telemetry::sql::{Pool, Statement};
//! const FIND: Statement = Statement::new("SELECT", "products", "SELECT products", "SELECT name FROM products WHERE id = $1");
//! # async fn find(pool: &Pool, id: i64) -> Result<(), telemetry::sql::SqlError> {
//! let mut query = pool.start(&FIND).await?;
//! let result = sqlx::query(FIND.text).bind(id).fetch_all(query.connection()).await;
//! let rows = query.finish(result, Vec::len)?;
//! # Ok(()) }
//! ```

mod call;
mod leak;
mod peer;
mod pool;
mod query;
mod stats;
mod transaction;

pub use call::{Call, SLOW_QUERY, Statement, traced};
pub use leak::Leak;
pub use peer::DbPeer;
pub use pool::{Pool, SqlError};
pub use query::Query;
pub use stats::{PoolStats, Quantiles};
pub use transaction::Transaction;
