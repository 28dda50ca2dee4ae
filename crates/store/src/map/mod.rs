//! The service map: who calls whom, from spans and their parents.
//!
//! `join` looks at the newest spans of a stretch and finds the parent of each; `graph` adds up what was found. Calls
//! through queues are seen where a consumer's span has the producer's as its parent; links are not followed.

mod graph;
mod join;
mod view;

pub(crate) use join::Wanted;
pub use view::{MapEdge, MapNode, NodeKind, ServiceMap};
