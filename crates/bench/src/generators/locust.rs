//! `locust`: closed, users that pace themselves; with its fast client, and with the one that most files use.

use std::path::Path;

use super::{Call, Generator, Load, Shape, read, some};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct Locust {
    fast: bool,
}

/// Users that share a rate: as many as of the closed runs.
const USERS: u32 = 50;
const PREFIX: &str = "locust";

impl Locust {
    pub(super) const FAST: Self = Self { fast: true };
    pub(super) const REQUESTS: Self = Self { fast: false };
}

impl Generator for Locust {
    fn name(&self) -> &'static str {
        if self.fast { "locust" } else { "locust HttpUser" }
    }

    fn program(&self) -> &'static str {
        "locust"
    }

    fn remedy(&self) -> &'static str {
        "PyPI: locust"
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let (users, each) = match load.shape {
            // The slower client is a row of the closed table only.
            _ if !self.fast && load.shape != Shape::Closed { connections: USERS } => return None,
            Shape::Closed { connections } => (connections, 0.0),
            Shape::Open { per_second } => (USERS, f64::from(per_second) / f64::from(USERS)),
        };
        let class = if self.fast { "Fast" } else { "Requests" };
        let seconds = load.seconds;
        Some(Call {
            arguments: format!(
                "-f locustfile.py --headless --only-summary --loglevel ERROR --csv {PREFIX} -u {users} -r {users} -t {seconds}s \
                 -s 0 --host http://127.0.0.1:{port} {class}"
            ),
            environment: vec![("BENCH_PER_USER", each.to_string())],
            files: vec![("locustfile.py", include_str!("../../../../bench/locust/locustfile.py").to_owned())],
        })
    }

    fn reported(&self, _: &str, directory: &Path) -> Result<Percentiles, String> {
        parse(&read(directory, &format!("{PREFIX}_stats.csv"))?)
    }
}

/// The last line of its CSV is of all requests; columns are found by their names.
fn parse(csv: &str) -> Result<Percentiles, String> {
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let all = lines.find(|line| line.split(',').nth(1) == Some("Aggregated")).ok_or("no line Aggregated in its CSV")?;
    let values: Vec<&str> = all.split(',').collect();
    let at = |name: &str| values.get(names.iter().position(|n| *n == name)?)?.parse().ok();
    some(Percentiles { p50_ms: at("50%"), p90_ms: at("90%"), p95_ms: at("95%"), p99_ms: at("99%") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::whole_microseconds;

    #[test]
    fn its_csv_is_read_by_the_names_of_its_columns() {
        let said = parse(include_str!("../../tests/samples/locust.csv")).expect("percentiles");
        assert_eq!(whole_microseconds(said), [Some(3000), Some(8000), Some(10000), Some(23000)]);
        assert!(parse("Type,Name\n,other\n").is_err());
    }
}
