//! `oha`: closed, with a rate if one is wanted. Blind to its own waiting unless it is told not to be.

use std::path::Path;

use super::{Call, Generator, Load, Shape, json, number_at, some, url};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Oha {
    corrects: bool,
}

/// Connections at a rate, by default: oha's own.
const CONNECTIONS: u32 = 50;

impl Oha {
    pub(super) const DEFAULT: Self = Self { corrects: false };
    pub(super) const CORRECTED: Self = Self { corrects: true };
}

impl Generator for Oha {
    fn name(&self) -> &'static str {
        if self.corrects { "oha --latency-correction" } else { "oha" }
    }

    fn program(&self) -> &'static str {
        "oha"
    }

    fn remedy(&self) -> &'static str {
        "crates.io: oha"
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let how = match (load.shape, self.corrects) {
            (Shape::Closed { connections }, false) => format!("-c {connections}"),
            (Shape::Open { per_second }, false) => format!("-c {CONNECTIONS} -q {per_second}"),
            // Correcting is for rates; and with as many connections as a stall needs nothing has to be corrected.
            (Shape::Open { per_second }, true) => {
                format!("-c {} -q {per_second} --latency-correction", load.in_flight.max(CONNECTIONS))
            }
            (Shape::Closed { .. }, true) => return None,
        };
        Some(Call::with(format!("--no-tui --output-format json -z {}s {how} {}", load.seconds, url(port))))
    }

    fn reported(&self, stdout: &str, _: &Path) -> Result<Percentiles, String> {
        let said = json(stdout)?;
        let at = |percent: &str| number_at(&said, &format!("/latencyPercentiles/{percent}"), 1000.0);
        some(Percentiles { p50_ms: at("p50"), p90_ms: at("p90"), p95_ms: at("p95"), p99_ms: at("p99") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn it_says_seconds() {
        let said =
            Oha::DEFAULT.reported(include_str!("../../tests/samples/oha.json"), Path::new("")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(226), Some(2474), Some(3835), Some(7469)]);
        assert!(Oha::DEFAULT.reported("{}", Path::new("")).is_err());
    }
}
