//! What faults are put into.

use std::collections::BTreeMap;

/// The schema that everything of the shop lives in.
const SCHEMA: &str = "doorbuster";

/// The parts that faults are put into: one database, and services by name.
#[derive(Debug, Clone)]
pub struct Target {
    database_url: String,
    schema: String,
    services: BTreeMap<String, String>,
}

impl Target {
    /// The database at `database_url`, schema `doorbuster`; no services.
    pub fn new(database_url: impl Into<String>) -> Self {
        Self { database_url: database_url.into(), schema: SCHEMA.to_owned(), services: BTreeMap::new() }
    }

    /// Another schema.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// The base URL of a service, such as `product-catalog` and `http://127.0.0.1:8014`.
    pub fn service(mut self, name: impl Into<String>, url: impl Into<String>) -> Self {
        self.services.insert(name.into(), url.into());
        self
    }

    pub(crate) fn database_url(&self) -> &str {
        &self.database_url
    }

    pub(crate) fn schema_name(&self) -> &str {
        &self.schema
    }

    pub(crate) fn service_url(&self, name: &str) -> Option<&str> {
        self.services.get(name).map(String::as_str)
    }
}
