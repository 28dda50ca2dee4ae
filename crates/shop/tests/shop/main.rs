//! The services against real PostgreSQL and Redis, all nine in this process.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics, and says where")]

mod bad_input;
mod checkout;
mod journeys;
mod plans;
mod prepare;
mod server;
mod stage;
