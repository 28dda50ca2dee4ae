//! The inbox as its callers meet it, over HTTP, with the model that it brings along.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics, and says where")]

mod answers;
mod bad_input;
mod fixture;
mod metrics;
mod models;
mod slow;
mod spans;
