//! Requests that are changed on their way out: malformed, uploaded slowly, or bloated.
//!
//! Here is what may be done and how a body changes, all of it pure. Which requests of a stream are taken is the engine's
//! (`engine/tampering.rs`), how a body is sent slowly the clients' (`client/drip.rs`).
mod body;
mod way;

pub(crate) use body::{bloat, malform};
pub use way::{Change, Malformation, Tampering, Way};
