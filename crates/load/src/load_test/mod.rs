//! `doorbuster load`: a load test of the user's own system, checked whole before its first request.
//!
//! [`start_load_test`] checks targets against the allow list and the test against its ceilings, and starts the engine;
//! [`LoadTestRun`] is looked at and stopped. What was measured is a `scenario::LoadTestReport`.
mod checks;
mod cost;
mod run;
#[cfg(test)]
mod tests;

pub use checks::LoadTestError;
pub use run::{
    ChangedRequests, LoadTestOptions, LoadTestRun, Progress, StreamProgress, check_load_test, start_load_test,
};
