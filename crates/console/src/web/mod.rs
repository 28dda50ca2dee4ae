//! Pages and JSON over HTTP.

mod assets;
mod events;
mod html;
mod json;
mod query;
mod router;

pub(crate) use query::Fields;
pub(crate) use router::serve;
