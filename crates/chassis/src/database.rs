//! What callers are told when the database does not answer.

use http::StatusCode;
use telemetry::sql::SqlError;

use crate::ApiError;

impl From<SqlError> for ApiError {
    /// Never a 500: whatever the database says, it is the database's trouble, and the log has its words.
    fn from(error: SqlError) -> Self {
        tracing::warn!(%error, "the database did not answer");
        let unavailable = |code, message| Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
        match &error {
            SqlError::PoolExhausted { .. } => unavailable("pool_exhausted", "no database connection came free in time"),
            SqlError::Database(sqlx::Error::Database(said)) => match said.code().as_deref() {
                // query_canceled: the statement timeout.
                Some("57014") => {
                    Self::new(StatusCode::GATEWAY_TIMEOUT, "database_timeout", "the database took too long")
                }
                // Shutting down, starting, out of connections, deadlock, serialization failure.
                Some("57P01" | "57P02" | "57P03" | "53300" | "40P01" | "40001" | "55P03") => {
                    unavailable("database_unavailable", "the database can't answer now")
                }
                _ => Self::new(StatusCode::BAD_GATEWAY, "database_error", "the database refused the statement"),
            },
            _ => unavailable("database_unavailable", "the database can't be reached"),
        }
    }
}
