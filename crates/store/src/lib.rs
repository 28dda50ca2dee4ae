//! What came in, kept within bounds and ready to be asked: spans by trace, aggregates by second, logs, metrics.
//!
//! OTLP messages in ([`Store::ingest_traces`] and its siblings), answers out. Everything is bounded by
//! [`StoreLimits`]; what had to leave or could not be taken is counted in [`StoreStats`], never lost in silence.
//! Aggregates are updated while spans come in and are what monitors and charts read; spans themselves are read only by
//! whoever looks at traces.
//!
//! No network, no clock: the moment is a parameter. Start at [`Store`].

mod any_value;
mod histogram;
mod ingest;
mod limits;
mod logs;
mod map;
mod metrics;
mod pack;
mod resources;
mod search;
mod seconds;
mod series;
mod span;
mod sql;
mod statements;
mod store;
mod symbols;
mod trace_ring;
mod trace_view;
mod window;

pub use any_value::to_json;
pub use limits::{StoreLimits, StoreStats};
pub use logs::{LogSearch, LogView};
pub use map::{MapEdge, MapNode, NodeKind, ServiceMap};
pub use metrics::{MetricPoint, MetricSearch, MetricSeries, MetricView};
pub use search::{AttributeTest, Comparison, SpanSearch, TraceSummary};
pub use sql::{SqlAnswer, SqlError, SqlLimits};
pub use statements::Statement;
pub use store::{Ingested, Store};
pub use trace_view::{EventView, SpanView, TraceView};
pub use window::{Red, RedFilter, TimelinePoint};
