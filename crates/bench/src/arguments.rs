//! The command line of `loadbench`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Benchmark of load generators against a fixed-response server, next to a bare epoll loop.
///
/// Without a command: the whole suite, doorbuster and every peer that is installed.
#[derive(Debug, Parser)]
#[command(name = "loadbench", args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The fixed-response server alone, until it is killed
    Server(ServerOptions),
    /// The bare epoll loop alone: what this machine's kernel takes for a request
    Calibrate(CalibrateOptions),
    /// Runs a program on one core; it dies with who started it
    #[command(hide = true)]
    OnCore(OnCoreOptions),
}

/// What the suite measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Requests per CPU-second, 50 connections, as fast as it goes
    Closed,
    /// CPU and schedule error at 2,000 and 20,000 a second
    Open,
    /// Memory with 4,000 requests in flight
    Memory,
    /// Reported percentiles against the truth, on a server that stalls 1 s in every 5
    Stall,
    /// CPU at the demo's 4,200 a minute
    Demo,
}

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// Only these measures
    #[arg(long, value_delimiter = ',')]
    pub(crate) only: Vec<Measure>,
    /// Only these generators, by the name in the table
    #[arg(long, value_delimiter = ',')]
    pub(crate) generators: Vec<String>,
    /// Runs of each measure but stall; the table has their median [default: 3]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) repetitions: Option<u32>,
    /// Length of a closed or open run [default: 6s]
    #[arg(long, value_parser = duration_from_2s_to_10min)]
    pub(crate) length: Option<Duration>,
    /// Length of the stall run, whole cycles of 5 s [default: 20s]
    #[arg(long, value_parser = duration_from_2s_to_10min)]
    pub(crate) stall_length: Option<Duration>,
    /// A few seconds each, once: whether it works, not what it is
    #[arg(long)]
    pub(crate) quick: bool,
    /// Also write all figures here
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// The doorbuster to measure [default: beside this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) doorbuster: Option<PathBuf>,
    /// Where `make bench-peers` installs
    #[arg(long, value_name = "DIRECTORY", default_value = "target/bench-peers")]
    pub(crate) peers: PathBuf,
    /// Keep what each generator printed here
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    /// Port on 127.0.0.1; 0: any free one, which is printed
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Stay on this core
    #[arg(long)]
    pub(crate) core: Option<usize>,
    /// Answer nothing for so long ...
    #[arg(long, value_parser = parse_duration, requires = "every", conflicts_with = "hold")]
    pub(crate) stall: Option<Duration>,
    /// ... in each such stretch, counted from the first request
    #[arg(long, value_parser = parse_duration, requires = "stall")]
    pub(crate) every: Option<Duration>,
    /// Answer each request so long after it came
    #[arg(long, value_parser = parse_duration)]
    pub(crate) hold: Option<Duration>,
    /// Remember when the first so many requests came
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=50_000_000))]
    pub(crate) record: u32,
    /// Never sleep: look for requests again and again
    #[arg(long)]
    pub(crate) awake: bool,
    /// Take `stats`, `stalls` and `arrivals` as lines on stdin, answer each with a line of JSON, end with stdin
    #[arg(long)]
    pub(crate) control: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CalibrateOptions {
    /// The server's port on 127.0.0.1
    #[arg(long)]
    pub(crate) port: u16,
    /// Connections, each with one request under way
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) connections: u16,
    /// Make each request so long, with a header that nobody reads; as short as it can be if not given
    #[arg(long, value_parser = clap::value_parser!(u16).range(64..=8_192))]
    pub(crate) request_bytes: Option<u16>,
    /// How long
    #[arg(long, default_value = "3s", value_parser = parse_duration)]
    pub(crate) length: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct OnCoreOptions {
    #[arg(long)]
    pub(crate) core: usize,
    /// Who starts it: if that is gone already, nothing is started
    #[arg(long)]
    pub(crate) parent: i32,
    #[arg(last = true, required = true)]
    pub(crate) command: Vec<std::ffi::OsString>,
}

/// `1500ms`, `2s`, `1m`: a number and its unit.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let seconds_each = match &text[digits..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err("a duration is a number and its unit: 500ms, 2s, 1m".to_owned()),
    };
    let count: f64 = text[..digits].parse().map_err(|_| format!("'{}' is no number", &text[..digits]))?;
    Duration::try_from_secs_f64(count * seconds_each).map_err(|error| error.to_string())
}

fn duration_from_2s_to_10min(text: &str) -> Result<Duration, String> {
    let length = parse_duration(text)?;
    let whole = length.subsec_nanos() == 0;
    if whole && (2..=600).contains(&length.as_secs()) {
        Ok(length)
    } else {
        Err("2s to 10m, in whole seconds".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["5", "s", "-1s", "1h", "1.2.3s", ""] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
        assert!(duration_from_2s_to_10min("2500ms").is_err());
    }

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
