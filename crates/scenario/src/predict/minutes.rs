//! The table that people read: every stream in every scenario minute, and what limits it there.

use super::prediction::{MinutePrediction, Prediction, WindowPrediction};
use crate::effects::{Connections, ServiceTime};
use crate::{Queue, Scenario, Stream};

pub(super) fn of(scenario: &Scenario, prediction: &Prediction) -> Vec<MinutePrediction> {
    let limits: Vec<Limit<'_>> = scenario.queues.iter().map(|queue| Limit::of(scenario, queue)).collect();
    let mut rows = Vec::new();
    for minute in 0..scenario.minutes.ceil() as u32 {
        let from = f64::from(minute);
        let to = (from + 1.0).min(scenario.minutes);
        for stream in &scenario.streams {
            if let Some(window) = prediction.window(&stream.name, from, to) {
                rows.push(row(stream, &window, &limits, prediction.speed));
            }
        }
    }
    rows
}

/// A queue and what faults make of it.
struct Limit<'a> {
    queue: &'a Queue,
    service_time: ServiceTime,
    connections: Connections,
}

impl<'a> Limit<'a> {
    fn of(scenario: &Scenario, queue: &'a Queue) -> Self {
        let (service_time, connections) = (ServiceTime::of(scenario, queue), Connections::of(scenario, queue));
        Self { queue, service_time, connections }
    }

    /// Per real second, at `minute`.
    fn capacity(&self, minute: f64) -> f64 {
        f64::from(self.connections.at(minute)) * 1000.0 / self.service_time.at(minute)
    }
}

fn row(stream: &Stream, window: &WindowPrediction, limits: &[Limit<'_>], speed: f64) -> MinutePrediction {
    let middle = f64::midpoint(window.from, window.to);
    // Where journeys wait in several queues, the tightest stands for the stream.
    let mine = limits.iter().filter(|limit| limit.queue.stream == stream.name);
    let tightest = mine.min_by(|a, b| a.capacity(middle).total_cmp(&b.capacity(middle)));
    let connection_ms =
        |limit: &Limit<'_>| f64::from(limit.connections.at(middle)) * (window.to - window.from) * 60_000.0 / speed;
    MinutePrediction {
        minute: window.from,
        stream: stream.name.clone(),
        arrivals_per_minute: window.arrivals_per_minute,
        requests_per_minute: window.requests_per_minute,
        service_time_ms: tightest.map(|limit| limit.service_time.at(middle)),
        capacity_per_second: tightest.map(|limit| limit.capacity(middle)),
        utilisation: tightest.map(|limit| (window.held_ms / connection_ms(limit).max(f64::MIN_POSITIVE)).min(1.0)),
        throughput_per_second: window.throughput_per_second,
        throughput_per_second_spread: window.throughput_per_second_spread,
        error_rate: window.error_rate.unwrap_or(0.0),
        error_rate_spread: window.error_rate_spread,
        request_error_rate: window.request_error_rate.unwrap_or(0.0),
        request_error_rate_spread: window.request_error_rate_spread,
        wait_ms: window.wait_ms,
        wait_ms_spread: window.wait_ms_spread,
        p50_ms: window.p50_ms,
        p50_ms_spread: window.p50_ms_spread,
        p95_ms: window.p95_ms,
        p95_ms_spread: window.p95_ms_spread,
    }
}
