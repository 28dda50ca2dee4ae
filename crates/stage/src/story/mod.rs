//! What a run leaves for people to read: the conductor's account in the console's own words (`story.json`), and traces that tell
//! what happened (`evidence-traces.json`).
//!
//! The console never sees a scenario: everything that it is to show of a finished run is said here, once. A run of a version that
//! kept no story is told again from its evidence ([`tell_again`]).
mod again;
mod curves;
mod evidence_traces;
mod facts;
mod told;
mod windows;

pub use again::{Told, tell_again};

pub(crate) use evidence_traces::gather;
pub(crate) use told::{Account, tell};
