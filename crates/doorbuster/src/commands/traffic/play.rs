//! A run, watched until its end or until somebody interrupts it.

use std::time::{Duration, Instant};

use load::{ChangedRequests, LoadTestOptions, LoadTestRun, Watched, Watching};
use scenario::{LoadTest, LoadTestReport};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::refused;
use crate::arguments::{Traffic, TrafficMode};
use crate::output;
use crate::output::traffic::{ProgressLine, request_line};

/// How often progress is told.
const LOOK: Duration = Duration::from_secs(1);
/// How often the lines of --verbose are written.
const LINES_EVERY: Duration = Duration::from_millis(100);
/// Requests that may end between two times that lines are written: three times what ends at the highest rates.
const ROOM_FOR_LINES: usize = 4_096;

/// What came of a run.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) report: LoadTestReport,
    pub(super) changed: Vec<ChangedRequests>,
    /// Requests that got no line of --verbose.
    pub(super) unread: u64,
}

pub(super) async fn play(
    test: LoadTest,
    mut options: LoadTestOptions,
    modes: &[TrafficMode],
    arguments: &Traffic,
    interrupted: &CancellationToken,
) -> anyhow::Result<Played> {
    let mut watching = None;
    if arguments.verbose {
        let (told, read) = Watched::with_room(ROOM_FOR_LINES);
        (options.watched, watching) = (Some(told), Some(read));
    }
    let run = load::start_load_test(test, &options).await.map_err(refused)?;
    let began = Instant::now();
    let mut line = ProgressLine::new(arguments.verbose);
    let (mut looks, mut lines) = (interval(LOOK), interval(LINES_EVERY));
    for ticks in [&mut looks, &mut lines] {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    looks.reset();
    loop {
        tokio::select! {
            () = run.ended() => break,
            () = interrupted.cancelled() => {
                run.abandon();
                run.ended().await;
                break;
            }
            _ = looks.tick() => line.show(&run.progress()),
            _ = lines.tick(), if watching.is_some() => write_lines(watching.as_ref(), modes, began),
        }
    }
    write_lines(watching.as_ref(), modes, began);
    line.end(&run.progress());
    Ok(played(&run, watching.as_ref()))
}

fn played(run: &LoadTestRun, watching: Option<&Watching>) -> Played {
    Played { report: run.report(), changed: run.changed(), unread: watching.map_or(0, Watching::missed) }
}

fn write_lines(watching: Option<&Watching>, modes: &[TrafficMode], began: Instant) {
    for ended in watching.into_iter().flat_map(|watching| watching.requests.try_iter()) {
        output::note(&request_line(&ended, modes, began));
    }
}
