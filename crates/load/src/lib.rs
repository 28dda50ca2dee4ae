//! Open-model load: arrivals leave when they are due by a seeded schedule, whether or not answers have come, and their
//! latency counts from the moment they were due.
//!
//! [`serve`] is the service `load-generator`: it plays the scenario that its environment names by the clock, and starts
//! and stops demos over `/admin`. What it deliberately does not do: decide who arrives when (that is
//! `scenario::Schedule`), break anything (`faults`), judge (`scenario::judge`), or send to anybody who is not on its
//! allow list. Start at [`serve`] from outside, at `engine` inside, and with `docs/load.md`.
mod adjust;
mod admin;
mod catalogue;
mod client;
mod engine;
mod generator;
mod load_test;
mod record;
mod request;
#[cfg(test)]
mod scripted;
mod service;
mod services;
mod settings;
mod tampering;
mod target;

pub use catalogue::CatalogueError;
pub use engine::{RequestEnded, RunState, Watched, Watching};
pub use generator::StartError;
pub use load_test::{
    ChangedRequests, LoadTestError, LoadTestOptions, LoadTestRun, Progress, StreamProgress, check_load_test,
    start_load_test,
};
pub use request::PrepareError;
pub use service::{LoadGenerator, ServeError, ServeOptions, serve};
pub use settings::{Settings, SettingsError};
pub use tampering::{Change, Malformation, Tampering, Way};
pub use target::TargetError;
