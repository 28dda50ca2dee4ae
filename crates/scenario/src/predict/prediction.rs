//! What a prediction says, minute by minute and for any window.

use serde::{Deserialize, Serialize};

use super::outcomes::{Outcomes, Summary};

/// What the scenario's queues and faults will do to each stream.
///
/// Serialized it keeps its table and loses its windows; [`predict`](crate::predict) brings them back from seed and speed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Prediction {
    /// The seed whose arrivals were simulated.
    pub seed: u64,
    /// Scenario minutes per real minute.
    pub speed: f64,
    /// SHA-256 in hex over the request sequence, as [`Schedule::digest`](crate::Schedule::digest) gives it.
    pub request_digest: String,
    /// One entry per scenario minute and stream; minute by minute, streams in the order of the file.
    pub minutes: Vec<MinutePrediction>,
    #[serde(skip)]
    pub(super) streams: Vec<StreamOutcomes>,
}

/// One stream's outcomes: under the run's seed, then under others.
#[derive(Debug, Clone)]
pub(super) struct StreamOutcomes {
    pub(super) name: String,
    pub(super) journeys: Vec<String>,
    pub(super) runs: Vec<Outcomes>,
}

/// One stream in one scenario minute, `[minute, minute + 1)`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MinutePrediction {
    /// First scenario minute.
    pub minute: f64,
    /// The stream's name.
    pub stream: String,
    /// Per real minute.
    pub arrivals_per_minute: f64,
    /// Per real minute, retries included.
    #[serde(default)]
    pub requests_per_minute: f64,
    /// How long a connection is held, at the middle of the minute; `None` where the stream waits in no queue.
    pub service_time_ms: Option<f64>,
    /// What its queue can serve per real second: connections that have not leaked / service time.
    pub capacity_per_second: Option<f64>,
    /// Share of the queue's connection time in use by this minute's arrivals, 0 to 1.
    pub utilisation: Option<f64>,
    /// Arrivals answered well per real second.
    pub throughput_per_second: f64,
    /// Over a few seeds, this one included.
    #[serde(default)]
    pub throughput_per_second_spread: Option<Spread>,
    /// Share of arrivals that fail, 0 to 1; 0 without arrivals.
    pub error_rate: f64,
    /// Over a few seeds, this one included.
    pub error_rate_spread: Option<Spread>,
    /// Share of requests that fail, retries included, 0 to 1; 0 without requests.
    #[serde(default)]
    pub request_error_rate: f64,
    /// Over a few seeds, this one included.
    #[serde(default)]
    pub request_error_rate_spread: Option<Spread>,
    /// Mean wait in the queue of arrivals that came to it (their last request's), those that gave up included, in
    /// milliseconds; `None` where none came.
    #[serde(default)]
    pub wait_ms: Option<f64>,
    /// Over a few seeds, this one included.
    #[serde(default)]
    pub wait_ms_spread: Option<Spread>,
    /// Median latency from the intended start, failed ones included, in milliseconds; `None` without arrivals.
    pub p50_ms: Option<f64>,
    /// Over a few seeds, this one included.
    #[serde(default)]
    pub p50_ms_spread: Option<Spread>,
    /// 95th percentile of it.
    pub p95_ms: Option<f64>,
    /// Over a few seeds, this one included.
    pub p95_ms_spread: Option<Spread>,
}

/// Least and greatest over a few seeds: inside, a measurement is luck.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Least.
    pub low: f64,
    /// Greatest.
    pub high: f64,
}

/// One stream, or one journey of it, over some window. Figures as in [`MinutePrediction`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowPrediction {
    /// First scenario minute.
    pub from: f64,
    /// Last scenario minute, not included.
    pub to: f64,
    /// Due inside, under the run's seed.
    pub arrivals: u64,
    /// Per real minute.
    pub arrivals_per_minute: f64,
    /// Per real minute, retries included.
    pub requests_per_minute: f64,
    /// Arrivals answered well per real second.
    pub throughput_per_second: f64,
    /// Over a few seeds, this one included.
    pub throughput_per_second_spread: Option<Spread>,
    /// Share of arrivals that fail, 0 to 1; `None` without arrivals.
    pub error_rate: Option<f64>,
    /// Over a few seeds, this one included.
    pub error_rate_spread: Option<Spread>,
    /// Share of requests that fail, 0 to 1; `None` without requests.
    pub request_error_rate: Option<f64>,
    /// Over a few seeds, this one included.
    pub request_error_rate_spread: Option<Spread>,
    /// Mean wait in the queue, in milliseconds.
    pub wait_ms: Option<f64>,
    /// Over a few seeds, this one included.
    pub wait_ms_spread: Option<Spread>,
    /// Connection time that its arrivals take, in milliseconds.
    pub held_ms: f64,
    /// Median latency from the intended start, failed ones included, in milliseconds.
    pub p50_ms: Option<f64>,
    /// Over a few seeds, this one included.
    pub p50_ms_spread: Option<Spread>,
    /// 95th percentile of it.
    pub p95_ms: Option<f64>,
    /// Over a few seeds, this one included.
    pub p95_ms_spread: Option<Spread>,
}

impl Prediction {
    /// Whether [`Prediction::window`] can answer: not after it was read back from JSON.
    pub(crate) fn has_windows(&self) -> bool {
        !self.streams.is_empty()
    }

    /// For arrivals of `stream` due in scenario minutes `[from, to)`; `None` if there is no such stream.
    pub fn window(&self, stream: &str, from: f64, to: f64) -> Option<WindowPrediction> {
        let of = self.streams.iter().find(|s| s.name == stream)?;
        self.summed_up(of, None, from, to)
    }

    /// The same for those on one `journey`; `None` if the stream has no such journey.
    pub fn window_of_journey(&self, stream: &str, journey: &str, from: f64, to: f64) -> Option<WindowPrediction> {
        let of = self.streams.iter().find(|s| s.name == stream)?;
        let journey = of.journeys.iter().position(|name| name == journey)?;
        self.summed_up(of, Some(journey), from, to)
    }

    fn summed_up(&self, of: &StreamOutcomes, journey: Option<usize>, from: f64, to: f64) -> Option<WindowPrediction> {
        let summaries: Vec<Summary> = of.runs.iter().map(|run| run.summary(journey, from, to)).collect();
        let first = summaries.first()?;
        let real_minutes = ((to - from) / self.speed).max(f64::MIN_POSITIVE);
        let throughput = |s: &Summary| (s.arrivals - s.errors) as f64 / real_minutes / 60.0;
        let spread = |figure: &dyn Fn(&Summary) -> Option<f64>| Spread::over(summaries.iter().filter_map(figure));
        Some(WindowPrediction {
            from,
            to,
            arrivals: first.arrivals,
            arrivals_per_minute: first.arrivals as f64 / real_minutes,
            requests_per_minute: first.requests as f64 / real_minutes,
            throughput_per_second: throughput(first),
            throughput_per_second_spread: spread(&|s| Some(throughput(s))),
            error_rate: first.error_rate(),
            error_rate_spread: spread(&Summary::error_rate),
            request_error_rate: first.request_error_rate(),
            request_error_rate_spread: spread(&Summary::request_error_rate),
            wait_ms: first.wait_ms,
            wait_ms_spread: spread(&|s| s.wait_ms),
            held_ms: first.held_ms,
            p50_ms: first.p50_ms,
            p50_ms_spread: spread(&|s| s.p50_ms),
            p95_ms: first.p95_ms,
            p95_ms_spread: spread(&|s| s.p95_ms),
        })
    }

    /// What is predicted for `stream` in the scenario minute that begins at `minute`.
    pub fn minute(&self, stream: &str, minute: f64) -> Option<&MinutePrediction> {
        self.minutes.iter().find(|m| m.stream == stream && m.minute == minute.floor())
    }
}

#[cfg(test)]
impl Prediction {
    /// Each of `stream`'s arrivals under the run's seed.
    pub(crate) fn each(&self, stream: &str) -> impl Iterator<Item = super::SimulatedArrival> {
        self.streams.iter().filter(move |s| s.name == stream).flat_map(|s| s.runs[0].arrivals())
    }

    /// Minute, journey and failure of each of its requests that was sent again.
    pub(crate) fn each_retry(&self, stream: &str) -> impl Iterator<Item = (f64, usize, bool)> {
        self.streams.iter().filter(move |s| s.name == stream).flat_map(|s| s.runs[0].retries())
    }
}

impl Spread {
    fn over(values: impl Iterator<Item = f64>) -> Option<Self> {
        values.fold(None, |spread, value| {
            let Self { low, high } = spread.unwrap_or(Self { low: value, high: value });
            Some(Self { low: low.min(value), high: high.max(value) })
        })
    }
}
