//! `ab` of the Apache HTTP server: closed, HTTP/1.0, one thread.

use std::path::Path;

use super::{Call, Generator, Load, Shape, some, url};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Ab;

/// ab ends at this number of requests if time is not up before: more than it can send in a second.
const MOST_PER_SECOND: u32 = 300_000;

impl Generator for Ab {
    fn name(&self) -> &'static str {
        "ab"
    }

    fn remedy(&self) -> &'static str {
        "Debian: apache2-utils"
    }

    fn version_arguments(&self) -> &'static str {
        "-V"
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let Shape::Closed { connections } = load.shape else { return None };
        let seconds = load.seconds;
        // It keeps what it learned of each request, and takes the memory for `-n` of them beforehand.
        let most = if connections > 1000 { connections * seconds } else { MOST_PER_SECOND * seconds };
        Some(Call::with(format!("-q -k -c {connections} -t {seconds} -n {most} {}", url(port))))
    }

    fn reported(&self, stdout: &str, _: &Path) -> Result<Percentiles, String> {
        let at = |percent: &str| {
            let line = stdout.lines().find_map(|line| line.trim().strip_prefix(percent))?;
            line.split_ascii_whitespace().next()?.parse().ok()
        };
        some(Percentiles { p50_ms: at("50%"), p90_ms: at("90%"), p95_ms: at("95%"), p99_ms: at("99%") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn it_says_whole_milliseconds() {
        let said = Ab.reported(include_str!("../../tests/samples/ab.txt"), Path::new("")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(0), Some(0), Some(4000), Some(8000)]);
    }
}
