//! OTLP messages into columns: a walk over the bytes of each message, then one over the new rows.
//!
//! First the rows are written. If the message turns out malformed they are taken back, and nothing has happened. Only
//! then aggregates and index learn of them.

mod kept;
mod logs;
mod metrics;
mod traces;

pub(crate) use kept::{Counts, Kept};
pub(crate) use logs::count as count_log;
pub(crate) use traces::{Measured, Tally};
