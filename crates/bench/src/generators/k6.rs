//! `k6`: open with `constant-arrival-rate`, as far as its virtual users last; closed with `constant-vus`.

use std::path::Path;

use super::{Call, Generator, Load, Shape, json, number_at, read, some, url};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct K6;

const SUMMARY: &str = "summary.json";

impl Generator for K6 {
    fn name(&self) -> &'static str {
        "k6"
    }

    fn remedy(&self) -> &'static str {
        "see grafana.com/docs/k6, put on PATH"
    }

    fn version_arguments(&self) -> &'static str {
        "version"
    }

    fn is_open(&self) -> bool {
        true
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let (rate, users) = match load.shape {
            Shape::Closed { connections } => (0, connections),
            // A tenth more than is needed: it drops what finds no free user.
            Shape::Open { per_second } => (per_second, load.in_flight + load.in_flight / 10 + 1),
        };
        Some(Call {
            arguments: format!("run --quiet --no-usage-report --summary-export {SUMMARY} get.js"),
            environment: vec![
                ("BENCH_URL", url(port)),
                ("BENCH_RATE", rate.to_string()),
                ("BENCH_USERS", users.to_string()),
                ("BENCH_DURATION", format!("{}s", load.seconds)),
            ],
            files: vec![("get.js", include_str!("../../../../bench/k6/get.js").to_owned())],
        })
    }

    fn reported(&self, _: &str, directory: &Path) -> Result<Percentiles, String> {
        parse(&read(directory, SUMMARY)?)
    }
}

fn parse(summary: &str) -> Result<Percentiles, String> {
    let said = json(summary)?;
    let at = |name: &str| number_at(&said, &format!("/metrics/http_req_duration/{name}"), 1.0);
    some(Percentiles { p50_ms: at("p(50)"), p90_ms: at("p(90)"), p95_ms: at("p(95)"), p99_ms: at("p(99)") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn it_says_milliseconds() {
        let said = parse(include_str!("../../tests/samples/k6.json")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(410), Some(980), Some(1320), Some(2750)]);
    }
}
