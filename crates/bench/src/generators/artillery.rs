//! `artillery`: open; every arrival is a virtual user. It has no closed model.

use std::path::Path;

use super::{Call, Generator, Load, Shape, json, number_at, read, some};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Artillery;

const REPORT: &str = "report.json";

impl Generator for Artillery {
    fn name(&self) -> &'static str {
        "artillery"
    }

    fn remedy(&self) -> &'static str {
        "npm: artillery (600 MB; `make bench-peers` with BENCH_ARTILLERY=1)"
    }

    fn is_open(&self) -> bool {
        true
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let Shape::Open { per_second } = load.shape else { return None };
        let script = include_str!("../../../../bench/artillery/get.yml")
            .replace("http://127.0.0.1:8080", &format!("http://127.0.0.1:{port}"))
            .replace("duration: 10", &format!("duration: {}", load.seconds))
            .replace("arrivalRate: 2000", &format!("arrivalRate: {per_second}"));
        Some(Call {
            arguments: format!("run --quiet --output {REPORT} get.yml"),
            environment: vec![("ARTILLERY_DISABLE_TELEMETRY", "true".to_owned())],
            files: vec![("get.yml", script)],
        })
    }

    fn reported(&self, _: &str, directory: &Path) -> Result<Percentiles, String> {
        parse(&read(directory, REPORT)?)
    }
}

fn parse(report: &str) -> Result<Percentiles, String> {
    let said = json(report)?;
    let at = |name: &str| number_at(&said, &format!("/aggregate/summaries/http.response_time/{name}"), 1.0);
    some(Percentiles { p50_ms: at("median"), p90_ms: at("p90"), p95_ms: at("p95"), p99_ms: at("p99") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn it_says_milliseconds() {
        let said = parse(include_str!("../../tests/samples/artillery.json")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(0), Some(550100), Some(772900), Some(944000)]);
    }

    #[test]
    fn its_script_is_made_for_the_load() {
        let load = Load { shape: Shape::Open { per_second: 70 }, seconds: 7, in_flight: 50 };
        let call = Artillery.call(&load, 4321).expect("it can");
        let script = &call.files[0].1;
        for wanted in ["http://127.0.0.1:4321", "duration: 7", "arrivalRate: 70"] {
            assert!(script.contains(wanted), "{wanted} is not in {script}");
        }
    }
}
