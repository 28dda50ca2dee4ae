//! Pages and JSON over HTTP: one file for each area, with its routes.

mod answer;
mod assets;
mod attribute_tests;
mod databases;
mod export;
mod health;
mod incidents;
mod llm;
mod logs;
mod metrics;
mod monitors;
mod names;
mod openapi;
mod query;
mod router;
mod runs;
mod services;
mod slos;
mod span_query;
mod sql;
mod stage;
mod traces;
mod window;

pub use incidents::IncidentsNow;
pub use slos::Objectives;

pub(crate) use query::{BadField, Fields};
pub(crate) use router::serve;
pub(crate) use window::Window;
