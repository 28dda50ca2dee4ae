//! A finished run for people: one page that needs nothing else, and the same parts for the Runs pages.
//!
//! [`render`] makes the file; [`Document`] is the frame that other reports of the house use as well. The parts are read from top to
//! bottom: `head` (what came of it), `timeline`, `charts`, `alerts`, `expectations`, `proofs`, `traces`, `cost`, `facts`. Numbers stand
//! in the page as text; only curves need its script.

mod alerts;
mod charts;
mod cost;
mod document;
mod expectations;
mod facts;
mod head;
mod parts;
mod proofs;
mod shown;
mod timeline;
mod traces;
mod words;

pub use document::Document;
pub use parts::render;

pub(crate) use charts::{ChartData, charts, compared};
pub(crate) use document::data;
pub(crate) use head::reasons;
pub(crate) use parts::parts;
pub(crate) use shown::{dollars, edge, minute, moment, outcome, row, signed, timing};
pub(crate) use traces::Linked;
