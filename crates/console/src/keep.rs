//! Keeping what comes in: the store as the options want it, and its maintenance while the console runs.

use std::time::Duration;

use detect::Counted;
use store::{DiskLimits, Maintained, Recovered, Store, StoreError};
use tokio::time::{MissedTickBehavior, interval};

use crate::clock;
use crate::options::ConsoleOptions;
use crate::serve::limits;
use crate::state::State;

/// How often the store is maintained. After a crash so much at most is not even known to be lost.
const EVERY: Duration = Duration::from_millis(250);

/// The store that the options ask for, and what an earlier console left in its data folder. Blocks.
///
/// # Errors
/// The data folder cannot be used. A folder to spill to that cannot be made is told, and memory has to do.
pub(crate) fn open(options: &ConsoleOptions, counted: Counted) -> Result<(Store, Option<Recovered>), StoreError> {
    let limits = limits(options);
    let disk = DiskLimits { bytes: options.disk.budget, age: options.disk.retention };
    if let Some(folder) = &options.disk.data {
        let (store, recovered) = Store::open_data(limits, counted, folder, disk, clock::now())?;
        tell(folder, &recovered);
        return Ok((store, Some(recovered)));
    }
    if options.disk.budget == 0 {
        return Ok((Store::new(limits, counted), None));
    }
    match Store::spilling(limits, counted.clone(), &options.disk.spill_to, disk) {
        Ok(store) => Ok((store, None)),
        Err(error) => {
            tracing::warn!(%error, "there is no folder to spill to: the oldest telemetry leaves when memory is full");
            Ok((Store::new(limits, counted), None))
        }
    }
}

fn tell(folder: &std::path::Path, recovered: &Recovered) {
    let Recovered { parts, spans, logs, metric_points, lost_spans, lost_logs, lost_points, damaged, clean } =
        *recovered;
    let folder = folder.display();
    if clean {
        tracing::info!(%folder, parts, spans, logs, metric_points, damaged, "the data folder is open");
    } else {
        tracing::warn!(
            %folder, parts, spans, logs, metric_points, damaged, lost_spans, lost_logs, lost_points,
            "the console before did not end in order: what it had not written yet is lost"
        );
    }
}

/// Maintains the store until the console is to end.
pub(crate) async fn run(state: State) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = state.shutdown().cancelled() => return,
            _ = ticks.tick() => step(&state).await,
        }
    }
}

async fn step(state: &State) {
    let owned = state.clone();
    let done = tokio::task::spawn_blocking(move || owned.store().maintain(clock::now())).await;
    // Whoever panicked has told it; the next step is another.
    let Maintained { troubles, works_again, .. } = done.unwrap_or_default();
    for trouble in troubles {
        tracing::warn!("the store's disk: {trouble}");
    }
    if works_again {
        tracing::info!("the store's disk works again");
    }
}

/// Writes everything that is to outlast the console, once nothing comes in any more.
///
/// # Errors
/// It could not be written.
pub(crate) async fn close(state: State) -> Result<(), StoreError> {
    let closed = tokio::task::spawn_blocking(move || state.store().close(clock::now())).await;
    match closed {
        Ok(closed) => closed,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime itself is ending: nobody is left to wait for the disk.
        Err(_) => Ok(()),
    }
}
