//! OTLP messages into columns: a walk over the bytes of each message, then one over the new rows.
//!
//! First the rows are written. If the message turns out malformed they are taken back, and nothing has happened. Only
//! then aggregates and index learn of them.

mod kept;
mod logs;
mod metrics;
mod tally;
mod traces;

pub(crate) use kept::{CountedKeys, Counts, Kept};
pub(crate) use logs::count as count_log;
pub(crate) use tally::{Measured, Tally};
