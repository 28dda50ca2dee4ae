//! The shapes of the files, each declared once: checked against, and printed as the JSON Schema.
//!
//! What a scenario and a load test have in common, their traffic, stands in [`traffic`].
mod load_test;
mod scenario;
mod traffic;

pub(super) use load_test::{JOURNEYS_FILE, LOAD_TEST};
pub(super) use scenario::SCENARIO;
