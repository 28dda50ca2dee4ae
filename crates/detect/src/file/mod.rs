//! The monitor file: YAML in, a [`MonitorSet`](crate::MonitorSet) or every mistake at once out.
//!
//! `reader` knows YAML and positions, `fields` the kinds of values, `conditions`, `limits`, `monitors` and `check` what they mean.

mod check;
mod conditions;
mod fields;
mod limits;
mod mistake;
mod monitors;
mod reader;
mod schema;

pub use mistake::Mistake;
pub use monitors::parse;
pub use schema::json_schema;
