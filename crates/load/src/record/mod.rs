//! What happened: counts and latencies per stream, journey, step, status and kind of failure.
//!
//! One [`Record`] per engine thread, merged for answers. Everything large hangs on an `Arc` that only the engine
//! writes through, so that a snapshot is a few hundred reference counts and never holds the engine up.
mod histogram;
mod report;
mod stream;

pub(crate) use histogram::{Percentiles, Sparse, Totals};
pub(crate) use report::{Identity, Report, StreamNames};
#[cfg(test)]
pub(crate) use stream::TimeBucket;
pub(crate) use stream::{BUCKET_MINUTES, Outcome, Record, StreamRecord, Visited};
