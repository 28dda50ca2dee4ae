//! A scenario's arrivals through its queues.

use serde::{Deserialize, Serialize};

use super::outcomes::Outcomes;
use super::prediction::{MinutePrediction, Prediction, StreamOutcomes};
use super::queue::Pool;
use super::service::Lognormal;
use crate::effects::ServiceTime;
use crate::schedule::Random;
use crate::{Queue, Scenario, Schedule, Stream, arrivals};

/// Arrivals that the seeds beside the run's own may cost together: a few tens of milliseconds. With more arrivals luck
/// matters less, and fewer seeds are enough.
const ARRIVALS_FOR_SPREAD: f64 = 250_000.0;

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
    let lognormal = Lognormal::new(options.service_spread);
    let expected: f64 =
        scenario.streams.iter().map(|s| s.arrivals_per_minute.integral(0.0, scenario.minutes) / options.speed).sum();
    let further = u64::from(options.further_seeds).min((ARRIVALS_FOR_SPREAD / expected.max(1.0)) as u64);
    let streams = scenario
        .streams
        .iter()
        .map(|stream| {
            let simulation = Simulation { scenario, stream, lognormal: &lognormal, options };
            // Seeds far from those that people type, so that the spread does not contain the neighbouring run.
            let seeds = (0..=further).map(|n| seed.wrapping_add(n.wrapping_mul(0x5EED_0000_0001)));
            StreamOutcomes { name: stream.name.clone(), runs: seeds.map(|seed| simulation.run(seed)).collect() }
        })
        .collect();
    let mut prediction = Prediction {
        seed,
        speed: options.speed,
        request_digest: Schedule::digest(scenario, seed, options.speed),
        minutes: Vec::new(),
        streams,
    };
    prediction.minutes = minutes(scenario, &prediction);
    prediction
}

/// One stream through the queues that its journeys wait in.
struct Simulation<'a> {
    scenario: &'a Scenario,
    stream: &'a Stream,
    lognormal: &'a Lognormal,
    options: &'a PredictOptions,
}

impl Simulation<'_> {
    fn run(&self, seed: u64) -> Outcomes {
        let Some(arrivals) = arrivals(self.scenario, &self.stream.name, seed, self.options.speed) else {
            return Outcomes::default();
        };
        let mut queues: Vec<(&Queue, ServiceTime, Pool)> = queues_of(self.scenario, self.stream)
            .map(|queue| {
                let pool = Pool::new(queue.connections, queue.acquire_timeout_ms / 1000.0);
                (queue, ServiceTime::of(self.scenario, queue), pool)
            })
            .collect();
        let waits_in = |journey: &String| queues.iter().position(|(queue, ..)| queue.journeys.contains(journey));
        let routes: Vec<Option<usize>> = self.stream.journeys.keys().map(waits_in).collect();
        // Draws of their own: how long a service takes must not hang on what its customer buys.
        let random = Random::new(seed, &format!("{}/service", self.stream.name));
        let minutes_per_second = self.options.speed / 60.0;
        let mut outcomes = Outcomes::with_capacity(arrivals.expected() as usize + 64);
        for arrival in arrivals {
            let Some((queue, service_time, pool)) =
                routes.get(arrival.journey).copied().flatten().and_then(|at| queues.get_mut(at))
            else {
                outcomes.push(arrival.minute, self.stream.elsewhere_ms, false);
                continue;
            };
            let passage = pool.arrive(arrival.due.as_secs_f64(), |start| {
                let target = service_time.at(start * minutes_per_second);
                target / 1000.0 * self.lognormal.pick(random.at(arrival.index))
            });
            let latency = (passage.waited + passage.served.unwrap_or(0.0)) * 1000.0 + queue.elsewhere_ms;
            outcomes.push(arrival.minute, latency, passage.served.is_none());
        }
        outcomes
    }
}

fn queues_of<'a>(scenario: &'a Scenario, stream: &'a Stream) -> impl Iterator<Item = &'a Queue> {
    scenario.queues.iter().filter(|queue| queue.stream == stream.name)
}

/// Which share of `stream` takes a journey of `queue` at `minute`.
fn share_of(stream: &Stream, queue: &Queue, minute: f64) -> f64 {
    let weight = |(_, curve): (&String, &crate::Curve)| curve.at(minute);
    let total: f64 = stream.journeys.iter().map(weight).sum();
    let through: f64 = stream.journeys.iter().filter(|(name, _)| queue.journeys.contains(name)).map(weight).sum();
    if total > 0.0 { through / total } else { 0.0 }
}

/// The table that people read.
fn minutes(scenario: &Scenario, prediction: &Prediction) -> Vec<MinutePrediction> {
    let queues: Vec<(&Queue, ServiceTime)> =
        scenario.queues.iter().map(|queue| (queue, ServiceTime::of(scenario, queue))).collect();
    let mut rows = Vec::new();
    for minute in 0..scenario.minutes.ceil() as u32 {
        let from = f64::from(minute);
        let to = (from + 1.0).min(scenario.minutes);
        let middle = f64::midpoint(from, to);
        for stream in &scenario.streams {
            let Some(window) = prediction.window(&stream.name, from, to) else {
                continue;
            };
            let capacity =
                |queue: &Queue, service: &ServiceTime| f64::from(queue.connections) / service.at(middle) * 1000.0;
            // Where journeys wait in several queues, the tightest stands for the stream.
            let tightest = queues
                .iter()
                .filter(|(queue, _)| queue.stream == stream.name)
                .min_by(|a, b| capacity(a.0, &a.1).total_cmp(&capacity(b.0, &b.1)));
            rows.push(MinutePrediction {
                minute: from,
                stream: stream.name.clone(),
                arrivals_per_minute: window.arrivals_per_minute,
                service_time_ms: tightest.map(|(_, service)| service.at(middle)),
                capacity_per_second: tightest.map(|(queue, service)| capacity(queue, service)),
                utilisation: tightest.map(|(queue, service)| {
                    // Whoever failed gave up in the queue; the others of its journeys were served.
                    let through = share_of(stream, queue, middle) * window.arrivals_per_minute / 60.0;
                    let failed = window.arrivals_per_minute / 60.0 - window.throughput_per_second;
                    ((through - failed) / capacity(queue, service)).clamp(0.0, 1.0)
                }),
                throughput_per_second: window.throughput_per_second,
                error_rate: window.error_rate.unwrap_or(0.0),
                error_rate_spread: window.error_rate_spread,
                p50_ms: window.p50_ms,
                p95_ms: window.p95_ms,
                p95_ms_spread: window.p95_ms_spread,
            });
        }
    }
    rows
}
