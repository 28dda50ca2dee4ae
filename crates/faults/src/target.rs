//! What faults are put into.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::Processes;

/// The schema that everything of the shop lives in.
const SCHEMA: &str = "doorbuster";

/// The parts that faults are put into: one database, services by name, Redis, and whoever runs their processes.
#[derive(Debug, Clone)]
pub struct Target {
    database_url: Secret,
    schema: String,
    services: BTreeMap<String, String>,
    redis_url: Option<Secret>,
    admin_token: Option<Secret>,
    processes: Option<Arc<dyn Processes>>,
}

/// A text that no log shows.
#[derive(Clone)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Target {
    /// The database at `database_url`, schema `doorbuster`; no services, no Redis, no processes.
    pub fn new(database_url: impl Into<String>) -> Self {
        Self {
            database_url: Secret(database_url.into()),
            schema: SCHEMA.to_owned(),
            services: BTreeMap::new(),
            redis_url: None,
            admin_token: None,
            processes: None,
        }
    }

    /// Another schema.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// The base URL of a service, such as `product-catalog` and `http://127.0.0.1:8014`; the load generator is one too.
    pub fn service(mut self, name: impl Into<String>, url: impl Into<String>) -> Self {
        self.services.insert(name.into(), url.into());
        self
    }

    /// Redis, such as `redis://127.0.0.1:6379/0`; the proof `unreachable` asks it.
    pub fn redis(mut self, url: impl Into<String>) -> Self {
        self.redis_url = Some(Secret(url.into()));
        self
    }

    /// What the services' admin asks for where they listen elsewhere than on loopback.
    pub fn admin_token(mut self, token: impl Into<String>) -> Self {
        self.admin_token = Some(Secret(token.into()));
        self
    }

    /// Whoever runs the processes. Without it, faults that end or pause one are refused, and an undo after the stage's
    /// death knows that nothing is left to be started.
    pub fn processes(mut self, processes: Arc<dyn Processes>) -> Self {
        self.processes = Some(processes);
        self
    }

    pub(crate) fn database_url(&self) -> &str {
        &self.database_url.0
    }

    pub(crate) fn schema_name(&self) -> &str {
        &self.schema
    }

    pub(crate) fn service_url(&self, name: &str) -> Option<&str> {
        self.services.get(name).map(String::as_str)
    }

    /// Name and base URL of each.
    pub(crate) fn services(&self) -> impl Iterator<Item = (&str, &str)> {
        self.services.iter().map(|(name, url)| (name.as_str(), url.as_str()))
    }

    pub(crate) fn redis_url(&self) -> Option<&str> {
        self.redis_url.as_ref().map(|url| url.0.as_str())
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.admin_token.as_ref().map(|token| token.0.as_str())
    }

    pub(crate) fn whoever_runs(&self) -> Option<&dyn Processes> {
        self.processes.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_in_no_log() {
        let target = Target::new("postgres://me:s3cret@127.0.0.1/shop").redis("redis://:s3cret@127.0.0.1/0");
        let target = target.admin_token("s3cret");
        assert_eq!(target.token(), Some("s3cret"));
        assert!(!format!("{target:?}").contains("s3cret"));
    }
}
