//! The shop: nine services on real PostgreSQL and Redis, each its own process.
//!
//! [`serve`] runs one of them; [`database::prepare`] makes what they stand on. The chassis gives each the same
//! configuration, layers, errors, health and drain; a service is a module in `services` and nothing more. Callers' input
//! is read in one place (`input`) into values that can only be valid (`domain`).
//!
//! What this crate deliberately does not do: know scenarios, faults, or that it is being watched. The scenario minute
//! and the feature flag come as configuration through [`demo_clock`]. Start with `docs/services.md`.

pub mod database;
pub mod demo_clock;

mod chassis;
mod domain;
mod input;
mod name;
mod serve;
mod services;

pub use chassis::{ConfigError, ConfigMistake};
pub use name::{ServiceName, UnknownService};
pub use serve::{Running, ServeError, ServeOptions, serve, start};
