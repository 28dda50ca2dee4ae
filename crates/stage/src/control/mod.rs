//! Faults by hand on a stage that runs: the conductor listens on a socket in the stage's folder, `doorbuster fault` asks.
//!
//! The conductor does the work, with its own injector and its own journal: what is put in by hand is put back like
//! everything else, also after a `kill -9`. One line of JSON each way; only the account that runs the stage gets in.
mod client;
mod protocol;
mod server;

pub use client::ask;
pub use protocol::{Answer, AppliedByHand, Request};
pub(crate) use server::Control;
