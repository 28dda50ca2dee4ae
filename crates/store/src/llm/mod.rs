//! Language models: requests that want an answer of one, and the calls of the models below them.
//!
//! A *request* is a server span with `llm.endpoint`. A *call* is a span with `gen_ai.operation.name`, as the conventions
//! for generative AI have it, unless it is of an agent or a tool, below which the models' own calls stand. Both are counted
//! by second while spans come in (`cells`), and answered for a stretch of time ([`Llm`]). Spans of neither kind cost one
//! comparison of a number.

mod cells;
mod figures;
mod sample;

pub(crate) use cells::LlmCells;
pub use figures::{Llm, LlmError, LlmFilter, LlmGroup, LlmKind, LlmPoint, LlmSummary};
pub(crate) use sample::{LlmSample, Span as LlmSpan};
