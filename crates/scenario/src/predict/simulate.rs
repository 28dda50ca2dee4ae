//! A scenario's arrivals through its queues.

use serde::{Deserialize, Serialize};

use super::engine::{Course, Engine, Waiting};
use super::minutes;
use super::outcomes::Outcomes;
use super::prediction::{Prediction, StreamOutcomes};
use super::service::Chance;
use crate::effects::{Retries, Route};
use crate::schedule::Random;
use crate::{Queue, Scenario, Schedule, Stream, arrivals};

/// Arrivals that the seeds beside the run's own may cost together: a few tens of milliseconds. With more arrivals luck
/// matters less, and fewer seeds are enough.
const ARRIVALS_FOR_SPREAD: f64 = 150_000.0;

/// How to predict.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PredictOptions {
    /// Scenario minutes per real minute, over 0.
    pub speed: f64,
    /// Standard deviation of the logarithm of service times, 0 or more. A calibrated wait ends on time to within a few percent.
    pub service_spread: f64,
    /// How many seeds beside the run's own give the spread; fewer where arrivals are many.
    pub further_seeds: u32,
}

impl PredictOptions {
    /// The usual options at `speed`.
    pub fn at_speed(speed: f64) -> Self {
        Self { speed, service_spread: 0.05, further_seeds: 4 }
    }
}

/// What `scenario` will do under `seed`.
pub fn predict(scenario: &Scenario, seed: u64, options: &PredictOptions) -> Prediction {
    predict_with(scenario, seed, options, &Chance::lognormal(options.service_spread))
}

/// The same with service times that spread by `chance`.
pub(super) fn predict_with(scenario: &Scenario, seed: u64, options: &PredictOptions, chance: &Chance) -> Prediction {
    let expected: f64 =
        scenario.streams.iter().map(|s| s.arrivals_per_minute.integral(0.0, scenario.minutes) / options.speed).sum();
    let further = u64::from(options.further_seeds).min((ARRIVALS_FOR_SPREAD / expected.max(1.0)) as u64);
    let streams = scenario
        .streams
        .iter()
        .map(|stream| {
            // Seeds far from those that people type, so that the spread does not contain the neighbouring run.
            let seeds = (0..=further).map(|n| seed.wrapping_add(n.wrapping_mul(0x5EED_0000_0001)));
            StreamOutcomes {
                name: stream.name.clone(),
                journeys: stream.journeys.keys().cloned().collect(),
                runs: seeds.map(|seed| run(scenario, stream, seed, options.speed, chance)).collect(),
            }
        })
        .collect();
    let mut prediction = Prediction {
        seed,
        speed: options.speed,
        request_digest: Schedule::digest(scenario, seed, options.speed),
        minutes: Vec::new(),
        streams,
    };
    prediction.minutes = minutes::of(scenario, &prediction);
    prediction
}

/// One stream through the queues that its journeys wait in.
fn run(scenario: &Scenario, stream: &Stream, seed: u64, speed: f64, chance: &Chance) -> Outcomes {
    let Some(arrivals) = arrivals(scenario, &stream.name, seed, speed) else {
        return Outcomes::default();
    };
    let seconds_per_minute = 60.0 / speed;
    let queues: Vec<&Queue> = scenario.queues.iter().filter(|queue| queue.stream == stream.name).collect();
    let route = |journey: &String| Route::of(scenario, stream, journey, &queues, seconds_per_minute);
    let routes: Vec<Route> = stream.journeys.keys().map(route).collect();
    let course = Course {
        routes: &routes,
        retries: &Retries::of(scenario, &stream.name, seconds_per_minute),
        chance,
        service: Random::new(seed, &format!("{}/service", stream.name)),
        hazards: Random::new(seed, &format!("{}/hazards", stream.name)),
        seconds_per_minute,
    };
    let waiting = queues.iter().map(|queue| Waiting::new(scenario, queue, seconds_per_minute)).collect();
    let mut engine = Engine::new(course, waiting, arrivals.expected());
    for arrival in arrivals {
        engine.arrive(&arrival);
    }
    engine.run_until(f64::INFINITY);
    engine.outcomes
}
