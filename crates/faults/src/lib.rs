//! Puts real faults into real parts, proves that they bit, and always puts everything back.
//!
//! The order is the promise: what undoes a fault is on disk before the fault is. Every undo looks at what is there and
//! may run any number of times, so a process that dies at any point is made good by [`recover`].
//!
//! Start at [`Injector`] (apply, prove, undo), [`Kinds`] (what there is) and `journal` (what survives). One kind is one
//! module with its arguments, its act and its undo; `docs/faults.md` says how to add one. Nothing here decides *when*.
mod arguments;
mod database;
mod drop_index;
mod error;
mod injector;
mod journal;
mod kind;
mod kinds;
mod proof;
mod recovery;
mod storage_wait;
mod target;

pub use error::FaultError;
pub use injector::{Applied, Injector};
pub use journal::IllegalTransition;
pub use kinds::Kinds;
pub use proof::{Calibration, Seen};
pub use recovery::{Recovery, needs_recovery, recover};
pub use target::Target;
