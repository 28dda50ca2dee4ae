//! A console that is opened on a finished run: its telemetry from Parquet, its story on the Stage, its clock standing still at the end.

use std::sync::Arc;

use detect::Counted;
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::api::FinishedRun;
use crate::options::{ConsoleOptions, OpenRun};
use crate::serve::limits;
use crate::state::{Setting, State};

/// Why there is no telemetry, for people.
fn lack(error: &StoreError) -> String {
    match error.is_missing() {
        true => "its spans, logs and metrics were not kept; the story's own curves stand in".to_owned(),
        false => format!("its spans, logs and metrics cannot be read: {error}"),
    }
}

/// The state of a console that shows `run`. A run whose telemetry was not kept, or cannot be read, is shown without it, and every page
/// says why.
pub(crate) async fn state(
    options: &ConsoleOptions,
    run: Arc<OpenRun>,
    counted: Counted,
    shutdown: CancellationToken,
) -> State {
    let limits = limits(options);
    let opening = {
        let (folder, counted) = (run.folder.clone(), counted.clone());
        tokio::task::spawn_blocking(move || Store::open_run(&folder, limits, counted))
    };
    let (store, telemetry_lack) = match opening.await {
        Ok(Ok(store)) => (store, None),
        Ok(Err(error)) => (Store::new(limits, counted), Some(lack(&error))),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    let finished_run = FinishedRun {
        id: run.story.facts.id.clone(),
        folder: run.folder.display().to_string(),
        at_unix_ms: run.story.unix_ms_at(run.story.facts.ended_minute),
        telemetry_lack,
    };
    let setting = Setting {
        runs_dir: options.runs_dir.clone(),
        opened: Some(run),
        finished_run: Some(finished_run),
        ..Setting::default()
    };
    State::new(store, setting, shutdown)
}
