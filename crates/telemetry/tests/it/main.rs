//! What the rest of Doorbuster may rely on, shown against real servers.

#![expect(clippy::unwrap_used, reason = "in a test a panic with the place is the report")]

mod http;
mod pool;
mod process;
mod redis;
mod sql;
mod support;
