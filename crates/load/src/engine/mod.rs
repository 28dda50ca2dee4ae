//! The open-model engine: arrivals leave when they are due, whether or not answers have come.
//!
//! A [`Run`] executes a [`Plan`] on threads of its own, each with a single-threaded runtime, a timer, a client and a
//! record that nobody else writes. Worker `i` of `n` owns the arrivals whose index leaves `i`, so workers share
//! nothing but counters. Start at [`Run::start`]; [`worker`] paces, [`visit`] is one arrival.
mod closed;
mod descriptors;
mod pace;
mod pacer;
mod plan;
mod retries;
mod run;
mod shared;
mod tampering;
#[cfg(test)]
mod tests;
mod trace;
mod traffic;
mod visit;
mod watched;
mod worker;

pub(crate) use plan::{Limits, Model, Plan, Share};
pub(crate) use retries::{RetryPolicy, StreamRetries};
pub use run::RunState;
pub(crate) use run::{Run, unix_now};
pub(crate) use tampering::StreamTampering;
pub use watched::{RequestEnded, Watched, Watching};
