//! `goose`: a library; the program is `bench/goose`. Closed, users; a rate is a throttle over all of them.

use std::path::Path;

use super::{Call, Generator, Load, Shape, json, number_at, read, some};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Goose;

/// Users that share a rate: as many as of the closed runs.
const USERS: u32 = 50;
const REPORT: &str = "report.json";

impl Generator for Goose {
    fn name(&self) -> &'static str {
        "goose"
    }

    fn remedy(&self) -> &'static str {
        "crates.io: goose, through bench/goose"
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let (users, throttle) = match load.shape {
            Shape::Closed { connections } => (connections, String::new()),
            Shape::Open { per_second } => (USERS, format!("--throttle-requests {per_second} ")),
        };
        let seconds = load.seconds;
        Some(Call::with(format!(
            "--host http://127.0.0.1:{port} --users {users} --increase-rate {users} --run-time {seconds}s {throttle}\
             --no-telnet --no-reset-metrics --no-print-metrics --quiet --report-file {REPORT}"
        )))
    }

    fn reported(&self, _: &str, directory: &Path) -> Result<Percentiles, String> {
        parse(&read(directory, REPORT)?)
    }
}

/// The last of its rows is of all requests.
fn parse(report: &str) -> Result<Percentiles, String> {
    let said = json(report)?;
    let rows = said.pointer("/raw_response_metrics").and_then(serde_json::Value::as_array);
    let all = rows.and_then(|rows| rows.last()).ok_or("no raw_response_metrics in its report")?;
    let at = |percent: u32| number_at(all, &format!("/percentile_{percent}"), 1.0);
    some(Percentiles { p50_ms: at(50), p90_ms: at(90), p95_ms: at(95), p99_ms: at(99) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn it_says_whole_milliseconds() {
        let said = parse(include_str!("../../tests/samples/goose.json")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(1000), Some(4000), Some(6000), Some(9000)]);
        assert!(parse(r#"{"raw_response_metrics": []}"#).is_err());
    }
}
