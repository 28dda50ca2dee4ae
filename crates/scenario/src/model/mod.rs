//! The scenario file as types. Text becomes these in `parse`, which reports every mistake at once.

mod band;
mod expectations;
mod proof;
mod scenario;
mod world;

pub use band::Band;
pub(crate) use band::within_prediction;
pub use expectations::{Always, Checkpoint, Expectations, ExpectedAlert, Quiet};
pub use proof::{PlanShape, Proof};
pub use scenario::{Fault, Phase, Queue, RootCause, Scenario, Spacing, Stream, Truth, phase_at};
pub use world::World;
