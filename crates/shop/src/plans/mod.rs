//! What the database would do with a statement, for its span: which index it uses, or that it reads everything.
//!
//! [`Plans::ask`] never waits; the answer is written on the span when it is there.

mod explain;
mod plan;

use telemetry::sql::Statement;

pub(crate) use explain::Plans;

/// A statement whose plan is watched. It is about one category.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) statement: Statement,
    /// Without it the statement reads a whole partition.
    pub(crate) wants_index: &'static str,
}
