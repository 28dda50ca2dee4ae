//! `doorbuster load`: open; its closed model is for this comparison.

use std::path::Path;

use super::{Call, Generator, Load, Shape, json, number_at, some};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Doorbuster {
    /// Three steps with everything that a load test does, or the one bare request that the peers send.
    journey: bool,
}

impl Doorbuster {
    pub(super) const JOURNEY: Self = Self { journey: true };
    pub(super) const STEP: Self = Self { journey: false };
}

impl Generator for Doorbuster {
    fn name(&self) -> &'static str {
        if self.journey { "doorbuster" } else { "doorbuster (bare step)" }
    }

    fn program(&self) -> &'static str {
        "doorbuster"
    }

    fn remedy(&self) -> &'static str {
        "cargo build --release --package doorbuster"
    }

    fn is_open(&self) -> bool {
        true
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let (file, text, how) = match (load.shape, self.journey) {
            (Shape::Closed { connections }, true) => (
                "journey.yaml",
                include_str!("../../../../bench/doorbuster/journey.yaml").to_owned(),
                format!("--closed {connections}"),
            ),
            (Shape::Closed { connections }, false) => (
                "step.yaml",
                include_str!("../../../../bench/doorbuster/step.yaml").to_owned(),
                format!("--closed {connections}"),
            ),
            (Shape::Open { per_second }, true) => {
                let rate = format!("arrivals_per_second: {per_second}");
                let text =
                    include_str!("../../../../bench/doorbuster/open.yaml").replace("arrivals_per_second: 2000", &rate);
                ("open.yaml", text, format!("--max-rate {per_second}"))
            }
            (Shape::Open { .. }, false) => return None,
        };
        let seconds = load.seconds;
        Some(Call {
            arguments: format!(
                "load {file} --target http://127.0.0.1:{port} {how} --duration {seconds}s --json --no-tui"
            ),
            files: vec![(file, text)],
            ..Call::default()
        })
    }

    fn reported(&self, stdout: &str, _: &Path) -> Result<Percentiles, String> {
        let said = json(stdout)?;
        let at = |name: &str| number_at(&said, &format!("/totals/latency_ms/{name}"), 1.0);
        some(Percentiles { p50_ms: at("p50"), p90_ms: at("p90"), p95_ms: at("p95"), p99_ms: at("p99") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn it_says_milliseconds_from_the_intended_start() {
        let report = include_str!("../../tests/samples/doorbuster.json");
        let said = Doorbuster::JOURNEY.reported(report, Path::new("")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(367), Some(507_903), Some(756_223), Some(954_879)]);
        assert!(Doorbuster::JOURNEY.reported(r#"{"totals": {}}"#, Path::new("")).is_err());
    }

    #[test]
    fn the_rate_of_the_case_is_in_its_file() {
        let load = Load { shape: Shape::Open { per_second: 70 }, seconds: 7, in_flight: 50 };
        let call = Doorbuster::JOURNEY.call(&load, 4321).expect("it can");
        assert!(call.files[0].1.contains("arrivals_per_second: 70\n"), "{}", call.files[0].1);
        assert!(call.arguments.contains("--max-rate 70 --duration 7s"));
    }
}
