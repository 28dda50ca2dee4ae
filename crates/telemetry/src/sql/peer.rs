//! The database, in the words of the conventions.

use crate::conventions::shared;
use opentelemetry::Value;

/// The database a statement goes to, in the words of the conventions.
#[derive(Clone, Debug)]
pub struct DbPeer {
    pub(super) service: Value,
    pub(super) host: Value,
    pub(super) port: u16,
    pub(super) namespace: Value,
}

impl DbPeer {
    /// A PostgreSQL database called `namespace` at `host` (a name, an address, or a socket directory) and `port`.
    pub fn postgresql(host: impl Into<String>, port: u16, namespace: impl Into<String>) -> Self {
        Self { service: "postgresql".into(), host: shared(host.into()), port, namespace: shared(namespace.into()) }
    }

    /// As sqlx was told to connect.
    pub fn of(options: &sqlx::postgres::PgConnectOptions) -> Self {
        let host = options
            .get_socket()
            .map(|socket| socket.display().to_string())
            .unwrap_or_else(|| options.get_host().to_owned());
        let database = options.get_database().unwrap_or(options.get_username());
        Self::postgresql(host, options.get_port(), database)
    }
}
