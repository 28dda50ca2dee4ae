//! One engine thread: takes arrivals from the schedule and lets each go when it is due.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scenario::Arrival;
use tokio::runtime::{Builder, LocalOptions};
use tokio::task::JoinSet;

use super::Plan;
use super::pacer::Pacer;
use super::run::unix_now;
use super::shared::Shared;
use super::visit::{Underway, visit};
use crate::client::Client;
use crate::record::Place;
use crate::services::PerService;

/// Arrivals that may leave in one go when many are due; then answers are looked at.
const BURST: usize = 64;
/// Task polls between two looks at the network and the timer: short, so that a crowd of answers delays no arrival.
const POLLS_BETWEEN_EVENTS: u32 = 16;

/// Steps of niceness below others: about ten times an ordinary thread's weight. It needs one hundredth of a core.
#[cfg(target_os = "linux")]
const PRIORITY: i32 = -10;

/// What the tasks of one thread share.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) plan: Arc<Plan>,
    pub(super) shared: Arc<Shared>,
    pub(super) number: usize,
    pub(super) clients: PerService<Client>,
    /// Arrivals of this thread that are under way.
    pub(super) in_flight: Cell<usize>,
}

/// The thread's whole life.
pub(super) fn work(plan: Arc<Plan>, shared: Arc<Shared>, number: usize) {
    let _ended = Ended(Arc::clone(&shared));
    go_first();
    if let Err(error) = work_in_runtime(plan, shared, number) {
        tracing::error!(%error, worker = number, "a load worker could not go on");
    }
}

/// Asks for this thread, and on Linux it alone, to be scheduled ahead of others. The subject may take all of the machine,
/// and what the generator is late by would look like the subject's latency. Without the privilege nothing changes.
fn go_first() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(PRIORITY) {
        tracing::debug!(%error, "the load worker has no priority over other threads");
    }
}

/// Tells the run that this worker has ended, however it did.
struct Ended(Arc<Shared>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.working.send_modify(|working| *working -= 1);
    }
}

fn work_in_runtime(plan: Arc<Plan>, shared: Arc<Shared>, number: usize) -> io::Result<()> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .event_interval(POLLS_BETWEEN_EVENTS)
        .build_local(LocalOptions::default())?;
    runtime.block_on(async {
        let clients = plan.destinations.map(|destination| Client::new(destination.addresses.clone()));
        let worker = Rc::new(Worker { plan, shared, number, clients, in_flight: Cell::new(0) });
        let mut visits = JoinSet::new();
        let outcome = dispatch(&worker, &mut visits).await;
        drain(&worker, &mut visits).await;
        let (front, catalog) = (&worker.clients.frontend, &worker.clients.product_catalog);
        let (opened, retried) = (front.opened() + catalog.opened(), front.retried() + catalog.retried());
        tracing::info!(worker = number, connections = opened, stale_connections = retried, "load worker ended");
        outcome
    })
}

/// Lets every arrival go when it is due, until there is none left or the run is told to stop.
async fn dispatch(worker: &Rc<Worker>, visits: &mut JoinSet<()>) -> io::Result<()> {
    let Worker { plan, shared, .. } = worker.as_ref();
    let pacer = Pacer::new()?;
    let joined = Instant::now();
    let due_at = Origin::new(plan.clock.start_unix, unix_now(), joined);
    let mut schedule = plan.schedule(worker.number).peekable();
    while let Some(missed) = schedule.next_if(|arrival| due_at.instant(arrival.due) < Some(joined)) {
        shared.record(worker.number).skipped(missed.stream);
    }
    let mut burst = 0;
    while let Some(next) = schedule.peek() {
        // Finished tasks are let go of here, so that the set holds only those under way.
        while visits.try_join_next().is_some() {}
        let due = due_at.instant(next.due).unwrap_or(joined);
        if Instant::now() < due {
            burst = 0;
            tokio::select! {
                biased;
                () = shared.stop.cancelled() => return Ok(()),
                waited = pacer.until(due) => waited?,
            }
        } else if burst >= BURST {
            burst = 0;
            tokio::task::yield_now().await;
        }
        if shared.stop.is_cancelled() {
            return Ok(());
        }
        if let Some(arrival) = schedule.next() {
            burst += 1;
            depart(worker, visits, arrival, due);
        }
    }
    Ok(())
}

/// Sends one arrival on its way, or drops it where the bound is reached.
fn depart(worker: &Rc<Worker>, visits: &mut JoinSet<()>, arrival: Arrival, due: Instant) {
    let limits = worker.plan.limits;
    let mine = limits.max_in_flight / limits.workers.max(1);
    {
        let mut record = worker.shared.record(worker.number);
        let place = Place { stream: arrival.stream, journey: arrival.journey };
        record.due(place, arrival.minute);
        if worker.in_flight.get() >= mine.max(1) {
            record.dropped(place, arrival.minute);
            return;
        }
    }
    let underway = Underway::new(Rc::clone(worker), arrival, due);
    visits.spawn_local(visit(underway));
}

/// Waits for outstanding answers, and gives up those that do not come.
async fn drain(worker: &Rc<Worker>, visits: &mut JoinSet<()>) {
    let all_answered = async { while visits.join_next().await.is_some() {} };
    tokio::select! {
        () = all_answered => return,
        () = tokio::time::sleep(worker.plan.limits.drain) => {}
        () = worker.shared.abandon.cancelled() => {}
    }
    // Each counts itself as given up when it is dropped.
    visits.shutdown().await;
}

/// Scenario minute 0 on the monotonic clock, which is looked up once: a step of the wall clock later moves no arrival.
#[derive(Debug, Clone, Copy)]
struct Origin {
    now: Instant,
    /// Minute 0 minus `now`, in seconds.
    ahead: f64,
}

impl Origin {
    fn new(start_unix: f64, now_unix: f64, now: Instant) -> Self {
        Self { now, ahead: start_unix - now_unix }
    }

    /// When something is due that is so long after minute 0; `None` before the machine was started.
    fn instant(&self, after: Duration) -> Option<Instant> {
        let ahead = Duration::try_from_secs_f64(self.ahead.abs()).unwrap_or(Duration::MAX);
        if self.ahead >= 0.0 {
            self.now.checked_add(ahead.saturating_add(after))
        } else if after >= ahead {
            self.now.checked_add(after - ahead)
        } else {
            self.now.checked_sub(ahead - after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minute_zero_may_lie_ahead_or_behind() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let ahead = Origin::new(1_010.0, 1_000.0, now);
        assert_eq!(ahead.instant(second), Some(now + second * 11));
        let behind = Origin::new(990.0, 1_000.0, now);
        assert_eq!(behind.instant(second * 13), Some(now + second * 3));
        assert!(behind.instant(second) < Some(now));
        let long_ago = Origin::new(0.0, 1e12, now);
        assert!(long_ago.instant(second) < Some(now), "before the machine was started is before now");
    }
}
