//! One engine thread: takes arrivals from the schedule and lets each go when it is due.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scenario::Arrival;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::Notify;

use super::closed;
use super::pace::{Next, Pace};
use super::pacer::Pacer;
use super::plan::{Model, Plan};
use super::run::unix_now;
use super::shared::Shared;
use super::trace::SpanBudget;
use super::visit::{Scratch, Underway, visit};
use crate::client::Transport;
use crate::record::Place;

/// Arrivals that may leave in one go when many are due; then answers are looked at.
const BURST: usize = 64;
/// Task polls between two looks at the network and the timer: short, so that a crowd of answers delays no arrival.
const POLLS_BETWEEN_EVENTS: u32 = 32;
/// Most events that one look at the network takes in.
const EVENTS_PER_LOOK: usize = 256;

/// Steps of niceness below others: about ten times an ordinary thread's weight. It needs one hundredth of a core.
#[cfg(target_os = "linux")]
const PRIORITY: i32 = -10;

/// What the tasks of one thread share.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) plan: Arc<Plan>,
    pub(super) shared: Arc<Shared>,
    pub(super) number: usize,
    /// As steps number their targets.
    pub(super) transports: Vec<Transport>,
    /// Arrivals of this thread that are under way.
    pub(super) in_flight: Cell<usize>,
    /// Told when the last of them has ended.
    pub(super) idle: Notify,
    pub(super) spans: SpanBudget,
    /// Room for visits, used again and again.
    pub(super) scratches: RefCell<Vec<Scratch>>,
}

/// The thread's whole life.
pub(super) fn work(plan: Arc<Plan>, shared: Arc<Shared>, number: usize) {
    let _ended = Ended(Arc::clone(&shared));
    go_first();
    if let Err(error) = work_in_runtime(plan, Arc::clone(&shared), number) {
        shared.fail();
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
        if std::thread::panicking() {
            self.0.fail();
        }
        self.0.working.send_modify(|working| *working -= 1);
    }
}

fn work_in_runtime(plan: Arc<Plan>, shared: Arc<Shared>, number: usize) -> io::Result<()> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .event_interval(POLLS_BETWEEN_EVENTS)
        .max_io_events_per_tick(EVENTS_PER_LOOK)
        .build_local(LocalOptions::default())?;
    let worker = Worker::new(plan, shared, number);
    let outcome = runtime.block_on(async {
        let outcome = match worker.plan.model {
            Model::Open => dispatch(&worker).await,
            Model::Closed(visitors) => {
                closed::dispatch(&worker, visitors).await;
                Ok(())
            }
        };
        drain(&worker).await;
        outcome
    });
    // Visits that are still under way go with the runtime; each counts itself as given up.
    drop(runtime);
    let opened: u64 = worker.transports.iter().map(Transport::opened).sum();
    let retried: u64 = worker.transports.iter().map(Transport::retried).sum();
    tracing::info!(worker = number, connections = opened, stale_connections = retried, "load worker ended");
    outcome
}

impl Worker {
    fn new(plan: Arc<Plan>, shared: Arc<Shared>, number: usize) -> Rc<Self> {
        let transports = plan.destinations.iter().map(Transport::new).collect();
        let spans = SpanBudget::new(&plan);
        let (in_flight, idle, scratches) = (Cell::new(0), Notify::new(), RefCell::default());
        Rc::new(Self { plan, shared, number, transports, in_flight, idle, spans, scratches })
    }

    /// Most arrivals that may be under way on this thread.
    fn bound(&self) -> usize {
        let limits = self.plan.limits;
        (limits.max_in_flight / limits.threads.max(1)).max(1)
    }

    /// One visit less is under way.
    pub(super) fn left(&self) {
        self.in_flight.set(self.in_flight.get() - 1);
        self.shared.left();
        if self.in_flight.get() == 0 {
            self.idle.notify_waiters();
        }
    }
}

/// Lets every arrival go when it is due, until there is none left or the run is told to stop.
async fn dispatch(worker: &Rc<Worker>) -> io::Result<()> {
    let Worker { plan, shared, .. } = worker.as_ref();
    let pacer = Pacer::new()?;
    let joined = Instant::now();
    let due_at = Origin::new(plan.clock.start_unix, unix_now(), joined);
    let mut schedule = plan.schedule(worker.number).peekable();
    while let Some(missed) = schedule.next_if(|arrival| due_at.instant(arrival.due) < Some(joined)) {
        shared.record(worker.number).skipped(missed.stream);
    }
    let (mut pace, mut now, mut woke, mut burst) = (Pace::new(), joined, joined, 0);
    while let Some(next) = schedule.peek() {
        let due = due_at.instant(next.due).unwrap_or(joined);
        if burst >= BURST {
            burst = 0;
            tokio::task::yield_now().await;
            now = Instant::now();
        }
        match pace.next(due - joined, now - joined, woke - joined) {
            Next::Send => {
                pace.sent(due - joined);
                if let Some(arrival) = schedule.next() {
                    burst += 1;
                    depart(worker, arrival, due);
                }
            }
            Next::WakeAt(moment) => {
                tokio::select! {
                    biased;
                    () = shared.stop.cancelled() => return Ok(()),
                    waited = pacer.until(joined + moment) => waited?,
                }
                now = Instant::now();
                (woke, burst) = (now, 0);
            }
        }
        if shared.is_stopped() {
            return Ok(());
        }
    }
    Ok(())
}

/// Sends one arrival on its way, or drops it where the bound is reached.
fn depart(worker: &Rc<Worker>, arrival: Arrival, due: Instant) {
    let place = Place { stream: arrival.stream, journey: arrival.journey };
    {
        let mut record = worker.shared.record(worker.number);
        record.due(place, arrival.minute);
        if worker.in_flight.get() >= worker.bound() {
            record.dropped(place, arrival.minute);
            return;
        }
    }
    let underway = Underway::new(Rc::clone(worker), arrival, due);
    // Nobody joins it: it tells the worker when it ends, and goes with the runtime.
    tokio::task::spawn_local(visit(underway));
}

/// Waits for outstanding answers, as long as the plan says or until the run is given up.
async fn drain(worker: &Rc<Worker>) {
    let answered = async {
        loop {
            let idle = worker.idle.notified();
            if worker.in_flight.get() == 0 {
                return;
            }
            idle.await;
        }
    };
    tokio::select! {
        biased;
        () = worker.shared.abandon.cancelled() => {}
        () = answered => {}
        () = tokio::time::sleep(worker.plan.limits.drain) => {}
    }
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
