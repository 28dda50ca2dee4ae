//! All streams of a scenario as one sequence.

use std::iter::Peekable;

use super::arrivals::{Arrival, Arrivals};
use super::digest;
use crate::Scenario;

/// Iterator over every stream's arrivals in order of time; ties go to the stream that stands first in the file.
#[derive(Debug, Clone)]
pub struct Schedule {
    streams: Vec<Peekable<Arrivals>>,
}

impl Schedule {
    /// The whole sequence of `scenario` under `seed` at `speed` scenario minutes per real minute.
    pub fn new(scenario: &Scenario, seed: u64, speed: f64) -> Self {
        Self::shard(scenario, seed, speed, 0, 1)
    }

    /// What `worker` of `workers` sends of it: of each stream the arrivals whose index leaves `worker`.
    pub fn shard(scenario: &Scenario, seed: u64, speed: f64, worker: u64, workers: u64) -> Self {
        let of = |stream| Arrivals::new(scenario, stream, seed, speed).shard(worker, workers).peekable();
        Self { streams: (0..scenario.streams.len()).map(of).collect() }
    }

    /// SHA-256 in hex over the whole sequence: due time, stream, journey, user and product of each arrival.
    ///
    /// The same for the same file, seed and speed, on every machine; a shard reports the digest of the whole.
    pub fn digest(scenario: &Scenario, seed: u64, speed: f64) -> String {
        digest::of(scenario, Self::new(scenario, seed, speed))
    }
}

impl Iterator for Schedule {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let due = |arrivals: &mut Peekable<Arrivals>| arrivals.peek().map(|a| a.due);
        let first = (0..self.streams.len())
            .filter_map(|position| due(&mut self.streams[position]).map(|due| (due, position)))
            .min()?;
        self.streams[first.1].next()
    }
}
