//! One stream's arrivals, in order of time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::intensity::Intensity;
use super::random::{Random, below};
use crate::{Curve, Scenario, Spacing};

/// Users are `user-0000` to `user-9999`.
pub const USERS: u32 = 10_000;
/// Products are `prod-1` to `prod-500000`.
pub const PRODUCTS: u32 = 500_000;

/// Random numbers that one arrival may draw; a power of two, so that an arrival's counters are its own.
const DRAWS: u64 = 4;
const DRAW_GAP: u64 = 0;
const DRAW_JOURNEY: u64 = 1;
const DRAW_WHO_AND_WHAT: u64 = 2;
const DRAW_TRACE: u64 = 3;

/// One journey of one user, due at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    /// Position in its stream, from 0.
    pub index: u64,
    /// Real time since scenario minute 0, in whole microseconds.
    pub due: Duration,
    /// The same moment as a scenario minute.
    pub minute: f64,
    /// Position in [`Scenario::streams`].
    pub stream: usize,
    /// Position in that stream's [`journeys`](crate::Stream::journeys).
    pub journey: usize,
    /// 0 to [`USERS`] - 1.
    pub user: u32,
    /// 1 to [`PRODUCTS`].
    pub product: u32,
    /// 64 random bits for whatever else the request needs, such as its trace id.
    pub trace_seed: u64,
}

impl Arrival {
    /// The user as the shop names it: `user-0042`.
    pub fn user_id(&self) -> String {
        format!("user-{:04}", self.user)
    }

    /// The product as the shop names it: `prod-17`.
    pub fn product_id(&self) -> String {
        format!("prod-{}", self.product)
    }
}

/// The arrivals of the stream named `stream` under `seed` at `speed` scenario minutes per real minute, in order of time.
///
/// `None` if the scenario has no such stream.
pub fn arrivals(scenario: &Scenario, stream: &str, seed: u64, speed: f64) -> Option<Arrivals> {
    let position = scenario.streams.iter().position(|s| s.name == stream)?;
    Some(Arrivals::new(scenario, position, seed, speed))
}

/// Iterator over one stream's [`Arrival`]s. Owns what it needs: it can move to a thread.
#[derive(Debug, Clone)]
pub struct Arrivals {
    stream: usize,
    spacing: Spacing,
    intensity: Intensity,
    journeys: Vec<Curve>,
    random: Random,
    seconds_per_minute: f64,
    shard: (u64, u64),
    next: u64,
    /// Sum of the exponential gaps so far.
    reached: f64,
    cursor: usize,
}

impl Arrivals {
    pub(super) fn new(scenario: &Scenario, stream: usize, seed: u64, speed: f64) -> Self {
        let of = &scenario.streams[stream];
        Self {
            stream,
            spacing: of.spacing,
            intensity: Intensity::new(&of.arrivals_per_minute, scenario.minutes, speed),
            journeys: of.journeys.values().cloned().collect(),
            random: Random::new(seed, &of.name),
            seconds_per_minute: 60.0 / speed,
            shard: (0, 1),
            next: 0,
            reached: 0.0,
            cursor: 0,
        }
    }

    /// Only the arrivals whose index leaves `worker` when divided by `workers`; `workers` below 1 count as 1.
    #[must_use]
    pub fn shard(mut self, worker: u64, workers: u64) -> Self {
        let workers = workers.max(1);
        self.shard = (worker % workers, workers);
        self
    }

    /// Arrivals expected over the scenario, whatever the shard: the area under the curve.
    pub fn expected(&self) -> f64 {
        self.intensity.total()
    }

    /// The journey at `minute` for a `draw` in (0, 1], by the weights at that minute.
    fn journey(&self, minute: f64, draw: f64) -> usize {
        if self.journeys.len() < 2 {
            return 0;
        }
        let total: f64 = self.journeys.iter().map(|weight| weight.at(minute)).sum();
        let mut left = draw * total;
        for (position, weight) in self.journeys.iter().enumerate() {
            left -= weight.at(minute);
            if left <= 0.0 {
                return position;
            }
        }
        self.journeys.len() - 1
    }
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        loop {
            let index = self.next;
            let counter = index.wrapping_mul(DRAWS);
            let target = match self.spacing {
                Spacing::Uniform => index as f64 + 0.5,
                Spacing::Poisson => self.reached + self.random.exponential(counter + DRAW_GAP),
            };
            let minute = self.intensity.minute_of(target, &mut self.cursor)?;
            self.reached = target;
            self.next += 1;
            // A division costs as much as all else here, and most schedules have one shard.
            if self.shard.1 > 1 && index % self.shard.1 != self.shard.0 {
                continue;
            }
            let who_and_what = self.random.at(counter + DRAW_WHO_AND_WHAT);
            return Some(Arrival {
                index,
                due: Duration::from_micros((minute * self.seconds_per_minute * 1e6) as u64),
                minute,
                stream: self.stream,
                journey: self.journey(minute, self.random.unit(counter + DRAW_JOURNEY)),
                user: below((who_and_what >> 32) as u32, USERS),
                product: 1 + below(who_and_what as u32, PRODUCTS),
                trace_seed: self.random.at(counter + DRAW_TRACE),
            });
        }
    }
}
