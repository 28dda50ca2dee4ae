//! `wrk`: closed, epoll, one thread. It adds what it thinks its own waiting has hidden, and says no p95.

use std::path::Path;

use super::{Call, Generator, Load, Shape, some, url};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Wrk;

impl Generator for Wrk {
    fn name(&self) -> &'static str {
        "wrk"
    }

    fn remedy(&self) -> &'static str {
        "Debian: wrk"
    }

    fn version_arguments(&self) -> &'static str {
        "-v"
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let Shape::Closed { connections } = load.shape else { return None };
        Some(Call::with(format!("-t1 -c{connections} -d{}s --latency {}", load.seconds, url(port))))
    }

    fn reported(&self, stdout: &str, _: &Path) -> Result<Percentiles, String> {
        let distribution = stdout.split_once("Latency Distribution").ok_or("no latency distribution in its output")?.1;
        let at = |percent: &str| {
            let line = distribution.lines().find_map(|line| line.trim().strip_prefix(percent))?;
            milliseconds(line.trim())
        };
        some(Percentiles { p50_ms: at("50%"), p90_ms: at("90%"), p95_ms: None, p99_ms: at("99%") })
    }
}

/// `343.00us`, `1.02ms`, `1.70s`, `1.00m`.
fn milliseconds(text: &str) -> Option<f64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let each = match &text[digits..] {
        "us" => 0.001,
        "ms" => 1.0,
        "s" => 1000.0,
        "m" => 60_000.0,
        _ => return None,
    };
    text[..digits].parse::<f64>().ok().map(|count| count * each)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn its_units_change_with_the_size() {
        assert_eq!(milliseconds("250.00us"), Some(0.25));
        assert_eq!(milliseconds("1.70s"), Some(1700.0));
        assert_eq!(milliseconds("1.70h"), None);
    }

    #[test]
    fn it_says_no_p95() {
        let said = Wrk.reported(include_str!("../../tests/samples/wrk.txt"), Path::new("")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(254), Some(3550), None, Some(7330)]);
    }
}
