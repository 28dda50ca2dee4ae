//! The crate from outside: the file with all its mistakes, and the shipped monitors against their stories.

mod black_friday;
mod engine;
mod inbox;
mod incidents;
mod mistakes;
mod queue;
