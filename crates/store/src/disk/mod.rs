//! What is kept on disk: Parquet files, one row group or more each, that any tool can read.
//!
//! In memory rows stand in plain columns; Arrow appears here only, at the border. `table` says what a file's columns
//! are, `spans`, `logs` and `points` how rows become columns and back, `write` and `part` are one file.

mod account;
mod batch;
mod error;
mod export;
mod folder;
mod json;
mod keeper;
mod kind;
mod logs;
mod looking;
mod moments;
mod open_data;
mod open_run;
mod part;
mod points;
mod reading;
mod retention;
#[cfg(test)]
mod round_trip;
mod spans;
mod table;
mod words;
mod write;

pub use error::StoreError;
pub use export::Exported;
pub(crate) use json::JsonText;
pub(crate) use keeper::Disk;
pub use keeper::Maintained;
pub(crate) use kind::{Held, Kind, Parts, Snapshot};
pub use looking::Searched;
pub use open_data::Recovered;
pub(crate) use reading::{Depth, Loaded};
pub(crate) use words::Words;
