//! What a run is to do, complete and checked before it begins.

use std::sync::OnceLock;
use std::time::Duration;

use scenario::{Clock, Scenario, Schedule};

use crate::journeys::{self, PreparedJourney, UnknownJourney};
use crate::record::{Identity, StreamNames};
use crate::services::{Destination, PerService};

/// Bounds of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Engine threads.
    pub(crate) workers: usize,
    /// Most arrivals under way at once, over all workers; one that waits to try again is under way. What is due beyond it
    /// is dropped and counted.
    pub(crate) max_in_flight: usize,
    /// Longest a request may take, connecting included, where its step allows more.
    pub(crate) step_timeout: Duration,
    /// Longest wait for outstanding answers once the last arrival has left.
    pub(crate) drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // One thread sends some ten thousand requests a second; the machine's other cores belong to the subject.
            workers: 1,
            // Ten times what black-friday has under way at its worst, a few hundred bytes each.
            max_in_flight: 20_000,
            step_timeout: Duration::from_secs(20),
            // As long as the longest request, and the conductor waits a little longer still.
            drain: Duration::from_secs(22),
        }
    }
}

/// A run before it begins.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) scenario: Scenario,
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    /// `scenario.run` in the baggage.
    pub(crate) run_id: String,
    pub(crate) destinations: PerService<Destination>,
    /// By stream, then as arrivals number them.
    pub(crate) journeys: Vec<Vec<PreparedJourney>>,
    pub(crate) limits: Limits,
    digest: OnceLock<String>,
}

impl Plan {
    /// Of `scenario`, whose visitors go to `destinations`.
    pub(crate) fn new(
        scenario: Scenario,
        seed: u64,
        clock: Clock,
        run_id: Option<String>,
        destinations: PerService<Destination>,
        limits: Limits,
    ) -> Result<Self, UnknownJourney> {
        let journeys = journeys::prepare(&scenario, &destinations.map(|destination| destination.target.clone()))?;
        let run_id = run_id.unwrap_or_else(|| format!("{}-{}", scenario.name, clock.start_unix as i64));
        Ok(Self { scenario, seed, clock, run_id, destinations, journeys, limits, digest: OnceLock::new() })
    }

    /// What `worker` of the plan's workers sends.
    pub(super) fn schedule(&self, worker: usize) -> Schedule {
        let workers = self.limits.workers.max(1) as u64;
        Schedule::shard(&self.scenario, self.seed, self.clock.speed, worker as u64, workers)
    }

    /// The names under which measurements are reported. The first call hashes the whole schedule, some 20 ms: not on
    /// an engine thread.
    pub(crate) fn identity(&self) -> Identity {
        let digest = self.digest.get_or_init(|| Schedule::digest(&self.scenario, self.seed, self.clock.speed));
        let streams = self.scenario.streams.iter().zip(&self.journeys);
        let streams = streams.map(|(stream, journeys)| StreamNames {
            name: stream.name.clone(),
            journeys: journeys
                .iter()
                .map(|j| (j.name.to_owned(), j.steps.iter().map(|s| s.endpoint.clone()).collect()))
                .collect(),
        });
        Identity { seed: self.seed, request_digest: digest.clone(), streams: streams.collect() }
    }

    /// Number of steps, by stream and journey.
    pub(super) fn shape(&self) -> Vec<Vec<usize>> {
        let steps = |journeys: &Vec<PreparedJourney>| journeys.iter().map(|j| j.steps.len()).collect();
        self.journeys.iter().map(steps).collect()
    }
}
