//! What watches, and what it found: monitors, incidents, objectives, models.

mod firing;
mod incident;
mod incidents;
mod llm;
mod llm_charts;
mod moments;
mod monitors;
mod slos;

pub use firing::Firing;
pub use slos::Measured;

pub(crate) use firing::firing;
pub(crate) use incident::{incident, no_incident};
pub(crate) use incidents::incidents;
pub(crate) use llm::{LLM_WINDOW, llm};
pub(crate) use monitors::{Watched, monitors};
pub(crate) use slos::slos;
