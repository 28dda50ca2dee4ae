//! `doorbuster report`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster report runs/black-friday-20261121-101500
  doorbuster report runs/black-friday-20261121-101500 --output black-friday.html

One HTML file: story, verdict, predicted and measured curves, alerts, evidence traces. It needs nothing else and loads
nothing, so it can be sent around. Every run writes one to its folder as report.html when it ends.")]
pub(crate) struct Report {
    /// Folder of the run
    pub(crate) run: PathBuf,
    /// Where to write it; report.html in the run's folder if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
