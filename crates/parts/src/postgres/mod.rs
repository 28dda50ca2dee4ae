//! A private PostgreSQL: found on this machine, never the system's cluster.
//!
//! [`Binaries::find`] looks for the programs, [`Template`] keeps a filled data folder between runs, and [`Cluster`]
//! runs a copy of it on a loopback port of its own.
mod binaries;
mod cluster;
mod copy;
mod error;
mod leftover;
mod settings;
mod template;

pub use binaries::Binaries;
pub use cluster::{Cluster, prewarm};
pub use error::PostgresError;
pub use settings::{Durability, Settings};
pub use template::{Template, template};
