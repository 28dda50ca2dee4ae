//! The load test file as types.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Journey;
use crate::Stream;

/// A load test: who arrives when, what they do, where, and what is good enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadTest {
    /// Identifier: lowercase letters, digits and dashes.
    pub name: String,
    /// One line for people; the name where the file has none.
    #[serde(default)]
    pub title: String,
    /// Length in minutes; curves run over these.
    pub minutes: f64,
    /// Where requests go, by name; the first is that of steps which name none.
    pub targets: IndexMap<String, Target>,
    /// Tagged traffic.
    pub streams: Vec<Stream>,
    /// What visitors do, by name.
    pub journeys: IndexMap<String, Journey>,
    /// Values that templates may use besides the built-in ones, by the name of their slot.
    #[serde(default)]
    pub data: IndexMap<String, DataSource>,
    /// What is good enough; the exit code says whether it was.
    #[serde(default)]
    pub thresholds: Vec<Threshold>,
    /// Most arrivals under way at once; what is due beyond it is dropped and counted, and the run is INVALID.
    #[serde(default = "most_in_flight")]
    pub max_in_flight: usize,
    /// Which visits are recorded as spans.
    #[serde(default)]
    pub spans: SpanSampling,
}

fn most_in_flight() -> usize {
    20_000
}

/// A server. In the file a URL, or a map with `url` and more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TargetText", into = "TargetText")]
pub struct Target {
    /// `http://HOST[:PORT][/PATH]` or `https://...`.
    pub url: String,
    /// HTTP/2 with prior knowledge where the URL is plain http. Over TLS the server chooses.
    pub http2: bool,
    /// File with the certificates (PEM) that sign the server's, instead of the public ones.
    pub ca_file: Option<String>,
    /// Accept any certificate: for a test system with one that it signed itself.
    pub insecure: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum TargetText {
    Url(String),
    Full {
        url: String,
        #[serde(default)]
        http2: bool,
        #[serde(default)]
        ca_file: Option<String>,
        #[serde(default)]
        insecure: bool,
    },
}

impl From<TargetText> for Target {
    fn from(text: TargetText) -> Self {
        match text {
            TargetText::Url(url) => Self { url, http2: false, ca_file: None, insecure: false },
            TargetText::Full { url, http2, ca_file, insecure } => Self { url, http2, ca_file, insecure },
        }
    }
}

impl From<Target> for TargetText {
    fn from(Target { url, http2, ca_file, insecure }: Target) -> Self {
        if http2 || insecure || ca_file.is_some() {
            Self::Full { url, http2, ca_file, insecure }
        } else {
            Self::Url(url)
        }
    }
}

/// Where a slot's values come from. Drawn by (seed, stream, arrival index, name of the slot): the same test gives the same values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DataSource {
    /// `prefix`, then a whole number from `from` to `to`, with leading zeros up to `digits`.
    Numbers {
        /// Smallest.
        from: u64,
        /// Greatest.
        to: u64,
        /// Text before it; empty where absent.
        #[serde(default)]
        prefix: String,
        /// At least so many digits.
        #[serde(default)]
        digits: usize,
    },
    /// One of these, each as likely as the others.
    OneOf {
        /// At least one.
        one_of: Vec<String>,
    },
}

/// Which visits are recorded as spans of the generator, where telemetry has an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpanSampling {
    /// Share of visits, 0 to 1, chosen by the arrival's own random numbers.
    #[serde(default = "all")]
    pub share: f64,
    /// Most visits a second; telemetry must not limit load.
    #[serde(default = "most_per_second")]
    pub most_per_second: u32,
}

impl Default for SpanSampling {
    fn default() -> Self {
        Self { share: all(), most_per_second: most_per_second() }
    }
}

fn all() -> f64 {
    1.0
}

fn most_per_second() -> u32 {
    500
}

/// What is good enough, of a part of what was measured. Latencies count from the intended start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Only this stream; all of them together where absent.
    #[serde(default)]
    pub stream: Option<String>,
    /// Only this journey.
    #[serde(default)]
    pub journey: Option<String>,
    /// Only this step of `journey`, by its label: requests instead of visits.
    #[serde(default)]
    pub step: Option<String>,
    /// Greatest share that failed, 0 to 1.
    #[serde(default)]
    pub error_rate_max: Option<f64>,
    /// Greatest median, in milliseconds.
    #[serde(default)]
    pub p50_ms_max: Option<f64>,
    /// Greatest 90th percentile, in milliseconds.
    #[serde(default)]
    pub p90_ms_max: Option<f64>,
    /// Greatest 95th percentile, in milliseconds.
    #[serde(default)]
    pub p95_ms_max: Option<f64>,
    /// Greatest 99th percentile, in milliseconds.
    #[serde(default)]
    pub p99_ms_max: Option<f64>,
    /// Greatest of all, in milliseconds.
    #[serde(default)]
    pub slowest_ms_max: Option<f64>,
    /// Fewest answered well a minute: those that failed do not count. Over the planned length of a test that ran to its end,
    /// over the time that it took where it was stopped.
    #[serde(default)]
    pub completed_per_minute_min: Option<f64>,
}
