//! One stream's arrivals, in order of time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::intensity::Intensity;
use super::random::{Random, below};
use super::weights::Weights;
use crate::{Scenario, Spacing, Stream};

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
    Some(Arrivals::new(&scenario.streams[position], position, scenario.minutes, seed, speed))
}

/// Iterator over one stream's [`Arrival`]s. Owns what it needs: it can move to a thread.
#[derive(Debug, Clone)]
pub struct Arrivals {
    stream: usize,
    spacing: Spacing,
    intensity: Intensity,
    weights: Weights,
    random: Random,
    seconds_per_minute: f64,
    workers: u64,
    /// Index of the next arrival, whosever it is.
    next: u64,
    /// Arrivals before the next one of this shard.
    of_others: u64,
    /// Sum of the exponential gaps so far.
    reached: f64,
    cursor: usize,
}

impl Arrivals {
    /// Of `of`, which stands at `position` among its streams, over `minutes` scenario minutes.
    pub(super) fn new(of: &Stream, position: usize, minutes: f64, seed: u64, speed: f64) -> Self {
        Self {
            stream: position,
            spacing: of.spacing,
            intensity: Intensity::new(&of.arrivals_per_minute, minutes, speed),
            weights: Weights::new(&of.journeys),
            random: Random::new(seed, &of.name),
            seconds_per_minute: 60.0 / speed,
            workers: 1,
            next: 0,
            of_others: 0,
            reached: 0.0,
            cursor: 0,
        }
    }

    /// Only the arrivals whose index leaves `worker` when divided by `workers`; `workers` below 1 count as 1. To be called
    /// before the first arrival is taken.
    #[must_use]
    pub fn shard(mut self, worker: u64, workers: u64) -> Self {
        self.workers = workers.max(1);
        self.of_others = worker % self.workers;
        self
    }

    /// Arrivals expected over the scenario, whatever the shard: the area under the curve.
    pub fn expected(&self) -> f64 {
        self.intensity.total()
    }

    /// When the next arrival of this shard is due; `None` after the last. To be asked again after [`Self::arrival`].
    #[inline]
    pub(super) fn next_due(&mut self) -> Option<Due> {
        let (index, target) = self.advance()?;
        let minute = self.intensity.minute_of(target, &mut self.cursor)?;
        Some(Due { index, minute, micros: (minute * self.seconds_per_minute * 1e6) as u64 })
    }

    /// Who arrives at `due`.
    #[inline]
    pub(super) fn arrival(&mut self, due: Due) -> Arrival {
        let Due { index, minute, micros } = due;
        let counter = index.wrapping_mul(DRAWS);
        let who_and_what = self.random.at(counter + DRAW_WHO_AND_WHAT);
        Arrival {
            index,
            due: Duration::from_micros(micros),
            minute,
            stream: self.stream,
            journey: self.weights.journey(minute, || self.random.unit(counter + DRAW_JOURNEY)),
            user: below((who_and_what >> 32) as u32, USERS),
            product: 1 + below(who_and_what as u32, PRODUCTS),
            trace_seed: self.random.at(counter + DRAW_TRACE),
        }
    }

    /// Goes to the next arrival of this shard: its index, and the area under the curve at which it is due. `None` where the
    /// end was met on the way.
    #[inline]
    fn advance(&mut self) -> Option<(u64, f64)> {
        let others = std::mem::replace(&mut self.of_others, self.workers - 1);
        let index = self.next.saturating_add(others);
        let target = match self.spacing {
            Spacing::Uniform => index as f64 + 0.5,
            Spacing::Poisson => {
                // Gaps are added one by one, others' too: in any other order the sum would round differently.
                for index in self.next..=index {
                    self.reached += self.random.exponential(index.wrapping_mul(DRAWS) + DRAW_GAP);
                    if self.reached >= self.intensity.total() {
                        return None;
                    }
                }
                self.reached
            }
        };
        self.next = index.saturating_add(1);
        Some((index, target))
    }
}

/// The moment of one arrival.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    index: u64,
    minute: f64,
    /// Real time since scenario minute 0.
    pub(super) micros: u64,
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let due = self.next_due()?;
        Some(self.arrival(due))
    }
}
