//! What the threads of a run share with whoever looks at it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::plan::Plan;
use super::retries::Retries;
use super::tampering::Tamperings;
use crate::record::Record;

/// Shared by a run's workers and its [`super::Run`].
#[derive(Debug)]
pub(super) struct Shared {
    /// One for each worker. Held for single updates and for cheap clones only, never across an await.
    records: Vec<Mutex<Record>>,
    pub(super) retries: Retries,
    pub(super) tampering: Tamperings,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    /// No more arrivals; outstanding answers are awaited.
    pub(super) stop: CancellationToken,
    /// The same, to be looked at for each arrival: the token takes a lock.
    is_stopped: AtomicBool,
    /// A worker could not go on: part of the schedule was not played.
    has_failed: AtomicBool,
    /// Outstanding answers are given up.
    pub(super) abandon: CancellationToken,
    /// Workers that have not ended.
    pub(super) working: watch::Sender<usize>,
}

impl Shared {
    pub(super) fn new(workers: usize, plan: &Plan) -> Self {
        let empty = Record::new(&plan.shape(), plan.buckets);
        let tampering = Tamperings::new(plan.seed, plan.traffic.streams.iter().map(|stream| stream.name.as_str()));
        for (number, stream) in plan.traffic.streams.iter().enumerate() {
            tampering.set(number, plan.tampering.get(&stream.name).cloned());
        }
        Self {
            records: (0..workers).map(|_| Mutex::new(empty.clone())).collect(),
            retries: Retries::new(empty.streams.len()),
            tampering,
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            stop: CancellationToken::new(),
            is_stopped: AtomicBool::new(false),
            has_failed: AtomicBool::new(false),
            abandon: CancellationToken::new(),
            working: watch::Sender::new(workers),
        }
    }

    /// No more arrivals from now on.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.stop.cancel();
    }

    /// A worker could not go on.
    pub(super) fn fail(&self) {
        self.has_failed.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// The record of `worker`.
    pub(super) fn record(&self, worker: usize) -> MutexGuard<'_, Record> {
        // Counts are whole after every single update: a panic elsewhere can't have left them half written.
        self.records[worker].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All workers' records as one.
    pub(super) fn snapshot(&self) -> Record {
        let mut sum = self.record(0).clone();
        for worker in 1..self.records.len() {
            let other = self.record(worker).clone();
            sum.merge(&other);
        }
        sum
    }

    pub(super) fn entered(&self) {
        let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_in_flight.fetch_max(now, Ordering::Relaxed);
    }

    pub(super) fn left(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// Arrivals under way now, and the most there were at once.
    pub(super) fn in_flight(&self) -> (usize, usize) {
        let load = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        (load(&self.in_flight), load(&self.most_in_flight))
    }
}
