//! Why a stage could not be set up, or broke.

use std::path::{Path, PathBuf};

use crate::preflight::Lack;

/// What can go wrong with a stage. Messages read well after "failed to stage the incident: ".
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Something is missing on this machine: all of it, each with its remedy.
    #[error("{} thing(s) missing on this machine", .0.len())]
    Preflight(Vec<Lack>),
    /// Another conductor holds the stage.
    #[error("another run holds the stage {path}: wait for it, or shift this one with --port-offset 1000", path = path.display())]
    Busy {
        /// The stage's folder.
        path: PathBuf,
    },
    /// PostgreSQL could not be started.
    #[error(transparent)]
    Postgres(#[from] parts::postgres::PostgresError),
    /// Redis could not be started.
    #[error(transparent)]
    Redis(#[from] parts::redis::RedisError),
    /// A process could not be started.
    #[error(transparent)]
    Child(#[from] parts::ChildError),
    /// The cache can't be used.
    #[error(transparent)]
    Cache(#[from] parts::CacheError),
    /// A fault could not be applied or undone.
    #[error(transparent)]
    Fault(#[from] faults::FaultError),
    /// The database did not answer, or refused.
    #[error("the database refused: {0}")]
    Database(#[from] sqlx::Error),
    /// A service did not become ready.
    #[error("{name} was not ready within {seconds:.0} s: {seen}")]
    NotReady {
        /// The service.
        name: String,
        /// How long it was given.
        seconds: f64,
        /// What it said last.
        seen: String,
    },
    /// A process of the stage did not answer.
    #[error("no answer from {url}")]
    Http {
        /// What was asked.
        url: String,
        /// Why not.
        source: reqwest::Error,
    },
    /// Nothing runs that a fault could be put into.
    #[error("no stage is running: start one, for example with `doorbuster demo --keep-running`")]
    NoStage,
    /// The conductor of a running stage does not answer.
    #[error("the conductor does not answer on {path}: {source}", path = path.display())]
    Control {
        /// Its socket.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is not the JSON that it should be.
    #[error("{path}: {source}", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
    /// What a run left for people to read can't be read or written.
    #[error(transparent)]
    Story(#[from] console::story::StoryError),
    /// A folder is not that of a run.
    #[error("{path} is not the folder of a finished run: it holds no story.json and no evidence.json; every run makes one in `runs`, when it ends", path = path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// What an earlier run left could not be put back.
    #[error("fault {fault} of an earlier run could not be undone: {seen}")]
    NotRestored {
        /// The fault's id.
        fault: String,
        /// What is the matter, and what to type by hand.
        seen: String,
    },
    /// The scenario kept in a run's folder can't be read by this version.
    #[error("the run's scenario.yaml has {count} mistake(s), the first: {first}")]
    Scenario {
        /// How many.
        count: usize,
        /// The first, in words.
        first: String,
    },
    /// Preparing the database failed; its last words.
    #[error("preparing the database failed: {0}")]
    Prepare(String),
}

impl StageError {
    /// Whether another run is in the way.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }

    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}
