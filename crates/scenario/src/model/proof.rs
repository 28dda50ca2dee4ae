//! What shows that a fault is real.

use serde::{Deserialize, Serialize};

/// Evidence that a fault is real, gathered while it is applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proof {
    /// The plan of a named query has this shape.
    Plan {
        /// Key of [`Scenario::queries`](crate::Scenario::queries).
        query: String,
        /// The shape.
        is: PlanShape,
    },
    /// The catalogue has no valid index of that name.
    IndexAbsent {
        /// Its name, without schema.
        index: String,
    },
    /// At least so many acquires waited at once for a pool, at some moment while the fault was applied.
    PoolWaiters {
        /// The pool's name, as its service reports it.
        pool: String,
        /// Waiters.
        at_least: u32,
    },
    /// A pool has this many connections.
    PoolSize {
        /// The pool's name, as its service reports it.
        pool: String,
        /// Its limit.
        is: u32,
    },
    /// At least so many sessions of a pool were taken and not given back, at some moment while the fault was applied.
    PoolLeaked {
        /// The pool's name, as its service reports it.
        pool: String,
        /// Sessions.
        at_least: u32,
    },
    /// A table is locked by a transaction that nobody works on.
    TableLocked {
        /// Its name, without schema.
        table: String,
    },
    /// At least so many sessions waited at once for a lock on a table, at some moment while the fault was applied.
    LockWaiters {
        /// Its name, without schema.
        table: String,
        /// Sessions.
        at_least: u32,
    },
    /// Nothing answers.
    Unreachable {
        /// A service, or `redis`.
        part: String,
    },
    /// At least so many requests to a service were delayed or refused on purpose.
    FilterHits {
        /// The service.
        service: String,
        /// Requests.
        at_least: u32,
    },
    /// At least so many failed requests of a stream were sent again.
    RetriesSent {
        /// The stream.
        stream: String,
        /// Requests.
        at_least: u32,
    },
    /// At least so many requests of a stream were changed on their way out.
    RequestsChanged {
        /// The stream.
        stream: String,
        /// Requests.
        at_least: u32,
    },
}

impl Proof {
    /// What is to be shown, in words: the [`claim`](crate::ProofRecord::claim) under which its record is looked up.
    pub fn claim(&self) -> String {
        match self {
            Self::Plan { query, is: PlanShape::SeqScan } => format!("the plan of {query} is a sequential scan"),
            Self::Plan { query, is: PlanShape::IndexScan } => format!("the plan of {query} is an index scan"),
            Self::IndexAbsent { index } => format!("index {index} is absent"),
            Self::PoolWaiters { pool, at_least } => {
                format!("at least {at_least} waited for a connection of pool {pool}")
            }
            Self::PoolSize { pool, is } => format!("pool {pool} has {is} connections"),
            Self::PoolLeaked { pool, at_least } => format!("at least {at_least} sessions of pool {pool} have leaked"),
            Self::TableLocked { table } => format!("table {table} is locked"),
            Self::LockWaiters { table, at_least } => {
                format!("at least {at_least} sessions waited for a lock on table {table}")
            }
            Self::Unreachable { part } => format!("{part} does not answer"),
            Self::FilterHits { service, at_least } => {
                format!("at least {at_least} requests to {service} were delayed or refused")
            }
            Self::RetriesSent { stream, at_least } => {
                format!("at least {at_least} failed requests of {stream} were sent again")
            }
            Self::RequestsChanged { stream, at_least } => {
                format!("at least {at_least} requests of {stream} were changed on their way out")
            }
        }
    }

    /// Whether it is enough that it held at some moment (a peak); otherwise it must hold whenever it is looked at (a state).
    pub fn holds_at_some_moment(&self) -> bool {
        match self {
            Self::PoolWaiters { .. }
            | Self::PoolLeaked { .. }
            | Self::LockWaiters { .. }
            | Self::FilterHits { .. }
            | Self::RetriesSent { .. }
            | Self::RequestsChanged { .. } => true,
            Self::Plan { .. }
            | Self::IndexAbsent { .. }
            | Self::PoolSize { .. }
            | Self::TableLocked { .. }
            | Self::Unreachable { .. } => false,
        }
    }
}

/// The access path that a plan takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanShape {
    /// A sequential scan.
    SeqScan,
    /// Any scan through an index.
    IndexScan,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_reads_as_it_stands_in_a_file_and_claims_something_of_its_own() {
        // As in a file, and whether it is enough that it held once.
        let table = [
            (json!({"kind": "plan", "query": "q", "is": "seq_scan"}), false),
            (json!({"kind": "plan", "query": "q", "is": "index_scan"}), false),
            (json!({"kind": "index_absent", "index": "i"}), false),
            (json!({"kind": "pool_waiters", "pool": "p", "at_least": 3}), true),
            (json!({"kind": "pool_size", "pool": "p", "is": 3}), false),
            (json!({"kind": "pool_leaked", "pool": "p", "at_least": 3}), true),
            (json!({"kind": "table_locked", "table": "t"}), false),
            (json!({"kind": "lock_waiters", "table": "t", "at_least": 3}), true),
            (json!({"kind": "unreachable", "part": "redis"}), false),
            (json!({"kind": "filter_hits", "service": "cart", "at_least": 3}), true),
            (json!({"kind": "retries_sent", "stream": "demo", "at_least": 3}), true),
            (json!({"kind": "requests_changed", "stream": "demo", "at_least": 3}), true),
        ];
        let mut claims = BTreeSet::new();
        for (text, is_peak) in table {
            let proof: Proof = serde_json::from_value(text.clone()).expect("a kind of proof");
            assert_eq!(proof.holds_at_some_moment(), is_peak, "{text}");
            assert!(claims.insert(proof.claim()), "records are looked up by claim: {text}");
            assert_eq!(serde_json::to_value(&proof).expect("serializable"), text);
        }
    }
}
