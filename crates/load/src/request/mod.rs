//! Journeys made ready: requests as bytes with slots, what fills the slots, and what is wanted of the answers.
//!
//! Nothing here waits or sends. [`prepare`] turns the journeys of a workload into [`PreparedJourney`]s once; a visit then
//! fills its [`Values`] and writes each message without allocating.
mod expect;
mod journey;
mod message;
mod sources;
mod values;

pub use journey::PrepareError;
pub(crate) use journey::{PreparedJourney, PreparedStep, Preparing};
pub(crate) use message::{TraceIds, body_of, replace_body};
pub(crate) use sources::Visitor;
pub(crate) use values::Values;
