//! Pages, rendered here and patched in place by a little JavaScript: what a browser shows first is already the whole page.
//!
//! `layout` has what all pages share; `stage` is put together from `play`, `timeline`, `cards`, `detection` and
//! `evidence`, each a part that is rendered again every second.

mod api;
mod banner;
mod bar;
mod cards;
mod chart;
mod compare;
mod databases;
mod detection;
mod evidence;
pub(crate) mod format;
mod layout;
mod link;
mod log_counts;
mod log_record;
mod logs;
mod map;
mod narrow;
mod play;
mod pools;
mod runs;
mod services;
pub(crate) mod shape;
mod spark;
mod sql;
mod stage;
mod statements;
mod states;
mod timeline;
mod trace;
mod traces;
mod watch;

pub(crate) use api::api;
pub(crate) use compare::{compare, nothing_to_compare};
pub(crate) use databases::Databases;
pub(crate) use link::link;
pub(crate) use logs::{Logs, USUAL_WINDOW};
pub(crate) use runs::{choose_two, compared, no_run, run, runs};
pub(crate) use services::Services;
pub(crate) use spark::Spark;
pub(crate) use sql::sql;
pub(crate) use stage::{stage, stage_parts};
pub(crate) use states::not_found;
pub(crate) use trace::{no_trace, span_details, trace};
pub(crate) use traces::traces;
pub use watch::{Firing, Measured};
pub(crate) use watch::{LLM_WINDOW, Watched, firing, incident, incidents, llm, monitors, no_incident, slos};
