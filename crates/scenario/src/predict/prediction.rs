//! What a prediction says, minute by minute and for any window.

use serde::{Deserialize, Serialize};

use super::outcomes::{Outcomes, Summary};

/// What the scenario's queues will do to each stream.
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
    pub(super) runs: Vec<Outcomes>,
}

/// One stream in one scenario minute, `[minute, minute + 1)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MinutePrediction {
    /// First scenario minute.
    pub minute: f64,
    /// The stream's name.
    pub stream: String,
    /// Per real minute.
    pub arrivals_per_minute: f64,
    /// How long a connection is held, at the middle of the minute; `None` where the stream waits in no queue.
    pub service_time_ms: Option<f64>,
    /// What its queue can serve per real second: connections / service time.
    pub capacity_per_second: Option<f64>,
    /// Share of the queue's connection time in use, 0 to 1: arrivals of this minute that were served, times service time.
    pub utilisation: Option<f64>,
    /// Answered well per real second.
    pub throughput_per_second: f64,
    /// Share that fails, 0 to 1; 0 without arrivals.
    pub error_rate: f64,
    /// Over a few seeds, this one included.
    pub error_rate_spread: Option<Spread>,
    /// Median latency from the intended start, failed ones included; `None` without arrivals.
    pub p50_ms: Option<f64>,
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

/// One stream over some window.
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
    /// Answered well per real second.
    pub throughput_per_second: f64,
    /// Share that fails, 0 to 1; `None` without arrivals.
    pub error_rate: Option<f64>,
    /// Over a few seeds, this one included.
    pub error_rate_spread: Option<Spread>,
    /// Median latency from the intended start, failed ones included.
    pub p50_ms: Option<f64>,
    /// 95th percentile of it.
    pub p95_ms: Option<f64>,
    /// Over a few seeds, this one included.
    pub p95_ms_spread: Option<Spread>,
}

impl Prediction {
    /// Minute, latency in milliseconds and failure of each of `stream`'s arrivals under the run's seed.
    #[cfg(test)]
    pub(crate) fn each(&self, stream: &str) -> impl Iterator<Item = (f64, f64, bool)> {
        self.streams.iter().filter(move |s| s.name == stream).flat_map(|s| s.runs[0].each())
    }

    /// Whether [`Prediction::window`] can answer: not after it was read back from JSON.
    pub(crate) fn has_windows(&self) -> bool {
        !self.streams.is_empty()
    }

    /// For arrivals of `stream` due in scenario minutes `[from, to)`; `None` if there is no such stream.
    pub fn window(&self, stream: &str, from: f64, to: f64) -> Option<WindowPrediction> {
        let of = self.streams.iter().find(|s| s.name == stream)?;
        let summaries: Vec<Summary> = of.runs.iter().map(|run| run.summary(from, to)).collect();
        let first = summaries.first()?;
        let real_minutes = ((to - from) / self.speed).max(f64::MIN_POSITIVE);
        Some(WindowPrediction {
            from,
            to,
            arrivals: first.arrivals,
            arrivals_per_minute: first.arrivals as f64 / real_minutes,
            throughput_per_second: (first.arrivals - first.errors) as f64 / real_minutes / 60.0,
            error_rate: first.error_rate(),
            error_rate_spread: Spread::over(summaries.iter().filter_map(Summary::error_rate)),
            p50_ms: first.p50_ms,
            p95_ms: first.p95_ms,
            p95_ms_spread: Spread::over(summaries.iter().filter_map(|s| s.p95_ms)),
        })
    }

    /// What is predicted for `stream` in the scenario minute that begins at `minute`.
    pub fn minute(&self, stream: &str, minute: f64) -> Option<&MinutePrediction> {
        self.minutes.iter().find(|m| m.stream == stream && m.minute == minute.floor())
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
