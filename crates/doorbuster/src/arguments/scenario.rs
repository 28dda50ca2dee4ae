//! `doorbuster scenario`.

use clap::{Args, Subcommand};

use super::values::speed;

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
