//! Whether a fault really bit. A proof looks at the part itself, never at what the fault's own act said.
//!
//! One file per family. A state (a plan, a lock) is what is seen now; a peak (waiters, hits) is the most there was since the fault.
mod calibration;
mod filter;
pub(crate) mod lock;
mod plan;
mod pool;
mod reachability;
mod retries;
mod tampering;

use indexmap::IndexMap;
use scenario::Proof;

use crate::{FaultError, Target};

pub use calibration::Calibration;
pub(crate) use calibration::calibrate;

/// What was found when a proof was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whether the claim holds.
    pub holds: bool,
    /// What was seen, such as `Seq Scan on products_electronics`.
    pub seen: String,
}

/// Looks whether `proof` holds now. `queries` are the scenario's.
pub(crate) async fn look(
    target: &Target,
    proof: &Proof,
    queries: &IndexMap<String, String>,
) -> Result<Seen, FaultError> {
    match proof {
        Proof::Plan { query, is } => plan::shape(target, query, *is, queries).await,
        Proof::IndexAbsent { index } => plan::index_absent(target, index).await,
        Proof::PoolWaiters { pool, at_least } => pool::waiters(target, pool, *at_least).await,
        Proof::PoolSize { pool, is } => pool::size(target, pool, *is).await,
        Proof::PoolLeaked { pool, at_least } => pool::leaked(target, pool, *at_least).await,
        Proof::TableLocked { table } => lock::table_locked(target, table).await,
        Proof::LockWaiters { table, at_least } => lock::waiters(target, table, *at_least).await,
        Proof::Unreachable { part } => reachability::unreachable(target, part).await,
        Proof::FilterHits { service, at_least } => filter::hits(target, service, *at_least).await,
        Proof::RetriesSent { stream, at_least } => retries::sent(target, stream, *at_least).await,
        Proof::RequestsChanged { stream, at_least } => tampering::changed(target, stream, *at_least).await,
    }
}

/// Makes a peak that somebody keeps count of count from now on. A filter's and a stream's counts begin with the fault itself.
pub(crate) async fn count_from_now(target: &Target, proof: &Proof) -> Result<(), FaultError> {
    match proof {
        Proof::PoolWaiters { pool, .. } => crate::admin::pools::reset(target, pool).await,
        _ => Ok(()),
    }
}
