//! Ad-hoc SQL over everything that is kept: read-only, limited in time, memory and rows.
//!
//! SQLite does the asking, our columns do the keeping: `spans`, `logs` and `metrics` are virtual tables over the chunks
//! as they were when the question came (`snapshot`), so nobody waits for a question and no question sees half a message;
//! what is on disk is read part by part (`files`, `source`).
//! What a table has stands in `tables`; what SQLite asks of it becomes a plan (`plan`), tests (`test`) and an order
//! (`order`), which `scan` follows; `module` is the thin layer that SQLite calls. A question has a connection of its own
//! that can do nothing but read (`guard`), an account of time and memory (`account`), and functions that SQLite lacks
//! (`functions`). Mistakes come back with a remedy (`remedy`).
//!
//! It is for questions by hand. Monitors and charts never come here: they read the aggregates.

mod account;
mod answer;
mod column;
mod files;
mod functions;
mod guard;
mod keys;
mod module;
mod order;
mod parquet;
mod percentile;
mod plan;
mod question;
mod remedy;
mod scan;
mod schema;
mod snapshot;
mod source;
mod tables;
mod test;
mod words;

pub use answer::{SqlAnswer, SqlError, SqlLimits};
pub(crate) use parquet::to_parquet;
pub(crate) use question::ask;
pub(crate) use schema::schema;
pub use schema::{SqlColumn, SqlFunction, SqlSchema, SqlTable};
pub(crate) use snapshot::Snapshot;
