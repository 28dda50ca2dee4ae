//! Puts real faults into real parts, proves that they bit, and always puts everything back.
//!
//! The order is the promise: what undoes a fault is on disk before the fault is. Every undo looks at what is there and
//! may run any number of times, so a process that dies at any point is made good by [`recover`].
//!
//! Start at [`Injector`] (apply, prove, undo), [`catalogue`] (what there is) and `journal` (what survives). A fault acts on
//! a [`Target`]: a database, services by their HTTP admin, processes. One kind is one module in `kinds` with its arguments,
//! its act and its undo; `docs/faults.md` says how to add one. Nothing here decides *when*.
mod admin;
mod arguments;
mod attempt;
mod database;
mod error;
mod injector;
mod journal;
mod kind;
mod kinds;
mod processes;
mod proof;
mod recovery;
mod target;

pub use error::FaultError;
pub use injector::{Applied, Injector};
pub use journal::{AppliedFault, IllegalTransition};
pub use kinds::{KindInfo, Kinds, catalogue, parse_args};
pub use processes::{ProcessFuture, ProcessId, ProcessSignal, Processes};
pub use proof::{Calibration, Seen};
pub use recovery::{Recovery, needs_recovery, recover};
pub use target::Target;
