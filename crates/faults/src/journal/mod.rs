//! What survives: the journal of acts, on disk before each act.
//!
//! [`State`] says which steps are legal, [`Record`] is a line, [`Journal`] is the file, [`AppliedFault`] is what it says to people.
mod applied;
mod file;
mod record;
mod state;

pub use applied::AppliedFault;
pub(crate) use file::{Act, Journal, read};
pub(crate) use record::{Record, Step};
pub use state::IllegalTransition;
pub(crate) use state::State;
