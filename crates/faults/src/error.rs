//! What can go wrong with a fault.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use crate::journal::IllegalTransition;

/// Why a fault could not be applied, proved or undone.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    /// The journal can't be read or written; nothing is applied without it.
    #[error("the journal {path} can't be used: {source}", path = path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another conductor has the journal.
    #[error("another run holds the journal {path}: wait until it has ended", path = path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// An earlier run left faults that are not undone.
    #[error("an earlier run left faults that are not undone ({}): run `doorbuster rollback` first", .faults.join(", "))]
    Unfinished {
        /// Their ids.
        faults: Vec<String>,
    },
    /// A line of the journal is not a record.
    #[error("line {line} of the journal {path} is not a record: {reason}", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// A step that the fault's state does not allow; a defect of this program.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// There is no such kind.
    #[error("there is no fault kind {kind:?}")]
    UnknownKind {
        /// What was asked for.
        kind: String,
    },
    /// The arguments are not those of the kind.
    #[error("the arguments of {kind} are wrong: {reason}")]
    Arguments {
        /// The kind.
        kind: String,
        /// All mistakes.
        reason: String,
    },
    /// The fault makes no sense in the state that the part is in.
    #[error("{reason}")]
    Refused {
        /// Why, and what to do about it.
        reason: String,
    },
    /// The database did not do it, or could not be reached, within the bound.
    #[error("{what}: {source}")]
    Database {
        /// What was tried.
        what: String,
        /// The last error.
        source: sqlx::Error,
    },
    /// Somebody changed the part meanwhile so that putting it back would destroy their work.
    #[error("{reason}")]
    Changed {
        /// What is there instead.
        reason: String,
    },
    /// A service did not answer.
    #[error("no answer from {url}: {}", innermost(.source))]
    Http {
        /// What was asked.
        url: String,
        /// Why not.
        source: reqwest::Error,
    },
    /// A service refused.
    #[error("{url} answered {status}: {message}")]
    Status {
        /// What was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The service's words, or what to do about it.
        message: String,
    },
    /// A service answered something else than was asked.
    #[error("{url} answered something unexpected: {reason}")]
    Answer {
        /// What was asked.
        url: String,
        /// What is missing in it.
        reason: String,
    },
    /// The stage was not told where a service is.
    #[error("no address is known for {service}; known are {}", listed(.known))]
    NoAddress {
        /// Its name.
        service: String,
        /// Those that are known.
        known: Vec<String>,
    },
    /// Whoever runs the processes could not do it.
    #[error("the process {process}: {reason}")]
    Process {
        /// Its name.
        process: String,
        /// Why not.
        reason: String,
    },
    /// What was asked for is on its way and not there yet.
    #[error("{reason}")]
    NotYet {
        /// What is still as it was.
        reason: String,
    },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// What an error of the HTTP client comes down to: its own words name the URL and nothing else.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

impl FaultError {
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }

    pub(crate) fn database(what: impl Into<String>) -> impl FnOnce(sqlx::Error) -> Self {
        let what = what.into();
        move |source| Self::Database { what, source }
    }

    /// Whether trying again a little later may help: a lock not had in time, a deadlock, a server that is away or starting,
    /// a service that is busy or restarts, a process that is not up yet.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Database { source, .. } => is_transient_in_database(source),
            Self::Http { source, .. } => !source.is_builder() && !source.is_decode(),
            Self::Status { status, .. } => TRANSIENT_STATUS.contains(status),
            Self::Process { .. } | Self::NotYet { .. } => true,
            _ => false,
        }
    }

    /// Whether nobody listens at the address that was asked.
    pub(crate) fn is_refused_connection(&self) -> bool {
        let Self::Http { source, .. } = self else {
            return false;
        };
        let mut next: Option<&(dyn Error + 'static)> = Some(source);
        while let Some(error) = next {
            if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::ConnectionRefused) {
                return true;
            }
            next = error.source();
        }
        false
    }
}

fn is_transient_in_database(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| TRANSIENT.iter().any(|t| code.starts_with(t))),
        _ => false,
    }
}

/// SQLSTATEs, or their classes: connection lost (08), transaction rolled back by a conflict (40), too many connections
/// (53300), a prepared transaction that another session is just ending (55000), lock not available (55P03), operator
/// intervention such as shutdown and start-up (57), and `tuple concurrently updated`, which PostgreSQL reports as an
/// internal error (XX000).
const TRANSIENT: [&str; 7] = ["08", "40", "53300", "55000", "55P03", "57", "XX000"];
/// Too many requests, bad gateway, unavailable, gateway timeout.
const TRANSIENT_STATUS: [u16; 4] = [429, 502, 503, 504];
