//! The simulation against the formula, against queueing theory, against what faults must do, and against what the shipped
//! scenarios claim.
mod faults;
mod formula;
mod shipped;
mod table;
mod theory;

use super::service::Chance;
use super::simulate::predict_with;
use super::{PredictOptions, Prediction, WindowPrediction};
use crate::testing::Kinds;
use crate::{Scenario, parse};

/// One queue under constant traffic, without a fault.
#[derive(Debug, Clone, Copy)]
struct Constant {
    minutes: u32,
    arrivals_per_minute: f64,
    connections: u32,
    timeout_ms: f64,
    service_time_ms: f64,
}

impl Constant {
    fn scenario(self) -> Scenario {
        let Self { minutes, arrivals_per_minute, connections, timeout_ms, service_time_ms } = self;
        let text = format!(
            "name: constant\nworld: shop\nminutes: {minutes}\nphases: [{{name: all, from: 0}}]\n\
             streams: [{{name: demo, arrivals_per_minute: {arrivals_per_minute}, journeys: {{full_checkout: 1}}}}]\n\
             queues: [{{name: pool, stream: demo, journeys: [full_checkout], connections: {connections}, \
             acquire_timeout_ms: {timeout_ms}, service_time_ms: {service_time_ms}}}]\n"
        );
        parse(&text, &Kinds).expect("right")
    }

    /// Simulated under `seed`, with service times that spread by `chance`.
    fn simulated(self, seed: u64, chance: &Chance) -> Prediction {
        let options = PredictOptions { further_seeds: 0, ..PredictOptions::at_speed(1.0) };
        predict_with(&self.scenario(), seed, &options, chance)
    }

    /// What comes out once the queue has settled.
    fn settled(self, chance: &Chance) -> WindowPrediction {
        self.simulated(1, chance).window("demo", 1.0, f64::from(self.minutes)).expect("declared")
    }
}
