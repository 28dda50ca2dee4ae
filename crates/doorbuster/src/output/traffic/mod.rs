//! What `doorbuster traffic` says: a line a second while it runs ([`ProgressLine`]), and a summary, as text ([`render`]) or as
//! JSON ([`Summary`] itself).
mod figures;
mod progress;
mod text;

pub(crate) use figures::{Facts, Summary, Waited};
pub(crate) use progress::{ProgressLine, request_line};
pub(crate) use text::render;
