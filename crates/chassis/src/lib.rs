//! What every service stands on: configuration, layers, extractors, errors, health, an admin API for operators' faults and
//! pools, and a server that drains.
//!
//! A service reads its own configuration, puts its routes into an [`Assembly`] and hands it to [`serve`]; callers' input is
//! read through [`input`]. What this crate deliberately does not do: know any service, scenarios, or that anybody is being
//! watched. Start at [`serve`], and with `docs/services.md`.

pub mod input;

mod admin;
mod assembly;
mod body;
mod config;
mod database;
mod demo_clock;
mod error;
mod health;
mod layers;
mod serve;
mod server;

pub use admin::UpstreamWait;
pub use assembly::Assembly;
pub use body::{Body, BodyLimits, Query, Segment};
pub use config::{Common, ConfigError, ConfigMistake, Vars};
pub use demo_clock::{ClockMistake, DemoClock, DemoMoment};
pub use error::{ApiError, Upstream};
pub use health::{Dependencies, Dependency};
pub use serve::{Running, ServeError, ServeOptions, Service, serve, start};
