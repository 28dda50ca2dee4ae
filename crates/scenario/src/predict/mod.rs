//! What queueing says will happen: the scenario's queues simulated over the run's own arrivals.
//!
//! `1 - C/L` explains an overloaded pool; near saturation and in small pools chance matters, so the prediction sends the
//! very arrivals that the load engine will send through a queue of `c` servers, FIFO, with an acquire timeout
//! (`queue`), and measures what comes out. The same over a few other seeds gives the [`Spread`] inside which a
//! measurement is luck.
//!
//! It knows of the subject only what the file says: arrivals whose journey waits in no queue succeed and take the
//! stream's `elsewhere_ms`. Of faults it knows those that change a queue (`storage_wait`).
mod outcomes;
mod prediction;
mod queue;
mod service;
mod simulate;
#[cfg(test)]
mod tests;

pub use prediction::{MinutePrediction, Prediction, Spread, WindowPrediction};
pub use simulate::{PredictOptions, predict};
