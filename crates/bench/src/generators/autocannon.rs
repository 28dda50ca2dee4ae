//! `autocannon`: closed; a rate is kept by whole seconds. It says no p95.

use std::path::Path;

use super::{Call, Generator, Load, Shape, json, number_at, some, url};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Autocannon;

/// Connections that share a rate: as many as of the closed runs.
const CONNECTIONS: u32 = 50;

impl Generator for Autocannon {
    fn name(&self) -> &'static str {
        "autocannon"
    }

    fn remedy(&self) -> &'static str {
        "npm: autocannon"
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let how = match load.shape {
            Shape::Closed { connections } => format!("-c {connections}"),
            Shape::Open { per_second } => format!("-c {CONNECTIONS} -R {per_second}"),
        };
        Some(Call::with(format!("-j -n -d {} {how} {}", load.seconds, url(port))))
    }

    fn reported(&self, stdout: &str, _: &Path) -> Result<Percentiles, String> {
        let said = json(stdout)?;
        let at = |name: &str| number_at(&said, &format!("/latency/{name}"), 1.0);
        some(Percentiles { p50_ms: at("p50"), p90_ms: at("p90"), p95_ms: None, p99_ms: at("p99") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn it_says_whole_milliseconds_and_no_p95() {
        let said = Autocannon
            .reported(include_str!("../../tests/samples/autocannon.json"), Path::new(""))
            .expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(0), Some(3000), None, Some(7000)]);
    }
}
