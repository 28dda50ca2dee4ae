//! `doorbuster traffic`: tagged traffic for the e-mail classifier.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::values::{seconds, traffic_rate};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster traffic                                           10 requests a second for 5 minutes
  doorbuster traffic --rate 5 --duration 30                    a quick smoke test
  doorbuster traffic --mode latency_injection --rate 20        30 % of the requests take 2 to 5 s
  doorbuster traffic --mode error_injection --rate 15          half of the requests are malformed
  doorbuster traffic --mode token_bloat --rate 25              texts of 20,000 characters and more
  doorbuster traffic --mode normal_traffic --mode token_bloat  both at once, each at the rate
  doorbuster traffic --samples mails.jsonl --json > summary.json
  doorbuster traffic --url https://inbox.test --allow-target inbox.test

The service is `doorbuster serve inbox`. Requests leave when they are due, whether or not answers have
come. It sends to this machine only, unless --allow-target names the host. Ctrl-C ends at once, with the
summary so far.

Exit codes: 0 the run went as asked (errors that error_injection provokes are none), 1 under 90 % of
normal_traffic succeeded, or nothing did, 2 a mistake in the command or the samples, 3 nothing listens
there, 4 INVALID: the generator did not keep its schedule, 5 nothing was answered at all, 130 interrupted.")]
pub(crate) struct Traffic {
    /// What is sent (may be repeated: several at once)
    #[arg(long, value_enum, value_name = "MODE", default_value = "normal_traffic")]
    pub(crate) mode: Vec<TrafficMode>,
    /// Requests a second, of each mode
    #[arg(long, default_value = "10", value_name = "PER_SECOND", value_parser = traffic_rate)]
    pub(crate) rate: f64,
    /// How long: seconds, or a duration such as 5m
    #[arg(long, default_value = "300", value_name = "DURATION", value_parser = seconds)]
    pub(crate) duration: Duration,
    /// Where the service is
    #[arg(long, default_value = "http://localhost:8000", value_name = "URL")]
    pub(crate) url: String,
    /// Mails to be sent instead of the built-in ones: a JSON array or JSON lines of {subject, snippet, sender?}
    #[arg(long, value_name = "FILE")]
    pub(crate) samples: Option<PathBuf>,
    /// Fixes which mail is sent when, and which requests are changed how
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// How latency_injection makes requests slow: by uploading them slowly, by a wait inside the service, or half by each
    #[arg(long, value_enum, default_value = "both", value_name = "WHERE")]
    pub(crate) slow: Slow,
    /// Another host that may be sent to, besides loopback (may be repeated)
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) allow_target: Vec<String>,
    /// Send the spans and metrics of the generator to this OTLP endpoint
    #[arg(long, value_name = "URL")]
    pub(crate) otlp_endpoint: Option<String>,
    /// The summary as JSON on standard output; progress goes to standard error
    #[arg(long)]
    pub(crate) json: bool,
    /// A line for each request on standard error: its answer, latency, and trace
    #[arg(long)]
    pub(crate) verbose: bool,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TrafficMode {
    /// Well-formed mails at a steady rate
    #[value(name = "normal_traffic")]
    NormalTraffic,
    /// 30 % of the requests take 2 to 5 seconds
    #[value(name = "latency_injection")]
    LatencyInjection,
    /// Half of the requests are malformed, in five ways
    #[value(name = "error_injection")]
    ErrorInjection,
    /// Prompts of 20,000 to 30,000 characters
    #[value(name = "token_bloat")]
    TokenBloat,
}

/// Where requests of latency_injection are slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Slow {
    /// Their bodies are uploaded slowly: any server sees that
    Upload,
    /// The service waits for its model: needs a service that takes faults
    Upstream,
    /// Half of them so, half of them so
    Both,
}
