//! Rate, errors and duration by second and series, updated as rows come in. Monitors and charts read these, never rows.

mod histogram;
mod measure;
mod minutes;
mod red;
mod seconds;
mod series;
mod statements;
mod sum;

pub(crate) use histogram::{Histogram, SparseHistogram};
pub use red::{Red, RedFilter, TimelinePoint};
pub(crate) use seconds::{LogKey, MOST_FLAGS, MOST_NUMBERS, NumberSum, Seconds, SpanSample};
pub(crate) use series::{SeriesKey, SeriesTable};
pub use statements::Statement;
pub(crate) use sum::{Aggregates, stretch_minutes};
