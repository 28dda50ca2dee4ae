//! What keeps a load test from beginning.

use std::ops::RangeInclusive;
use std::time::Duration;

use indexmap::IndexMap;
use scenario::LoadTest;

use super::LoadTestOptions;
use crate::client::Verify;
use crate::engine::unix_now;
use crate::request::PrepareError;
use crate::target::{AllowList, Destination, Protocol, Target, TargetError};

/// When a test may begin, in seconds from now: a start that has just passed is one that came late, and says so by what it
/// skips.
const STARTS: RangeInclusive<f64> = -60.0..=86_400.0;

/// Why a load test does not begin. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum LoadTestError {
    /// Its target may not be sent to, or can't be understood or found.
    #[error("target {name}: {source}")]
    Target {
        /// Its name in the file.
        name: String,
        /// Why.
        source: TargetError,
    },
    /// The file with its certificates can't be read.
    #[error("target {name}: `ca_file` {file:?} can't be read: {source}")]
    CaFile {
        /// Its name in the file.
        name: String,
        /// As it was given.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// A URL was given for a target that the file does not have.
    #[error("there is no target {name:?} in the file: there are {known}")]
    UnknownTarget {
        /// The name that was given.
        name: String,
        /// Those of the file, separated by commas.
        known: String,
    },
    /// It would arrive faster than is allowed without saying so.
    #[error(
        "the streams arrive at up to {peak:.1} a second, over the ceiling of {ceiling}: `--max-rate {}` raises it", .peak.ceil()
    )]
    Rate {
        /// The greatest sum of all rates, in arrivals a second.
        peak: f64,
        /// What is allowed.
        ceiling: f64,
    },
    /// It would last longer than is allowed without saying so.
    #[error("the test lasts {} s, over the ceiling of {} s: `--max-duration {}s` raises it", .lasts.as_secs(), .ceiling.as_secs(), .lasts.as_secs_f64().ceil())]
    Duration {
        /// Its length.
        lasts: Duration,
        /// What is allowed.
        ceiling: Duration,
    },
    /// The closed model has no rate that could be checked against a ceiling.
    #[error(
        "the closed model sends as fast as answers come, so it goes to this machine only, and the target {name} is {host}: \
         leave `--closed` out"
    )]
    ClosedElsewhere {
        /// The target's name.
        name: String,
        /// Its host.
        host: String,
    },
    /// It would begin at another time than anybody means.
    #[error("the start lies {} s {}: give a moment of the next 24 h, in Unix seconds", .seconds.abs().round(), if *.seconds < 0.0 { "back" } else { "ahead" })]
    Start {
        /// From now, in seconds.
        seconds: f64,
    },
    /// The worker's number is not below the number of workers.
    #[error("worker {worker} of {workers}: workers count from 0 to {}", .workers.saturating_sub(1))]
    Worker {
        /// Which one.
        worker: u64,
        /// Of how many.
        workers: u64,
    },
    /// A journey can't be played.
    #[error(transparent)]
    Journey(#[from] PrepareError),
    /// The system gives no thread.
    #[error("the engine can't be started: {0}")]
    Threads(#[source] std::io::Error),
}

impl LoadTestError {
    /// Whether the user gave something that can't be used; else something is missing or broke.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Threads(_) | Self::Target { source: TargetError::Resolve { .. }, .. })
    }
}

/// Holds a test against its ceilings.
pub(super) fn ceilings(test: &LoadTest, options: &LoadTestOptions) -> Result<(), LoadTestError> {
    let LoadTestOptions { worker, workers, max_rate_per_second: ceiling, max_duration, .. } = *options;
    if worker >= workers {
        return Err(LoadTestError::Worker { worker, workers });
    }
    if let Some(seconds) = options.start_at.map(|start| start - unix_now())
        && !STARTS.contains(&seconds)
    {
        return Err(LoadTestError::Start { seconds });
    }
    let lasts = Duration::try_from_secs_f64(test.minutes * 60.0).unwrap_or(Duration::MAX);
    if lasts > max_duration {
        return Err(LoadTestError::Duration { lasts, ceiling: max_duration });
    }
    let peak = peak_per_second(test);
    if peak > ceiling && options.closed.is_none() {
        return Err(LoadTestError::Rate { peak, ceiling });
    }
    Ok(())
}

/// The greatest sum of all streams' rates, in arrivals a second.
fn peak_per_second(test: &LoadTest) -> f64 {
    let curves = || test.streams.iter().map(|stream| &stream.arrivals_per_minute);
    // Sums of straight lines are greatest at an end of one; before a step as well as after it.
    let borders = curves().flat_map(|curve| curve.points().iter().map(|point| point.0)).chain([0.0, test.minutes]);
    let moments = borders.flat_map(|minute| [minute - 1e-9, minute]).filter(|m| (0.0..=test.minutes).contains(m));
    moments.map(|minute| curves().map(|curve| curve.at(minute)).sum::<f64>() / 60.0).fold(0.0, f64::max)
}

/// Where every target's name leads, if all of it may be sent to; each looked up once.
pub(super) async fn destinations(
    test: &LoadTest,
    options: &LoadTestOptions,
) -> Result<IndexMap<String, Destination>, LoadTestError> {
    if let Some(name) = options.targets.keys().find(|name| !test.targets.contains_key(*name)) {
        let known = test.targets.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(LoadTestError::UnknownTarget { name: name.clone(), known });
    }
    let allowed = AllowList::loopback_and(&options.allow_targets);
    let mut parsed = Vec::new();
    // All of them before the first is looked up.
    for (name, declared) in &test.targets {
        let wrong = |source| LoadTestError::Target { name: name.clone(), source };
        let url = options.targets.get(name).unwrap_or(&declared.url);
        let target = Target::parse(url).map_err(wrong)?;
        allowed.check(&target).map_err(wrong)?;
        if options.closed.is_some() && !target.is_loopback() {
            return Err(LoadTestError::ClosedElsewhere { name: name.clone(), host: target.host });
        }
        let protocol = protocol(name, declared, &target)?;
        parsed.push((name, target, protocol));
    }
    let mut destinations = IndexMap::new();
    for (name, target, protocol) in parsed {
        let wrong = |source| LoadTestError::Target { name: name.clone(), source };
        let addresses = allowed.resolve(&target).await.map_err(wrong)?;
        destinations.insert(name.clone(), Destination { target, addresses, protocol });
    }
    Ok(destinations)
}

/// How `target` is spoken to, by what the file declares of it.
fn protocol(name: &str, declared: &scenario::Target, target: &Target) -> Result<Protocol, LoadTestError> {
    if !target.is_tls {
        return Ok(if declared.http2 { Protocol::Http2 } else { Protocol::Http1 });
    }
    let verify = match &declared.ca_file {
        _ if declared.insecure => Verify::Insecure,
        None => Verify::PublicRoots,
        Some(file) => Verify::CaFile(std::fs::read(file).map_err(|source| LoadTestError::CaFile {
            name: name.to_owned(),
            file: file.clone(),
            source,
        })?),
    };
    let tls = target.tls(verify).map_err(|error| LoadTestError::Target {
        name: name.to_owned(),
        source: TargetError::Tls { host: target.host.clone(), reason: error.to_string() },
    })?;
    Ok(Protocol::Tls(tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(streams: &str) -> LoadTest {
        let text = format!(
            r#"{{"name": "t", "minutes": 2, "targets": {{"a": "http://127.0.0.1:1"}}, "journeys": {{"j": [{{"path": "/"}}]}}, "streams": [{streams}]}}"#
        );
        serde_json::from_str(&text).expect("a test")
    }

    fn stream(name: &str, curve: &str) -> String {
        format!(r#"{{"name": "{name}", "arrivals_per_minute": {curve}, "journeys": {{"j": 1}}}}"#)
    }

    #[test]
    fn the_peak_is_that_of_all_streams_together_before_and_after_steps() {
        let table = [
            (vec!["600"], 10.0),
            (vec!["600", "60"], 11.0),
            (vec!["[[0, 0], [1, 6000], [1, 60]]"], 100.0),
            (vec!["[[0, 0], [2, 600]]", "[[0, 600], [2, 0]]"], 10.0),
            (vec!["[[0, 60], [3, 60], [3, 60000]]"], 1.0),
        ];
        for (curves, expected) in table {
            let streams: Vec<String> = curves.iter().enumerate().map(|(n, c)| stream(&format!("s{n}"), c)).collect();
            let peak = peak_per_second(&test(&streams.join(", ")));
            assert!((peak - expected).abs() < 1e-3, "{curves:?}: {peak}");
        }
    }

    #[tokio::test]
    async fn what_goes_beyond_a_ceiling_or_the_list_is_refused_before_anything_is_looked_up() {
        let base = LoadTestOptions::default;
        let with = |change: fn(&mut LoadTestOptions)| {
            let mut options = base();
            change(&mut options);
            options
        };
        let table: [(LoadTestOptions, &str); 9] = [
            (with(|o| o.start_at = Some(unix_now() + 100_000.0)), "ahead"),
            (with(|o| o.start_at = Some(0.0)), "back"),
            (with(|o| o.max_rate_per_second = 9.0), "--max-rate 10"),
            (with(|o| o.max_duration = Duration::from_secs(60)), "--max-duration 120s"),
            (with(|o| (o.worker, o.workers) = (2, 2)), "from 0 to 1"),
            (with(|o| drop(o.targets.insert("b".into(), "http://127.0.0.1:2".into()))), "there are a"),
            (with(|o| drop(o.targets.insert("a".into(), "http://no-such.invalid".into()))), "--allow-target"),
            (with(|o| drop(o.targets.insert("a".into(), "nonsense".into()))), "target a"),
            (
                with(|o| {
                    o.targets.insert("a".into(), "http://shop.invalid".into());
                    o.allow_targets = vec!["shop.invalid".into()];
                    o.closed = Some(5);
                }),
                "this machine only",
            ),
        ];
        let test = test(&stream("s", "600"));
        for (options, said) in table {
            let refused = match ceilings(&test, &options) {
                Ok(()) => destinations(&test, &options).await.map(drop),
                refused => refused,
            };
            let error = refused.expect_err(said);
            assert!(error.to_string().contains(said) && error.is_usage(), "{said}: {error}");
        }
        assert!(ceilings(&test, &base()).is_ok());
        assert_eq!(destinations(&test, &base()).await.expect("loopback").len(), 1);
    }
}
