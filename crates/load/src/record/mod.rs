//! What happened: counts and latencies per stream, journey, step, status and kind of failure.
//!
//! One [`Record`] per engine thread, merged for answers. Everything large hangs on an `Arc` that only the engine
//! writes through, so that a snapshot is a few hundred reference counts and never holds the engine up.
mod buckets;
mod histogram;
mod report;
mod stream;
mod test_report;

pub(crate) use buckets::{BucketLength, Buckets, TimeBucket};
pub(crate) use histogram::{Percentiles, Sparse, Totals};
pub(crate) use report::{Identity, Report, StreamNames};
pub(crate) use stream::{Outcome, Place, Record, Requested, StreamRecord, Visited};
pub(crate) use test_report::{TestFacts, test_report};
