//! Runs an experiment on this machine: real parts as children, faults at their minutes, everything put back, a verdict.
//!
//! Start at [`run`] (one run), [`rollback`] (after a killed one), [`validate`] (a finished one again), [`tell_again`] (its story). What happens when is decided in
//! `scenario`; what a fault does, in `faults`; what is seen, by the console, which is asked over its API like any vendor's.
mod backing;
mod calibration;
mod cast;
mod conductor;
pub mod control;
mod epilogue;
mod error;
mod footprint;
mod indexes;
mod judge_again;
mod load_client;
mod observer;
mod options;
mod performance;
mod play;
mod preflight;
mod processes;
mod proofs;
mod recovery;
mod run_folder;
mod services;
mod snapshot;
mod stage_folder;
mod story;
mod timeline;
mod window;

pub use calibration::CalibrationLook;
pub use conductor::{Outcome, run};
pub use error::StageError;
pub use footprint::Footprint;
pub use judge_again::validate;
pub use load_client::{CheckoutStats, LostRevenue};
pub use observer::{Event, Observer, Snapshot, StreamSnapshot};
pub use options::{Calibration, Options};
pub use preflight::{Lack, preflight};
pub use recovery::{Rollback, rollback};
pub use run_folder::{Ended, Monitored, RunFolder, RunIncident, RunRecord};
pub use story::{Told, tell_again};
