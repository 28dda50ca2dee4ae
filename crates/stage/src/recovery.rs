//! Putting back what a killed run left behind: at the start of the next one, or by `doorbuster rollback`.

use std::path::PathBuf;

use parts::Cache;
use scenario::RestoreRecord;

use crate::backing::{self, DATABASE, SCHEMA};
use crate::services;
use crate::stage_folder::StageFolder;
use crate::{Event, Observer, Options, StageError, indexes};

/// What a rollback found and did.
#[derive(Debug)]
pub struct Rollback {
    /// The journal it read.
    pub journal: PathBuf,
    /// One for each fault that was, or may have been, applied. Empty: there was nothing to do.
    pub restored: Vec<RestoreRecord>,
    /// Indexes of the products table before and after, as `name on table: valid` lines; empty if nothing was done.
    pub indexes_before: Vec<String>,
    /// See `indexes_before`.
    pub indexes_after: Vec<String>,
}

/// Undoes whatever the journal of a stage says was applied and not undone.
///
/// A private PostgreSQL is started on the data that the run left, and stopped again.
///
/// # Errors
/// [`StageError::Busy`] while a run holds the stage; others if PostgreSQL can't be reached or started.
pub async fn rollback(port_offset: u16, database_url: Option<&str>) -> Result<Rollback, StageError> {
    let cache = Cache::locate()?;
    let stage = StageFolder::take(&cache, port_offset, database_url)?;
    roll_back(&cache, &stage, port_offset, database_url).await
}

/// What a run does first: an earlier run's leftovers are undone, and said.
pub(crate) async fn before_a_run(
    options: &Options,
    cache: &Cache,
    stage: &StageFolder,
    observer: &dyn Observer,
) -> Result<(), StageError> {
    if !faults::needs_recovery(&stage.journal())? {
        return Ok(());
    }
    observer.hear(&Event::Note("an earlier run was killed: putting back what it left".to_owned()));
    let done = roll_back(cache, stage, options.port_offset, options.database_url.as_deref()).await?;
    for record in &done.restored {
        observer.hear(&Event::Restored(record.clone()));
    }
    match done.restored.iter().find(|r| !r.restored) {
        Some(record) => Err(StageError::NotRestored { fault: record.fault.clone(), seen: record.seen.clone() }),
        None => Ok(()),
    }
}

/// What faults act on, without anybody who runs the processes.
pub(crate) fn target(port_offset: u16, database_url: &str) -> faults::Target {
    let target = faults::Target::new(database_url).schema(SCHEMA);
    let target = match std::env::var("DOORBUSTER_ADMIN_TOKEN") {
        Ok(token) => target.admin_token(token),
        Err(_) => target,
    };
    services::all()
        .fold(target, |target, service| target.service(service.name, services::url_of(service.name, port_offset)))
}

async fn roll_back(
    cache: &Cache,
    stage: &StageFolder,
    port_offset: u16,
    database_url: Option<&str>,
) -> Result<Rollback, StageError> {
    let journal = stage.journal();
    if !faults::needs_recovery(&journal)? {
        return Ok(Rollback { journal, restored: Vec::new(), indexes_before: Vec::new(), indexes_after: Vec::new() });
    }
    let cluster = match database_url {
        // A run of a world without PostgreSQL leaves none behind.
        None if backing::data_folder(stage.path()).is_dir() => Some(backing::reopen(cache, stage.path()).await?),
        _ => None,
    };
    let url = cluster.as_ref().map(|c| c.url(DATABASE)).or_else(|| database_url.map(str::to_owned)).unwrap_or_default();
    let target = target(port_offset, &url);
    let is_listed = !url.is_empty();
    let indexes_before = if is_listed { listed(&url).await } else { Vec::new() };
    let recovery = faults::recover(&journal, &target).await?;
    let restored = recovery.undone.into_iter().chain(recovery.failed).collect();
    let indexes_after = if is_listed { listed(&url).await } else { Vec::new() };
    if let Some(cluster) = cluster {
        cluster.stop().await;
    }
    Ok(Rollback { journal, restored, indexes_before, indexes_after })
}

/// The indexes for people to compare. A database that does not say is no reason not to put back.
async fn listed(url: &str) -> Vec<String> {
    indexes::list(url, SCHEMA).await.unwrap_or_else(|error| vec![format!("not known: {error}")])
}
