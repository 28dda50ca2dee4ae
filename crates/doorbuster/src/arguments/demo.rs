//! `doorbuster demo`, and what is done with its runs afterwards.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Stage;
use super::values::speed;

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
