//! Real PostgreSQL and Redis for tests: `dev-dependency` only.
//!
//! [`postgres`] and [`redis`] start one private server per test process, on demand; every test makes a database or a key
//! prefix of its own. The servers die with the process, and folders that a dead process left are removed by the next.
mod folder;
mod postgres;
mod redis;

pub use postgres::{Postgres, postgres};
pub use redis::{Redis, redis};
