//! What watches, and what it found: monitors, incidents, objectives, models.

mod firing;
mod incidents;
mod llm;
mod moments;
mod monitors;
mod slos;

pub use firing::Firing;
pub use llm::LlmSpans;
pub use slos::Measured;

pub(crate) use firing::firing;
pub(crate) use incidents::incidents;
pub(crate) use llm::llm;
pub(crate) use monitors::{Watched, monitors};
pub(crate) use slos::slos;
