//! `vegeta`: open; results go to a file, and it makes its own report of them afterwards, which is not counted.

use std::path::Path;
use std::process::Command;

use super::{Call, Generator, Load, Shape, json, number_at, some, url};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Vegeta;

const RESULTS: &str = "results.bin";
const TARGETS: &str = "targets.txt";

impl Generator for Vegeta {
    fn name(&self) -> &'static str {
        "vegeta"
    }

    fn remedy(&self) -> &'static str {
        "a release of github.com/tsenart/vegeta, put on PATH"
    }

    fn version_arguments(&self) -> &'static str {
        "-version"
    }

    fn is_open(&self) -> bool {
        true
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let how = match load.shape {
            Shape::Closed { connections } => format!("-rate 0 -workers {connections} -max-workers {connections}"),
            Shape::Open { per_second } => format!("-rate {per_second}/s"),
        };
        Some(Call {
            arguments: format!("attack -targets {TARGETS} -output {RESULTS} -duration {}s {how}", load.seconds),
            files: vec![(TARGETS, format!("GET {}\n", url(port)))],
            ..Call::default()
        })
    }

    fn reported(&self, _: &str, directory: &Path) -> Result<Percentiles, String> {
        // The program that ran is the one on PATH or among the peers; its name is kept in the directory.
        let program = super::read(directory, crate::suite::PROGRAM_FILE)?;
        let report = Command::new(program.trim())
            .args(["report", "-type", "json", RESULTS])
            .current_dir(directory)
            .output()
            .map_err(|error| format!("vegeta report: {error}"))?;
        parse(&String::from_utf8_lossy(&report.stdout))
    }
}

/// vegeta's report is in nanoseconds.
fn parse(report: &str) -> Result<Percentiles, String> {
    let said = json(report)?;
    let at = |name: &str| number_at(&said, &format!("/latencies/{name}"), 1e-6);
    some(Percentiles { p50_ms: at("50th"), p90_ms: at("90th"), p95_ms: at("95th"), p99_ms: at("99th") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn it_says_nanoseconds() {
        let said = parse(include_str!("../../tests/samples/vegeta.json")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(2401), Some(2948), Some(3149), Some(3661)]);
    }
}
