//! The service `load-generator`: one run at a time, its admin API, and an end in good order.
mod connections;
mod start;

pub use start::{LoadGenerator, ServeError, ServeOptions, serve};
