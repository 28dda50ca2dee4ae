//! Log records in columns.

mod chunk;
mod search;

pub(crate) use chunk::{LogChunk, NewLog};
pub use search::{LogSearch, LogView};
pub(crate) use search::{Wanted, look, severity_word};
