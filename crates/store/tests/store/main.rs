//! The store from outside: what goes in comes out, numbers agree with a computed truth, bounds hold.

mod otlp;

mod aggregates;
mod bounds;
mod differences;
mod disk;
mod llm;
mod logs_and_metrics;
mod map;
mod oracle;
mod recomputed;
mod sql;
mod traces;
