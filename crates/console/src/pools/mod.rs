//! Connection pools, worked out from the metrics that the semantic conventions have for them
//! (`db.client.connection.*` by `db.client.connection.pool.name`). Any SDK's pools are shown, not only the shop's.
//!
//! `growth` reads counters and histograms of either temporality; `figures` puts pools together.

mod figures;
mod growth;

pub use figures::{Pool, PoolPoint, PoolTimes};

pub(crate) use figures::pools;
