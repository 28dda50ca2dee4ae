//! What happens when, on a scenario's own clock: a pure description and pure functions over it.
//!
//! No file, environment, network, clock or randomness is read here; time and text are parameters.
//! Start at [`Scenario`] (the file), [`parse`] (text to it), [`Clock`] (minutes), [`Schedule`] (who arrives when),
//! [`predict`] (queueing), [`judge`] (the verdict), [`explain`] (all of it minute by minute).
mod clock;
mod curve;
mod effects;
mod evidence;
mod explain;
mod judge;
mod kinds;
mod latency;
mod load_test;
mod mistake;
mod model;
mod parse;
mod predict;
mod schedule;
mod shipped;
#[cfg(test)]
mod testing;

pub use clock::{Clock, ClockError};
pub use curve::{Curve, Ramp};
pub use evidence::{AlertEvent, AlertState, Bucket, Evidence, LoadReport, ProofRecord, RestoreRecord, StreamReport};
pub use explain::{ExpectedAlertNow, ExplainedMinute, Explanation, explain, ground_truth};
pub use judge::{AlertTiming, Check, Figures, Outcome, PredictionError, RowOutcome, Verdict, VerdictRow, judge};
pub use kinds::{ArgMistake, FaultKinds};
pub use latency::LatencyHistogram;
pub use load_test::*;
pub use mistake::Mistake;
pub use model::*;
pub use parse::{json_schema, load_test_schema, parse, parse_load_test};
pub use predict::{MinutePrediction, PredictOptions, Prediction, Spread, WindowPrediction, predict};
pub use schedule::{Arrival, Arrivals, PRODUCTS, Schedule, USERS, arrivals, mix};
pub use shipped::shipped;
