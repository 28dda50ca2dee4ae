//! Pages and JSON over HTTP: one file for each area, with its routes.

mod answer;
mod assets;
mod health;
mod logs;
mod metrics;
mod monitors;
mod query;
mod router;
mod services;
mod stage;
mod traces;
mod window;

pub(crate) use query::Fields;
pub(crate) use router::serve;
pub(crate) use window::Window;
