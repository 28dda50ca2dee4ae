//! The shop: nine services on real PostgreSQL and Redis, each its own process.
//!
//! [`serve`] runs one of them; [`database::prepare`] makes what they stand on. The chassis (a
//! crate of its own) gives each the same layers, errors, health and drain; a service is a module in `services` and nothing
//! more. Callers' input is read through the chassis into values that can only be valid (`domain`).
//!
//! What this crate deliberately does not do: know scenarios, faults, or that it is being watched. The scenario minute
//! and the feature flag come as configuration. Start with `docs/services.md`.

pub mod database;

mod config;
mod domain;
mod feature_flag;
mod idempotency;
mod name;
mod peers;
mod plans;
mod pool;
mod serve;
mod services;

pub use chassis::{ConfigError, ConfigMistake, Running, ServeError, ServeOptions};
pub use name::{ServiceName, UnknownService};
pub use serve::{serve, start};
