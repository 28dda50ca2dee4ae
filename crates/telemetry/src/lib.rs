//! Everything Doorbuster says about itself: spans, metrics and logs, and the context that ties them together.
//!
//! [`attr`] and [`metric`] are the only places where attribute and metric names are written. The rest wraps the
//! OpenTelemetry SDK for what this project has: axum servers ([`http_server`]), calls to other services
//! ([`http_client`]), PostgreSQL ([`sql`]), Redis ([`redis`]), language models ([`gen_ai`]), log events ([`events`]).
//!
//! A process calls [`init`] once and [`Telemetry::shutdown`] at its end. Without `init` everything here still works
//! and records nothing, so libraries and their tests need no set-up; a test that wants to look at what was recorded
//! uses [`capture`].
//!
//! What this crate deliberately does not do: decide what the shop does, know scenario minutes (the shop hands them in
//! as attributes), or keep spans for reading (that is the console).
//!
//! Start with `docs/telemetry.md`.

pub mod attr;
pub mod metric;

pub mod capture;
pub mod context;
pub mod events;
pub mod gen_ai;
pub mod http_client;
pub mod http_server;
pub mod llm;
pub mod redis;
pub mod span;
pub mod sql;

mod init;
mod lifecycle;
mod service;
mod settings;

mod baggage;
mod conventions;
mod export;
mod export_thread;
mod fan_out;
mod instruments;
mod log;
mod otlp;
mod provider;
mod resource;

pub use conventions::Conventions;
pub use init::{InitError, init};
pub use lifecycle::{ShutdownReport, Telemetry};
pub use opentelemetry::{Context, KeyValue, Value};
pub use service::{LogOutput, Service};
pub use settings::BadSetting;
