//! What came in, kept within bounds and ready to be asked: spans by trace, aggregates by second, logs, metrics.
//!
//! OTLP messages in ([`Store::ingest_traces`] and its siblings), answers out. Everything is bounded by
//! [`StoreLimits`]; what had to leave or could not be taken is counted in [`StoreStats`], never lost in silence.
//!
//! A message is walked byte by byte (`wire`) into columns (`spans`, `logs`, `metrics`), whose texts are numbers of one
//! table (`tables`, `symbols`) and whose attributes are packed (`pack`); aggregates are updated on the way and are what
//! monitors and charts read (`aggregates`, and `llm` of language models). Rows stand in chunks (`shelf`) that readers look through without a lock.
//!
//! No network, no clock: the moment is a parameter. Start at [`Store`].

mod aggregates;
mod attribute_test;
mod differences;
mod disk;
mod ingest;
mod limits;
mod llm;
mod logs;
mod map;
mod metrics;
mod pack;
mod resources;
mod shelf;
mod spans;
mod sql;
mod store;
mod symbols;
mod tables;
mod well_known;
mod wire;

pub use aggregates::{Red, RedFilter, Statement, TimelinePoint};
pub use attribute_test::{AttributeTest, Comparison};
pub use differences::{Criterion, Differences, DifferingValue};
pub use disk::{Exported, Maintained, Recovered, Searched, StoreError};
pub use limits::{DiskLimits, StoreLimits, StoreStats};
pub use llm::{Llm, LlmError, LlmFilter, LlmGroup, LlmKind, LlmPoint, LlmSummary};
pub use logs::{LogCounts, LogSearch, LogView};
pub use map::{MapEdge, MapNode, NodeKind, ServiceMap};
pub use metrics::{MetricPoint, MetricSearch, MetricSeries, MetricView};
pub use spans::{EventView, SpanSearch, SpanView, TraceSummary, TraceView};
pub use sql::{SqlAnswer, SqlColumn, SqlError, SqlFunction, SqlLimits, SqlSchema, SqlTable};
pub use store::{IngestError, Ingested, Store};
