//! What a run is made of, as the command line resolved it.

use std::path::PathBuf;

use scenario::Scenario;

/// Everything the conductor needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// The scenario, already without the faults that the calibration takes out.
    pub scenario: Scenario,
    /// Its file, as given; kept in the run's folder.
    pub scenario_text: String,
    /// Scenario minutes per real minute.
    pub speed: f64,
    /// Fixes arrivals, journeys, users and products.
    pub seed: u64,
    /// How service times are reached.
    pub calibration: Calibration,
    /// The monitors that the console evaluates; none for those of its world.
    pub monitors: Option<PathBuf>,
    /// Where the folders of runs are made.
    pub runs_dir: PathBuf,
    /// A PostgreSQL of the user's own; none for a private one.
    pub database_url: Option<String>,
    /// A Redis of the user's own; none for a private one.
    pub redis_url: Option<String>,
    /// Where telemetry goes besides the built-in console.
    pub otlp_endpoint: Option<String>,
    /// Leave everything up after the verdict, until interrupted.
    pub keep_running: bool,
    /// Added to every fixed port, so that two stages fit on one machine.
    pub port_offset: u16,
    /// Rows of the products table.
    pub products: u32,
    /// The binary that serves; the running one unless a test says otherwise.
    pub executable: PathBuf,
}

/// How the target service times of a scenario are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calibration {
    /// A statement whose index is missing waits in its own session until the target is reached.
    Hold,
    /// Pure scans: whatever this machine makes of them.
    None,
}

impl Calibration {
    /// The word used on the command line and in `run.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::None => "none",
        }
    }

    /// `scenario` as this calibration runs it: without `storage_wait` faults where nothing is to wait.
    pub fn of(self, mut scenario: Scenario) -> Scenario {
        if self == Self::None {
            scenario.faults.retain(|f| f.kind != "storage_wait");
        }
        scenario
    }
}
