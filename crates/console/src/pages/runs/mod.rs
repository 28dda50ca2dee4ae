//! Past runs: the list, one of them, two beside each other.

mod compare;
mod list;
mod one;

pub(crate) use compare::{choose_two, compared};
pub(crate) use list::runs;
pub(crate) use one::{no_run, run};
