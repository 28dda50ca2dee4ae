//! Log records in columns.

mod chunk;
mod counts;
mod search;

pub(crate) use chunk::{LogChunk, NewLog};
pub use counts::LogCounts;
pub(crate) use counts::counts;
pub use search::{LogSearch, LogView};
pub(crate) use search::{Wanted, look, severity_word};
