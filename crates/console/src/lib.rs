//! The console: an observability backend for one incident, on one machine, with nothing to install.
//!
//! OTLP comes in over gRPC and HTTP (`otlp`), the `store` crate keeps it, the `detect` crate's monitors are evaluated
//! four times a second (`detection`), JSON ([`api`]) and pages go out (`web`, `pages`).
//!
//! It learns nothing from the scenario: what fires, fires from telemetry alone. Only the Stage page shows a play beside
//! the evidence; the conductor hands it in ([`api::StagePlay`]) and detection never reads it.
//!
//! Start at [`serve`].

pub mod api;
pub mod assets;
pub mod report;
pub mod story;

mod alert_log;
mod clock;
mod detection;
mod incidents;
mod keep;
mod listen;
mod losses;
mod models;
mod openapi;
mod opened;
mod options;
mod otlp;
mod pages;
mod pools;
mod serve;
mod stage;
mod state;
mod traces;
mod trends;
mod web;

pub use options::{ConsoleOptions, DiskOptions, INBOX_MONITORS, OpenRun, SHIPPED_MONITORS, SHOP_MONITORS, ServeError};
pub use serve::serve;
