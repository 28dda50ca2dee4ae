//! What the modes send, as a load test and what is done to its requests.

use std::time::Duration;

use indexmap::IndexMap;
use load::{Change, LoadTestOptions, Malformation, Tampering};
use scenario::{Curve, DataSource, LoadTest, MAIL_SLOT, Spacing, SpanSampling, Step, Stream, Target};

use crate::arguments::{Slow, Traffic, TrafficMode};
use crate::exit::UsageError;

/// Where mails are classified.
pub(crate) const PATH: &str = "/hackathon/classify";
/// The journey of every mode.
const JOURNEY: &str = "classify";
/// How long an answer is waited for, in milliseconds: a slow upload, a wait inside the service as long, and a slow model.
const TIMEOUT_MS: f64 = 30_000.0;
/// As load tests have it: many times what is under way at the highest rates.
const MOST_IN_FLIGHT: usize = 20_000;
/// The share of requests of latency_injection that are slow.
const SLOW_SHARE: f64 = 0.3;
/// How long those take, in seconds.
pub(super) const SLOW_SECONDS: (u64, u64) = (2, 5);
/// The share of requests of error_injection that are malformed.
const MALFORMED_SHARE: f64 = 0.5;
/// How long prompts of token_bloat are, in characters: some ten times what makes the cost monitor fire.
const BLOAT_CHARACTERS: (usize, usize) = (20_000, 30_000);

impl TrafficMode {
    /// `traffic.type` of its requests, and its stream's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NormalTraffic => "normal_traffic",
            Self::LatencyInjection => "latency_injection",
            Self::ErrorInjection => "error_injection",
            Self::TokenBloat => "token_bloat",
        }
    }

    /// `X-Traffic-Type` of its requests.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::NormalTraffic => "HACKATHON_TRAFFIC",
            Self::LatencyInjection => "HACKATHON_TRAFFIC_LATENCY",
            Self::ErrorInjection => "HACKATHON_TRAFFIC_ERROR",
            Self::TokenBloat => "HACKATHON_TRAFFIC_BLOAT",
        }
    }
}

/// The modes as they were given, each once.
pub(super) fn modes(given: &[TrafficMode]) -> Result<Vec<TrafficMode>, UsageError> {
    let mut modes = Vec::new();
    for mode in given {
        if modes.contains(mode) {
            return Err(UsageError(format!(
                "--mode {} is given twice: give it once, and a higher --rate",
                mode.name()
            )));
        }
        modes.push(*mode);
    }
    Ok(modes)
}

/// Shares of the requests of latency_injection.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct SlowShares {
    /// Their bodies are uploaded slowly.
    pub(super) upload: f64,
    /// The service waits inside.
    pub(super) upstream: f64,
}

impl SlowShares {
    pub(super) fn of(slow: Slow) -> Self {
        match slow {
            Slow::Upload => Self::upload_only(),
            Slow::Upstream => Self { upload: 0.0, upstream: SLOW_SHARE },
            Slow::Both => {
                // Client and service draw each on its own, and some requests meet both: 1 - (1 - s)^2 is to be the share.
                let each = 1.0 - (1.0 - SLOW_SHARE).sqrt();
                Self { upload: each, upstream: each }
            }
        }
    }

    /// What any server can be made to see.
    pub(super) fn upload_only() -> Self {
        Self { upload: SLOW_SHARE, upstream: 0.0 }
    }
}

/// What is done to requests on their way out, by stream.
pub(super) fn tampering(modes: &[TrafficMode], shares: SlowShares) -> IndexMap<String, Tampering> {
    let (least, most) = SLOW_SECONDS;
    let of = |mode: &TrafficMode| {
        let (share, change) = match mode {
            TrafficMode::NormalTraffic => return None,
            TrafficMode::LatencyInjection if shares.upload == 0.0 => return None,
            TrafficMode::LatencyInjection => {
                (shares.upload, Change::Slow { least: Duration::from_secs(least), most: Duration::from_secs(most) })
            }
            TrafficMode::ErrorInjection => (MALFORMED_SHARE, Change::Malformed { ways: Malformation::ALL.to_vec() }),
            TrafficMode::TokenBloat => (1.0, Change::Bloat { least: BLOAT_CHARACTERS.0, most: BLOAT_CHARACTERS.1 }),
        };
        Some((mode.name().to_owned(), Tampering { share, change, until_unix: f64::INFINITY }))
    };
    modes.iter().filter_map(of).collect()
}

/// One stream for each mode; all of them classify one mail a visit.
pub(super) fn test(arguments: &Traffic, modes: &[TrafficMode], mails: Vec<String>) -> LoadTest {
    let target = Target { url: arguments.url.clone(), http2: false, ca_file: None, insecure: false };
    LoadTest {
        name: "traffic".to_owned(),
        title: String::new(),
        minutes: arguments.duration.as_secs_f64() / 60.0,
        targets: [("inbox".to_owned(), target)].into_iter().collect(),
        streams: modes.iter().map(|mode| stream(*mode, arguments.rate)).collect(),
        journeys: [(JOURNEY.to_owned(), vec![classify()])].into_iter().collect(),
        data: [(MAIL_SLOT.to_owned(), DataSource::OneOf { one_of: mails })].into_iter().collect(),
        thresholds: Vec::new(),
        max_in_flight: MOST_IN_FLIGHT,
        spans: SpanSampling::default(),
    }
}

fn stream(mode: TrafficMode, rate: f64) -> Stream {
    Stream {
        name: mode.name().to_owned(),
        arrivals_per_minute: Curve::constant(rate * 60.0),
        // At a steady rate, so that `rate * duration` requests are sent.
        spacing: Spacing::Uniform,
        journeys: [(JOURNEY.to_owned(), Curve::constant(1.0))].into_iter().collect(),
        tag: None,
        headers: [("x-traffic-type".to_owned(), mode.header().to_owned())].into_iter().collect(),
        baggage: IndexMap::new(),
        elsewhere_ms: 0.0,
    }
}

/// What callers of the world do, and more patience: a whole mail is one value, so that its subject and its text stay together.
fn classify() -> Step {
    Step { timeout_ms: TIMEOUT_MS, ..scenario::inbox_journeys()[JOURNEY][0].clone() }
}

pub(super) fn options(arguments: &Traffic, modes: &[TrafficMode]) -> LoadTestOptions {
    LoadTestOptions {
        allow_targets: arguments.allow_target.clone(),
        seed: arguments.seed,
        // The command line has bounds of its own for both.
        max_rate_per_second: arguments.rate * modes.len() as f64 + 1.0,
        max_duration: arguments.duration,
        ..LoadTestOptions::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_ten_are_slow_wherever_they_are() {
        for slow in [Slow::Upload, Slow::Upstream, Slow::Both] {
            let shares = SlowShares::of(slow);
            let slow_share = 1.0 - (1.0 - shares.upload) * (1.0 - shares.upstream);
            assert!((slow_share - 0.3).abs() < 1e-9, "{slow:?}: {shares:?}");
        }
    }

    #[test]
    fn each_mode_does_its_own_thing_to_its_own_stream() {
        use TrafficMode::{ErrorInjection, LatencyInjection, NormalTraffic, TokenBloat};
        let all = [NormalTraffic, LatencyInjection, ErrorInjection, TokenBloat];
        let tampering = tampering(&all, SlowShares::of(Slow::Both));
        let names: Vec<&str> = tampering.keys().map(String::as_str).collect();
        assert_eq!(names, ["latency_injection", "error_injection", "token_bloat"]);
        assert!(super::tampering(&[LatencyInjection], SlowShares::of(Slow::Upstream)).is_empty());
        assert!(modes(&all).is_ok() && modes(&[TokenBloat, TokenBloat]).is_err());
    }
}
