//! What a run is to do, complete and checked before it begins.

use std::sync::OnceLock;
use std::time::Duration;

use indexmap::IndexMap;
use scenario::{Clock, DataSource, Journey, LoadTest, Scenario, Schedule, SpanSampling, ThinkDraw};

use super::traffic::Traffic;
use super::watched::Watched;
use crate::record::{BucketLength, Identity, StreamNames};
use crate::request::{PrepareError, PreparedJourney, Preparing};
use crate::tampering::Tampering;
use crate::target::{Destination, Target};

/// Bounds of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Engine threads.
    pub(crate) threads: usize,
    /// Most arrivals under way at once, over all threads; one that waits to try again is under way. What is due beyond it
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
            // One thread sends some hundred thousand requests a second; the machine's other cores belong to the subject.
            threads: 1,
            // Ten times what black-friday has under way at its worst, a few hundred bytes each.
            max_in_flight: 20_000,
            step_timeout: Duration::from_secs(20),
            // As long as the longest request, and the conductor waits a little longer still.
            drain: Duration::from_secs(22),
        }
    }
}

/// When visits begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    /// When they are due.
    Open,
    /// So many at once, each as soon as one before it has ended: what other tools do, for comparison.
    Closed(usize),
}

/// Which part of the schedule is this process's: worker `index` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) index: u64,
    /// At least 1.
    pub(crate) of: u64,
}

/// Where visitors go and what they do there.
#[derive(Debug)]
pub(crate) struct Script<'a> {
    pub(crate) journeys: &'a IndexMap<String, Journey>,
    pub(crate) data: &'a IndexMap<String, DataSource>,
    /// By the name that steps know.
    pub(crate) destinations: IndexMap<String, Destination>,
}

/// A run before it begins.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) traffic: Traffic,
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    /// `scenario.run` in the baggage.
    pub(crate) run_id: String,
    /// As steps number them.
    pub(crate) destinations: Vec<Destination>,
    /// By stream, then as arrivals number them.
    pub(crate) journeys: Vec<Vec<PreparedJourney>>,
    /// By stream.
    pub(super) thinking: Vec<ThinkDraw>,
    pub(crate) limits: Limits,
    pub(crate) model: Model,
    pub(crate) share: Share,
    pub(crate) spans: SpanSampling,
    pub(crate) buckets: BucketLength,
    /// What is done to requests from the beginning, by the stream's name.
    pub(crate) tampering: IndexMap<String, Tampering>,
    /// Who is told how each request ended.
    pub(crate) watched: Option<Watched>,
    digest: OnceLock<String>,
}

impl Plan {
    /// Of `traffic`, whose visitors do what `script` says; every visit recorded as spans up to the usual bound.
    pub(crate) fn new(
        traffic: Traffic,
        script: Script<'_>,
        seed: u64,
        clock: Clock,
        run_id: Option<String>,
        limits: Limits,
    ) -> Result<Self, PrepareError> {
        let run_id = run_id.unwrap_or_else(|| format!("{}-{}", traffic.name, clock.start_unix as i64));
        let Script { journeys, data, destinations } = script;
        let targets: IndexMap<String, Target> =
            destinations.iter().map(|(name, destination)| (name.clone(), destination.target.clone())).collect();
        let preparing = Preparing {
            seed,
            start_ms: (clock.start_unix * 1000.0) as u64,
            run_id: &run_id,
            journeys,
            targets: &targets,
            data,
        };
        let streams = traffic.streams.iter().enumerate();
        let journeys =
            streams.map(|(position, stream)| preparing.stream(position, stream)).collect::<Result<_, _>>()?;
        Ok(Self {
            journeys,
            thinking: traffic.streams.iter().map(|stream| ThinkDraw::new(seed, &stream.name)).collect(),
            traffic,
            seed,
            clock,
            run_id,
            destinations: destinations.into_values().collect(),
            limits,
            model: Model::Open,
            share: Share { index: 0, of: 1 },
            spans: SpanSampling::default(),
            buckets: BucketLength::QUARTER_MINUTE,
            tampering: IndexMap::new(),
            watched: None,
            digest: OnceLock::new(),
        })
    }

    /// Of a scenario.
    pub(crate) fn of_scenario(
        scenario: &Scenario,
        destinations: IndexMap<String, Destination>,
        seed: u64,
        clock: Clock,
        run_id: Option<String>,
        limits: Limits,
    ) -> Result<Self, PrepareError> {
        let script = Script { journeys: scenario.world.steps(), data: scenario.world.data(), destinations };
        Self::new(Traffic::from(scenario), script, seed, clock, run_id, limits)
    }

    /// Of a load test that begins at `clock`, of which this process plays `share`.
    pub(crate) fn of_test(
        test: &LoadTest,
        destinations: IndexMap<String, Destination>,
        seed: u64,
        clock: Clock,
        run_id: Option<String>,
        limits: Limits,
    ) -> Result<Self, PrepareError> {
        let script = Script { journeys: &test.journeys, data: &test.data, destinations };
        let plan = Self::new(Traffic::from(test), script, seed, clock, run_id, limits)?;
        Ok(Self { spans: test.spans, buckets: BucketLength::for_test(test.minutes), ..plan })
    }

    /// What engine thread `thread` sends.
    pub(super) fn schedule(&self, thread: usize) -> Schedule {
        // Thread t of T in worker i of n owns the indexes that leave i + n t when divided by n T: of all that leave i when
        // divided by n, every T-th.
        let Share { index, of } = self.share;
        let (mine, all) = (index + of * thread as u64, of * self.limits.threads.max(1) as u64);
        match self.model {
            Model::Open => self.traffic.schedule(self.seed, self.clock, mine, all),
            Model::Closed(_) => self.traffic.closed(self.seed, mine, all),
        }
    }

    /// The names under which measurements are reported. The first call hashes the whole schedule, some 20 ms for a
    /// scenario: not on an engine thread.
    pub(crate) fn identity(&self) -> Identity {
        // Who comes when in the closed model is up to the server: there is no schedule to hash.
        let digest = self.digest.get_or_init(|| match self.model {
            Model::Open => self.traffic.digest(self.seed, self.clock),
            Model::Closed(_) => String::new(),
        });
        let streams = self.traffic.streams.iter().zip(&self.journeys);
        let streams = streams.map(|(stream, journeys)| StreamNames {
            name: stream.name.clone(),
            journeys: journeys
                .iter()
                .map(|j| (j.name.clone(), j.steps.iter().map(|s| s.label.clone()).collect()))
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
