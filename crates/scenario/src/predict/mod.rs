//! What queueing says will happen: the scenario's queues simulated over the run's own arrivals.
//!
//! `1 - C/L` explains an overloaded pool; near saturation and in small pools chance matters, so the prediction sends the
//! very arrivals that the load engine will send through a queue of `c` servers, FIFO, with an acquire timeout
//! (`queue`), past whatever faults put in their way (`engine`), and measures what comes out. The same over a few
//! other seeds gives the [`Spread`] inside which a measurement is luck.
//!
//! It knows of the subject what the file says, and through `effects` which parts a journey passes. `docs/prediction.md`
//! tells the model, how it was checked, and what it leaves out.
mod engine;
mod minutes;
mod outcomes;
mod prediction;
mod queue;
mod service;
mod simulate;
#[cfg(test)]
mod tests;

pub use prediction::{MinutePrediction, Prediction, Spread, WindowPrediction};
pub use simulate::{PredictOptions, predict};

/// An arrival of a simulation, as a load engine would report it.
#[cfg(test)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct SimulatedArrival {
    pub(crate) minute: f64,
    pub(crate) journey: usize,
    pub(crate) latency_ms: f64,
    pub(crate) failed: bool,
    pub(crate) first_request_failed: bool,
    pub(crate) waited_ms: Option<f64>,
}
