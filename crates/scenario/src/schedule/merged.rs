//! All streams of a scenario as one sequence.

use super::arrivals::{Arrival, Arrivals, Due};
use super::digest;
use crate::{Scenario, Stream};

/// Iterator over every stream's arrivals in order of time; ties go to the stream that stands first in the file.
#[derive(Debug, Clone)]
pub struct Schedule {
    streams: Vec<Arrivals>,
    /// When each stream's next arrival is due.
    next: Vec<Option<Due>>,
    /// The same in microseconds: all that has to be looked at to find the first.
    micros: Vec<u64>,
}

/// Due after everything: a stream that has ended.
const NEVER: u64 = u64::MAX;

impl Schedule {
    /// The whole sequence of `scenario` under `seed` at `speed` scenario minutes per real minute.
    pub fn new(scenario: &Scenario, seed: u64, speed: f64) -> Self {
        Self::shard(scenario, seed, speed, 0, 1)
    }

    /// What `worker` of `workers` sends of it: of each stream the arrivals whose index leaves `worker`.
    pub fn shard(scenario: &Scenario, seed: u64, speed: f64, worker: u64, workers: u64) -> Self {
        Self::of_streams(&scenario.streams, scenario.minutes, seed, speed, worker, workers)
    }

    /// What `worker` of `workers` sends of `streams` in `minutes` minutes, of which `speed` pass in a real one; worker 0 of 1
    /// sends all.
    pub fn of_streams(streams: &[Stream], minutes: f64, seed: u64, speed: f64, worker: u64, workers: u64) -> Self {
        let of = |(position, stream)| Arrivals::new(stream, position, minutes, seed, speed).shard(worker, workers);
        let mut streams: Vec<Arrivals> = streams.iter().enumerate().map(of).collect();
        let next: Vec<Option<Due>> = streams.iter_mut().map(Arrivals::next_due).collect();
        Self { micros: next.iter().map(micros).collect(), streams, next }
    }

    /// SHA-256 in hex over the whole sequence: due time, stream, journey, user and product of each arrival.
    ///
    /// The same for the same file, seed and speed, on every machine; a shard reports the digest of the whole.
    pub fn digest(scenario: &Scenario, seed: u64, speed: f64) -> String {
        Self::digest_of_streams(&scenario.streams, scenario.minutes, seed, speed)
    }

    /// The [`digest`](Self::digest) of `streams` over `minutes` minutes.
    pub fn digest_of_streams(streams: &[Stream], minutes: f64, seed: u64, speed: f64) -> String {
        digest::of(streams, Self::of_streams(streams, minutes, seed, speed, 0, 1))
    }
}

impl Iterator for Schedule {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let (mut first, mut earliest) = (0, NEVER);
        for (position, due) in self.micros.iter().enumerate() {
            if *due < earliest {
                (first, earliest) = (position, *due);
            }
        }
        let stream = self.streams.get_mut(first)?;
        let due = self.next[first]?;
        let arrival = stream.arrival(due);
        self.next[first] = stream.next_due();
        self.micros[first] = micros(&self.next[first]);
        Some(arrival)
    }
}

fn micros(due: &Option<Due>) -> u64 {
    due.map_or(NEVER, |due| due.micros)
}
