//! The shop's database: its schema and data, and how services connect to it.
//!
//! Everything lives in one schema, [`SCHEMA`], so that the shop can be a guest in a database that is somebody else's.
//! [`prepare`] makes it; it needs no extension and no right but to create a schema.

mod connect;
mod migrations;
mod prepare;

pub use migrations::fingerprint;
pub use prepare::{PrepareError, Step, prepare};

pub(crate) use connect::{DatabaseUrl, DatabaseUrlMistake, Planning};

/// The schema that holds all of the shop's tables, indexes, functions and views.
pub const SCHEMA: &str = "doorbuster";

/// How many products a full catalogue has: 62,500 in each of the 8 categories.
pub const PRODUCTS: u32 = 500_000;
