//! `doorbuster load`: a run, and what is done with files and reports.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::values::{TargetArgument, load_duration, moment, rate, target};

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    override_usage = "doorbuster load [OPTIONS] <FILE>\n       doorbuster load <COMMAND>"
)]
#[command(after_help = "\
Examples:
  doorbuster load test.yaml                                  live view, then the summary
  doorbuster load test.yaml --target http://127.0.0.1:3000   the same test, somewhere else
  doorbuster load test.yaml --target https://shop.test --allow-target shop.test
  doorbuster load test.yaml --json --junit junit.xml --html report.html > report.json
  doorbuster load test.yaml --workers 2 --worker 0 --out a.json   half of the schedule
  doorbuster load merge a.json b.json --html report.html          both halves as one

It sends to this machine only, unless --allow-target names the host, and at most 1,000 arrivals a
second for at most an hour, unless --max-rate and --max-duration raise that. Ctrl-C stops arrivals
and waits for outstanding answers; twice, at once.

Exit codes: 0 all thresholds hold, 1 one is broken, 2 a mistake in the command or the file or a
refused target, 4 INVALID: the generator did not keep its schedule, 5 something broke,
130 interrupted.")]
pub(crate) struct Load {
    #[command(subcommand)]
    pub(crate) verb: Option<LoadVerb>,
    #[command(flatten)]
    pub(crate) run: LoadRun,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LoadVerb {
    /// Every mistake in a file, with line, column and remedy
    #[command(after_help = "Example:\n  doorbuster load check ./my-test.yaml")]
    Check(LoadFile),
    /// The JSON Schema of the file format
    Schema,
    /// Add up the reports of workers that shared one test, and judge them as one
    Merge(Merge),
    /// Make a load test of another tool's file; it goes to standard output
    #[command(subcommand)]
    Import(Import),
}

#[derive(Debug, Args)]
pub(crate) struct LoadFile {
    /// The load test
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// A run of a load test.
#[derive(Debug, Args)]
pub(crate) struct LoadRun {
    /// The load test; see docs/load-tests.md
    #[arg(value_name = "FILE", required = true)]
    pub(crate) file: Option<PathBuf>,
    /// Send to this URL instead of the file's; NAME=URL where the file has several targets (may be repeated)
    #[arg(long, value_name = "[NAME=]URL", value_parser = target)]
    pub(crate) target: Vec<TargetArgument>,
    /// Another host that may be sent to, besides loopback (may be repeated)
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) allow_target: Vec<String>,
    /// Cut the test off after this long, or let it go on as it ends: curves are not stretched
    #[arg(long, value_name = "DURATION", value_parser = load_duration)]
    pub(crate) duration: Option<Duration>,
    /// Fixes arrivals, journeys and data
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// How many workers share the schedule
    #[arg(long, value_name = "N", requires = "worker", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) workers: Option<u64>,
    /// Which of them this is, from 0
    #[arg(long, value_name = "I", requires = "workers")]
    pub(crate) worker: Option<u64>,
    /// When it begins, in Unix seconds, so that workers on several machines begin together
    #[arg(long, value_name = "UNIX", value_parser = moment)]
    pub(crate) start_at: Option<f64>,
    /// Engine threads
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: u16,
    /// Highest rate that the test may reach, in arrivals a second
    #[arg(long, default_value_t = 1000.0, value_name = "PER_SECOND", value_parser = rate)]
    pub(crate) max_rate: f64,
    /// Longest that the test may take
    #[arg(long, default_value = "1h", value_name = "DURATION", value_parser = load_duration)]
    pub(crate) max_duration: Duration,
    /// N visitors who wait for each other's answers instead of the schedule: for calibrating, on loopback only
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) closed: Option<u32>,
    /// Send the spans and metrics of the generator to this OTLP endpoint
    #[arg(long, value_name = "URL")]
    pub(crate) otlp_endpoint: Option<String>,
    /// Plain lines on standard error instead of the live view
    #[arg(long)]
    pub(crate) no_tui: bool,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
}

/// Where results go besides the terminal.
#[derive(Debug, Args)]
pub(crate) struct Outputs {
    /// The report as JSON on standard output, instead of the summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the same JSON to this file; `merge` reads it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write a report for people, with charts, in one HTML file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write JUnit XML, a test case for each threshold
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  doorbuster load merge a.json b.json --html report.html --out whole.json

The thresholds come from the reports; they are judged again over the whole.")]
pub(crate) struct Merge {
    /// Reports as `--out` or `--json` wrote them, one for each worker
    #[arg(value_name = "REPORT", required = true)]
    pub(crate) reports: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// k6 options with arrival-rate scenarios: a script whose options are a literal, or their JSON
    #[command(after_help = "\
Examples:
  doorbuster load import k6 script.js > test.yaml
  k6 inspect script.js > options.json && doorbuster load import k6 options.json    where options are computed

Rates, stages and thresholds are taken over; what the script does is JavaScript and is not: put it in as journeys.")]
    K6(LoadFile),
    /// What a browser recorded, as HAR
    #[command(after_help = "\
Examples:
  doorbuster load import har recorded.har > test.yaml
  doorbuster load import har recorded.har --one-journey --assets > test.yaml

Cookies, authorization and whatever else looks like a secret are left out unless --keep-auth is given.")]
    Har(ImportHar),
}

#[derive(Debug, Args)]
pub(crate) struct ImportHar {
    /// The recording
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// One journey in all instead of one for each page
    #[arg(long)]
    pub(crate) one_journey: bool,
    /// Pages, scripts, styles, images and fonts too, not only calls of APIs
    #[arg(long)]
    pub(crate) assets: bool,
    /// Keep cookies, authorization and other secrets: the file is then one to hide
    #[arg(long)]
    pub(crate) keep_auth: bool,
}
