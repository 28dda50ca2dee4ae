//! What the store does with a disk: files of a run, memory that spills, data that outlasts a process.

mod data;
mod export;
pub(crate) mod shop;
mod spill;
