//! `hey`: closed; a rate is kept by each worker for itself.

use std::path::Path;

use super::{Call, Generator, Load, Shape, some, url};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Hey;

/// Workers that share a rate: hey's own default.
const WORKERS: u32 = 50;

impl Generator for Hey {
    fn name(&self) -> &'static str {
        "hey"
    }

    fn remedy(&self) -> &'static str {
        "Debian: hey"
    }

    fn version_arguments(&self) -> &'static str {
        ""
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let (workers, rate) = match load.shape {
            Shape::Closed { connections } => (connections, String::new()),
            // Each worker takes its own share, which may be a fraction.
            Shape::Open { per_second } => (WORKERS, format!("-q {} ", f64::from(per_second) / f64::from(WORKERS))),
        };
        Some(Call::with(format!("-c {workers} {rate}-z {}s {}", load.seconds, url(port))))
    }

    fn reported(&self, stdout: &str, _: &Path) -> Result<Percentiles, String> {
        let at = |percent: &str| {
            let line = stdout.lines().find_map(|line| line.trim().strip_prefix(percent))?;
            line.split_ascii_whitespace().nth(1)?.parse::<f64>().ok().map(|seconds| seconds * 1000.0)
        };
        some(Percentiles { p50_ms: at("50%"), p90_ms: at("90%"), p95_ms: at("95%"), p99_ms: at("99%") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn it_says_seconds() {
        let said = Hey.reported(include_str!("../../tests/samples/hey.txt"), Path::new("")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(1600), Some(3800), Some(4900), Some(7400)]);
    }

    #[test]
    fn a_rate_is_shared_by_its_workers() {
        let load = Load { shape: Shape::Open { per_second: 70 }, seconds: 3, in_flight: 50 };
        assert!(Hey.call(&load, 1).expect("it can").arguments.contains("-c 50 -q 1.4 -z 3s"));
    }
}
