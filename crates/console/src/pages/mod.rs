//! Pages, rendered here and patched in place by a little JavaScript: what a browser shows first is already the whole page.
//!
//! `layout` has what all pages share; `stage` is put together from `play`, `timeline`, `cards`, `detection` and
//! `evidence`, each a part that is rendered again every second.

mod cards;
mod detection;
mod evidence;
mod format;
mod layout;
mod play;
mod services;
mod shape;
mod stage;
mod timeline;
mod trace;
mod trace_tree;
mod traces;

pub(crate) use layout::not_found;
pub(crate) use services::services;
pub(crate) use stage::{stage, stage_parts};
pub(crate) use trace::{no_trace, trace};
pub(crate) use traces::traces;
