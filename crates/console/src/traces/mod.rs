//! What can be worked out of the spans of a trace: their tree, where the time went, and how two traces differ.
//!
//! All of it is pure. `tree` comes first; `timing` has self times and the critical path; `rows` is what the waterfall is
//! drawn from; `align` lays two trees beside each other, `compare` says how they differ, `words` says it to people.

mod align;
mod chips;
mod compare;
mod differences;
mod find;
mod rows;
mod timing;
mod tree;
mod words;

#[cfg(test)]
mod made;

pub use chips::Chip;
pub use compare::{Compared, ComparedRow, Half, Side};
pub use differences::AttributeDifference;
pub use rows::{TraceRow, TraceRows};

pub(crate) use compare::compare;
pub(crate) use find::find;
pub(crate) use rows::rows;
pub(crate) use words::value;
