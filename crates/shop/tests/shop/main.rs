//! The services against real PostgreSQL and Redis, all nine in this process.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics, and says where")]

mod bad_admin;
mod bad_input;
mod checkout;
mod filter;
mod journeys;
mod outage;
mod plans;
mod pools;
mod prepare;
mod restock;
mod server;
mod stage;
