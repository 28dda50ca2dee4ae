//! The crate from outside: the file with all its mistakes, and the shipped monitors against a story.

mod black_friday;
mod engine;
mod mistakes;
mod queue;
