//! What every service stands on: configuration, layers, extractors, errors, health, pools and their plans, an admin API,
//! and a server that drains.

mod admin;
mod assembly;
mod body;
mod config;
mod error;
mod health;
mod idempotency;
mod layers;
mod peers;
mod plans;
mod pool;
mod server;

pub(crate) use admin::Guard;
pub(crate) use assembly::Assembly;
pub(crate) use body::{Body, Query, Segment};
pub(crate) use config::{Config, PoolSize};
pub use config::{ConfigError, ConfigMistake};
pub(crate) use error::{ApiError, Upstream};
pub(crate) use health::{Dependencies, Dependency};
pub(crate) use idempotency::idempotency_key;
pub(crate) use layers::wrap;
pub(crate) use peers::{Failure, Service};
pub(crate) use plans::{Plans, Watched};
pub(crate) use pool::{database_dependency, open_pool, open_raw, open_warm_pool};
pub(crate) use server::serve_connections;
