//! What can go wrong with a private PostgreSQL.

use std::io;
use std::path::PathBuf;

use crate::{CacheError, ChildError, Exit};

/// Why PostgreSQL can't be had.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No PostgreSQL that is new enough is on this machine.
    #[error("PostgreSQL {oldest} or newer was not found (looked in {}): install it, for example with `apt-get install postgresql`", .looked.join(", "))]
    NotFound {
        /// The oldest major version that will do.
        oldest: u32,
        /// Where it was looked for, and what was there instead.
        looked: Vec<String>,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Its name.
        program: String,
        /// What it wrote.
        output: String,
    },
    /// The server ended before it answered.
    #[error("PostgreSQL did not start: {0}")]
    Died(Exit),
    /// The server did not answer in time.
    #[error("PostgreSQL did not answer within {seconds} s: {last}")]
    NotReady {
        /// The bound.
        seconds: u64,
        /// The last error of connecting.
        last: String,
    },
    /// Another server runs in that data folder and does not end.
    #[error("PostgreSQL with process id {pid} still runs in {data} and did not stop: stop it with `kill -INT {pid}`")]
    Leftover {
        /// Its process id.
        pid: u32,
        /// The data folder.
        data: PathBuf,
    },
    /// A file operation failed.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The cache can't be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A process can't be started.
    #[error(transparent)]
    Child(#[from] ChildError),
    /// A statement failed.
    #[error("PostgreSQL refused a statement: {0}")]
    Sql(#[from] sqlx::Error),
    /// What was to fill the template failed.
    #[error("filling the database failed: {0}")]
    Fill(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl PostgresError {
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
