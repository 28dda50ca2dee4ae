//! A run from outside: started, looked at, stopped, awaited.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;

use serde::Serialize;

use super::Plan;
use super::descriptors;
use super::retries::Retries;
use super::shared::Shared;
use super::tampering::Tamperings;
use super::worker;
use crate::record::Record;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Its minute is negative.
    Waiting,
    /// Arrivals leave when they are due.
    Running,
    /// The last arrival has left; answers are awaited.
    Draining,
    /// Told to stop; answers are awaited.
    Stopping,
    /// Told to stop, and nothing is outstanding.
    Stopped,
    /// Played to its end.
    Finished,
}

/// A run. Dropping it stops it and gives outstanding answers up.
#[derive(Debug)]
pub(crate) struct Run {
    plan: Arc<Plan>,
    shared: Arc<Shared>,
}

impl Run {
    /// Starts the threads of `plan`, which wait for its first minute, or join in if that has passed.
    pub(crate) fn start(mut plan: Plan) -> io::Result<Self> {
        let workers = plan.limits.threads.max(1);
        let room = descriptors::room_for_connections(workers) / plan.destinations.len().max(1);
        plan.limits.max_in_flight = plan.limits.max_in_flight.min(room.max(1));
        let plan = Arc::new(plan);
        let shared = Arc::new(Shared::new(workers, &plan));
        let run = Self { plan: Arc::clone(&plan), shared: Arc::clone(&shared) };
        for number in 0..workers {
            let (plan, shared) = (Arc::clone(&plan), Arc::clone(&shared));
            let name = format!("load-{number}");
            // On an error the run is dropped, which ends the workers that were started.
            thread::Builder::new().name(name).spawn(move || worker::work(plan, shared, number))?;
        }
        Ok(run)
    }

    /// What it does.
    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The scenario minute now, by the plan's clock.
    pub(crate) fn minute(&self) -> f64 {
        self.plan.clock.minute_at(unix_now())
    }

    /// Where it is.
    pub(crate) fn state(&self) -> RunState {
        let is_told_to_stop = self.shared.stop.is_cancelled();
        let is_working = *self.shared.working.borrow() > 0;
        let minute = self.minute();
        match (is_working, is_told_to_stop) {
            (false, true) => RunState::Stopped,
            (false, false) if self.has_failed() => RunState::Stopped,
            (false, false) => RunState::Finished,
            (true, true) => RunState::Stopping,
            (true, false) if minute < 0.0 => RunState::Waiting,
            (true, false) if minute < self.plan.traffic.minutes => RunState::Running,
            (true, false) => RunState::Draining,
        }
    }

    /// Whether a worker could not go on, so that part of the schedule was not played.
    pub(crate) fn has_failed(&self) -> bool {
        self.shared.has_failed()
    }

    /// Everything counted so far, of all workers.
    pub(crate) fn record(&self) -> Record {
        self.shared.snapshot()
    }

    /// Whether failed requests are sent again, by stream as the plan numbers them. It may be changed at any time.
    pub(crate) fn retries(&self) -> &Retries {
        &self.shared.retries
    }

    /// What is done to requests on their way out, by stream as the plan numbers them. It may be changed at any time.
    pub(crate) fn tampering(&self) -> &Tamperings {
        &self.shared.tampering
    }

    /// Arrivals under way now, and the most there were at once.
    pub(crate) fn in_flight(&self) -> (usize, usize) {
        self.shared.in_flight()
    }

    /// No more arrivals from now on. Outstanding answers are awaited as long as the plan says.
    pub(crate) fn stop(&self) {
        // A run that has ended by itself stays finished.
        if *self.shared.working.borrow() > 0 {
            self.shared.stop();
        }
    }

    /// Stops and gives outstanding answers up; they count as failed.
    pub(crate) fn abandon(&self) {
        self.stop();
        self.shared.abandon.cancel();
    }

    /// Returns when nothing is outstanding any more. Safe to cancel.
    pub(crate) async fn ended(&self) {
        // An error would mean that the sender is gone, and it is in `shared`.
        let _ = self.shared.working.subscribe().wait_for(|working| *working == 0).await;
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// Unix time in seconds.
pub(crate) fn unix_now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
