//! What the command line accepts. Nothing is looked up or checked against the machine here.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Stages a production incident on schedule, on real software, and proves whether your monitoring caught it.
#[derive(Debug, Parser)]
#[command(name = "doorbuster", version, propagate_version = true, max_term_width = 110)]
#[command(after_help = "\
Examples:
  doorbuster demo                         the main scenario in real time (33 minutes)
  doorbuster demo --speed 10              the same in about 4 minutes
  doorbuster scenario explain black-friday   what is predicted, minute by minute
  doorbuster rollback                     put back whatever a killed run left behind

Exit codes: 0 PASS, 1 FAIL, 2 usage, 3 something missing on this machine, 4 INVALID, 5 something broke,
130 interrupted and restored.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Stage a scenario on this machine, from start-up to verdict
    Demo(Demo),
    /// Run one service of the shop
    Serve(Serve),
    /// Run the console: OTLP in, pages and alerts out
    Console(Console),
    /// List, show, check and explain scenarios
    #[command(subcommand)]
    Scenario(Scenario),
    /// List fault kinds; apply and undo faults by hand on a running stage
    #[command(subcommand)]
    Fault(Fault),
    /// Judge a finished run again from its folder
    Validate(Validate),
    /// Put back whatever an interrupted run left behind
    Rollback(Rollback),
    /// Create the shop's schema and data in a database
    Migrate(Migrate),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster demo --speed 10 --seed 7
  doorbuster demo ./my-scenario.yaml --no-tui
  doorbuster demo --monitors ./my-monitors.yaml               do yours fire on time?
  doorbuster demo --otlp-endpoint http://collector:4317       telemetry goes there as well
  doorbuster demo --database-url postgres://me@localhost/shop  your own PostgreSQL, in a schema of its own

Ctrl-C puts everything back before it ends.")]
pub(crate) struct Demo {
    /// Name of a shipped scenario, or a file
    #[arg(default_value = "black-friday", value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Scenario minutes per real minute; rates, timeouts and service times stay as they are
    #[arg(long, default_value_t = 1.0, value_name = "N", value_parser = speed)]
    pub(crate) speed: f64,
    /// Fixes arrivals, journeys, users and products
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// How service times are reached: hold the statement until its target, or scan and take what comes
    #[arg(long, value_enum, default_value_t = CalibrationArgument::Hold)]
    pub(crate) calibration: CalibrationArgument,
    /// Where the folder of the run is made
    #[arg(long, default_value = "runs", value_name = "DIR", env = "DOORBUSTER_RUNS_DIR")]
    pub(crate) runs_dir: PathBuf,
    /// Plain lines instead of the live view
    #[arg(long)]
    pub(crate) no_tui: bool,
    /// Use this PostgreSQL (15 or newer) instead of a private one
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Use this Redis instead of a private one
    #[arg(long, value_name = "URL")]
    pub(crate) redis_url: Option<String>,
    /// File with the monitors to judge; the shop's own if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) monitors: Option<PathBuf>,
    /// Send telemetry to this OTLP endpoint too
    #[arg(long, value_name = "URL")]
    pub(crate) otlp_endpoint: Option<String>,
    /// Leave everything up after the verdict, until Ctrl-C
    #[arg(long)]
    pub(crate) keep_running: bool,
    /// Added to every port, so that two stages fit on one machine
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=50_000))]
    pub(crate) port_offset: u16,
    /// Rows of the products table
    #[arg(long, default_value_t = 500_000, value_name = "N", hide = true)]
    pub(crate) products: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CalibrationArgument {
    /// A statement whose index is missing waits in its own session until the scenario's target
    Hold,
    /// Pure scans: whatever this machine makes of them
    None,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster serve frontend
  DATABASE_URL=postgres://... doorbuster serve product-catalog --bind 0.0.0.0

Services: frontend, cart, product-catalog, recommendation, payment-service, checkout, currency, shipping,
ad-service, load-generator. Each is configured by the environment: see docs/services.md.")]
pub(crate) struct Serve {
    /// The service
    #[arg(value_name = "NAME")]
    pub(crate) service: String,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "DOORBUSTER_BIND")]
    pub(crate) bind: IpAddr,
    /// Port to listen on; the service's own if not given, any free one if 0
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Another host that the load generator may send to (may be repeated)
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_target: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster console
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 your-service    and look at http://127.0.0.1:8080")]
pub(crate) struct Console {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "DOORBUSTER_BIND")]
    pub(crate) bind: IpAddr,
    /// Port of the pages and of the API
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Port of OTLP/gRPC
    #[arg(long, default_value_t = 4317)]
    pub(crate) otlp_grpc_port: u16,
    /// Port of OTLP/HTTP
    #[arg(long, default_value_t = 4318)]
    pub(crate) otlp_http_port: u16,
    /// File with monitors; the shop's own if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) monitors: Option<PathBuf>,
    /// Divides the monitors' windows, as a scenario's speed shortens its minutes
    #[arg(long, default_value_t = 1.0, value_name = "N", value_parser = speed)]
    pub(crate) time_scale: f64,
    /// Memory for spans, in MiB; the oldest leave first
    #[arg(long, default_value_t = 128, value_name = "MIB", value_parser = clap::value_parser!(u32).range(16..=65_536))]
    pub(crate) memory: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Scenario {
    /// The scenarios that ship
    List,
    /// A scenario's file as it is
    Show(ScenarioName),
    /// Every mistake in a file, with line, column and remedy
    #[command(after_help = "Example:\n  doorbuster scenario check ./my-scenario.yaml")]
    Check(ScenarioName),
    /// What is predicted, minute by minute
    #[command(after_help = "Example:\n  doorbuster scenario explain black-friday --speed 10 --json")]
    Explain(Explain),
    /// The JSON Schema of the file format
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct ScenarioName {
    /// Name of a shipped scenario, or a file
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Name of a shipped scenario, or a file
    #[arg(default_value = "black-friday", value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Seed of the schedule that is simulated
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Scenario minutes per real minute
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Fault {
    /// The kinds that there are
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// A kind's arguments, what it really does, its proof and its undo
    Show(FaultKind),
    /// Put a fault into the stage that runs on this machine
    Apply(FaultApply),
    /// Take a fault out again, whoever put it in
    Undo(FaultUndo),
    /// Which faults are in
    Status(Stage),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  doorbuster fault show lock_table")]
pub(crate) struct FaultKind {
    /// The kind
    #[arg(value_name = "KIND")]
    pub(crate) kind: String,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster fault apply kill_redis --for 30s
  doorbuster fault apply lock_table table=orders mode=exclusive --id lock
  doorbuster fault apply http_error service=payment-service status=503 share=0.2 --for 2m
  doorbuster fault undo lock

The conductor of the running stage does it, journals it first, and puts it back at the end of its run, whatever happens.")]
pub(crate) struct FaultApply {
    /// The kind; see `doorbuster fault list`
    #[arg(value_name = "KIND")]
    pub(crate) kind: String,
    /// Its arguments, as key=value; see `doorbuster fault show KIND`
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) args: Vec<String>,
    /// How it is called; made from the kind if not given
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Undo it by itself after this long, such as 30s or 2m
    #[arg(long = "for", value_name = "DURATION", value_parser = lasting)]
    pub(crate) lasting: Option<std::time::Duration>,
    #[command(flatten)]
    pub(crate) stage: Stage,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  doorbuster fault undo lock\n  doorbuster fault undo --all")]
pub(crate) struct FaultUndo {
    #[command(flatten)]
    pub(crate) which: WhichFault,
    #[command(flatten)]
    pub(crate) stage: Stage,
}

/// One fault or all.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichFault {
    /// Its id, as `doorbuster fault status` shows it
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
    /// All of them
    #[arg(long)]
    pub(crate) all: bool,
}

/// Which of the stages on this machine.
#[derive(Debug, Args)]
pub(crate) struct Stage {
    /// The PostgreSQL that the run was given, where it was not a private one
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// The port offset that the run was given
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=50_000))]
    pub(crate) port_offset: u16,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  doorbuster validate runs/black-friday-20261121-101500")]
pub(crate) struct Validate {
    /// Folder of the run
    pub(crate) run: PathBuf,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster rollback
  doorbuster rollback --database-url postgres://me@localhost/shop    after a run on that database")]
pub(crate) struct Rollback {
    #[command(flatten)]
    pub(crate) stage: Stage,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  doorbuster migrate --database-url postgres://me@localhost/shop")]
pub(crate) struct Migrate {
    /// The database; everything is made in its schema `doorbuster`
    #[arg(
        long,
        value_name = "URL",
        env = "DATABASE_URL",
        required_unless_present = "fingerprint",
        hide_env_values = true
    )]
    pub(crate) database_url: Option<String>,
    /// Rows of the products table
    #[arg(long, default_value_t = 500_000, value_name = "N", value_parser = clap::value_parser!(u32).range(8..=50_000_000))]
    pub(crate) products: u32,
    /// Print what identifies schema and data, and change nothing
    #[arg(long)]
    pub(crate) fingerprint: bool,
}

fn lasting(text: &str) -> Result<std::time::Duration, String> {
    let duration = text.parse::<jiff::SignedDuration>().ok().and_then(|d| std::time::Duration::try_from(d).ok());
    duration
        .filter(|d| !d.is_zero() && d.as_secs() <= 24 * 3600)
        .ok_or_else(|| "give a duration over 0 and up to 24 h, such as 30s or 2m".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.1..=60.0).contains(&value) => Ok(value),
        _ => Err("give a number from 0.1 to 60; the shipped scenarios hold at 1 to 10".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Arguments;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_that_the_documents_show_is_accepted() {
        let documents = [
            include_str!("../../../README.md"),
            include_str!("../../../docs/scenarios.md"),
            include_str!("../../../docs/faults.md"),
            include_str!("../../../docs/monitors.md"),
            include_str!("../../../docs/services.md"),
            include_str!("../../../docs/load.md"),
            include_str!("../../../docs/telemetry.md"),
            include_str!("../../../docs/troubleshooting.md"),
        ];
        let mut seen = 0;
        for line in documents.iter().flat_map(|d| d.lines()) {
            let command = line.trim().trim_start_matches("$ ");
            let Some(command) = command.strip_prefix("doorbuster ") else { continue };
            // What follows is a comment, or the shell's business.
            let command = command.split(['#', '>', '|']).next().unwrap_or_default();
            let words = std::iter::once("doorbuster").chain(command.split_whitespace());
            let parsed = Arguments::try_parse_from(words);
            assert!(parsed.is_ok(), "{line}: {}", parsed.err().map(|e| e.to_string()).unwrap_or_default());
            seen += 1;
        }
        assert!(seen >= 4, "the README alone shows four");
    }
}
