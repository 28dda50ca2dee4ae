//! Who arrives when, wherever that was written: in a scenario or in a load test.

use scenario::{Clock, Curve, LoadTest, Phase, Scenario, Schedule, Spacing, Stream};

/// Rate at which a closed model's schedule is written, in arrivals a minute of all streams: beyond what one machine sends,
/// so that there is always a next visitor. Their moments mean nothing.
const CLOSED_PER_MINUTE: f64 = 60e6;

/// Streams over a time.
#[derive(Debug, Clone)]
pub(crate) struct Traffic {
    pub(crate) name: String,
    pub(crate) minutes: f64,
    pub(crate) streams: Vec<Stream>,
    /// Empty in a load test.
    phases: Vec<Phase>,
}

impl From<&Scenario> for Traffic {
    fn from(scenario: &Scenario) -> Self {
        Self {
            name: scenario.name.clone(),
            minutes: scenario.minutes,
            streams: scenario.streams.clone(),
            phases: scenario.phases.clone(),
        }
    }
}

impl From<&LoadTest> for Traffic {
    fn from(test: &LoadTest) -> Self {
        Self { name: test.name.clone(), minutes: test.minutes, streams: test.streams.clone(), phases: Vec::new() }
    }
}

impl Traffic {
    /// The phase that `minute` lies in, if any.
    pub(crate) fn phase_at(&self, minute: f64) -> Option<&Phase> {
        scenario::phase_at(&self.phases, self.minutes, minute)
    }

    /// The stream named `name`.
    pub(crate) fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|s| s.name == name)
    }

    /// What `worker` of `workers` sends.
    pub(crate) fn schedule(&self, seed: u64, clock: Clock, worker: u64, workers: u64) -> Schedule {
        Schedule::of_streams(&self.streams, self.minutes, seed, clock.speed, worker, workers)
    }

    /// SHA-256 in hex over the whole schedule.
    pub(crate) fn digest(&self, seed: u64, clock: Clock) -> String {
        Schedule::digest_of_streams(&self.streams, self.minutes, seed, clock.speed)
    }

    /// Visitors without end, in the proportions of the streams' means.
    pub(crate) fn closed(&self, seed: u64, worker: u64, workers: u64) -> Schedule {
        let whole: f64 = self.streams.iter().map(|s| s.arrivals_per_minute.integral(0.0, self.minutes)).sum();
        let constant = |stream: &Stream| {
            let share = stream.arrivals_per_minute.integral(0.0, self.minutes) / whole;
            let arrivals_per_minute = Curve::constant(share * CLOSED_PER_MINUTE);
            Stream { arrivals_per_minute, spacing: Spacing::Uniform, ..stream.clone() }
        };
        let streams: Vec<Stream> = self.streams.iter().map(constant).collect();
        Schedule::of_streams(&streams, self.minutes.max(60.0), seed, 1.0, worker, workers)
    }
}
