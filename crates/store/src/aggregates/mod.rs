//! Rate, errors and duration by second and series, updated as rows come in. Monitors and charts read these, never rows.

mod histogram;
mod measure;
mod minutes;
mod red;
mod seconds;
mod series;
mod statements;
mod sum;

pub(crate) use histogram::Histogram;
pub use red::{Red, RedFilter, TimelinePoint};
pub(crate) use seconds::{LogKey, MOST_FLAGS, Seconds, SpanSample};
pub(crate) use series::{SeriesKey, SeriesTable};
pub use statements::Statement;
pub(crate) use sum::Aggregates;
