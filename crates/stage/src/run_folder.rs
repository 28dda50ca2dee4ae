//! A run is a folder: what was asked, what was measured, the verdict, the truth.

use std::path::{Path, PathBuf};

use console::story::{EvidenceTraces, RunStory};
use scenario::{Evidence, Prediction, Scenario, Verdict};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{CalibrationLook, CheckoutStats, Footprint, StageError};

pub(crate) const SCENARIO: &str = "scenario.yaml";
pub(crate) const MONITORS: &str = "monitors.yaml";
const REPORT: &str = "report.html";

/// `run.json`: what was asked and how it went, without the measurements.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunRecord {
    /// Name of the folder.
    pub id: String,
    /// Version of Doorbuster that ran it.
    pub doorbuster: String,
    /// The scenario's name.
    pub scenario: String,
    /// Scenario minutes per real minute.
    pub speed: f64,
    /// Seed of the schedule.
    pub seed: u64,
    /// `hold` or `none`.
    pub calibration: String,
    /// Unix time of scenario minute 0, in seconds.
    pub start_unix: f64,
    /// RFC 3339.
    pub started_at: String,
    /// SHA-256 of the request sequence, in hex.
    pub request_digest: String,
    /// From the command to the first stored span, in seconds; none if no span was stored.
    pub first_trace_seconds: Option<f64>,
    /// From the command until every service was ready, in seconds.
    pub ready_seconds: f64,
    /// Memory and processors of the whole stage, by phase of the scenario: the greatest of each.
    pub footprint_by_phase: indexmap::IndexMap<String, Footprint>,
    /// Whether statements that wait for a target reached it.
    #[serde(default)]
    pub calibration_looks: Vec<CalibrationLook>,
    /// What failed checkouts cost; none where the frontend could not be asked.
    #[serde(default)]
    pub checkouts: Option<CheckoutStats>,
    /// What the console made of the alerts, in the order in which they opened.
    #[serde(default)]
    pub incidents: Vec<RunIncident>,
    /// What watched.
    #[serde(default)]
    pub monitors: Monitored,
    /// Why the run ended.
    pub ended: Ended,
    /// The scenario minute at which it did.
    #[serde(default)]
    pub ended_minute: Option<f64>,
}

/// Monitors that fired over the same services, as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunIncident {
    /// The name of what mattered most in it.
    pub title: String,
    /// Keys of its monitors, in the order in which they fired.
    pub monitors: Vec<String>,
    /// Scenario minute at which it opened.
    pub opened: f64,
    /// Scenario minute at which it resolved; none if it was still open when the run ended.
    pub resolved: Option<f64>,
}

/// What watched a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monitored {
    /// The monitors that ship with Doorbuster.
    #[default]
    Shipped,
    /// A file of the user's own.
    Own,
}

impl Monitored {
    /// As it stands in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Own => "own",
        }
    }
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The scenario was played to its last minute.
    Finished,
    /// Somebody interrupted it.
    Interrupted,
    /// Something broke.
    Broke,
}

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes a new folder `RUNS/SCENARIO-TIME` (UTC), with a number behind it where that name is taken.
    pub fn create(runs: &Path, scenario: &str, now: jiff::Timestamp) -> Result<Self, StageError> {
        let stem = format!("{scenario}-{}", now.strftime("%Y%m%d-%H%M%S"));
        std::fs::create_dir_all(runs).map_err(|source| StageError::file(runs, source))?;
        for attempt in 0..100 {
            let name = if attempt == 0 { stem.clone() } else { format!("{stem}-{attempt}") };
            let path = runs.join(name);
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(StageError::file(&path, source)),
            }
        }
        Err(StageError::file(&runs.join(stem), std::io::ErrorKind::AlreadyExists.into()))
    }

    /// The folder of an earlier run.
    pub fn open(path: &Path) -> Result<Self, StageError> {
        let folder = Self { path: path.to_owned() };
        if folder.path.join("evidence.json").is_file() {
            return Ok(folder);
        }
        Err(StageError::NotARun { path: path.to_owned() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name.
    pub fn id(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Keeps the scenario's own text and its truth.
    pub fn write_scenario(&self, scenario: &Scenario, text: &str) -> Result<(), StageError> {
        self.write(SCENARIO, text.as_bytes())?;
        self.write_json("truth.json", &scenario::ground_truth(scenario))
    }

    /// Keeps the text of the monitors that watch.
    pub fn write_monitors(&self, text: &str) -> Result<(), StageError> {
        self.write(MONITORS, text.as_bytes())
    }

    /// Keeps what there is for people to read: the story, its traces, and both as one page.
    pub fn write_story(&self, story: &RunStory, traces: &EvidenceTraces) -> Result<(), StageError> {
        console::story::write(&self.path, story)?;
        console::story::write_traces(&self.path, traces)?;
        self.write(REPORT, console::report::render(story, traces).as_bytes())
    }

    /// Keeps what was asked, measured and predicted, and the verdict in both its forms.
    pub fn write_outcome(
        &self,
        record: &RunRecord,
        evidence: &Evidence,
        prediction: &Prediction,
        verdict: Option<&Verdict>,
    ) -> Result<(), StageError> {
        self.write_json("run.json", record)?;
        self.write_json("evidence.json", evidence)?;
        self.write_json("prediction.json", prediction)?;
        if let Some(verdict) = verdict {
            self.write_verdict(verdict)?;
        }
        Ok(())
    }

    /// Keeps the verdict as JSON and as JUnit XML.
    pub fn write_verdict(&self, verdict: &Verdict) -> Result<(), StageError> {
        self.write_json("verdict.json", verdict)?;
        self.write("verdict.junit.xml", verdict.to_junit_xml().as_bytes())
    }

    /// Reads one of its JSON files.
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StageError> {
        let path = self.path.join(name);
        let text = std::fs::read(&path).map_err(|source| StageError::file(&path, source))?;
        serde_json::from_slice(&text).map_err(|source| StageError::Json { path, source })
    }

    /// Reads the scenario's text as it was run.
    pub fn scenario_text(&self) -> Result<String, StageError> {
        let path = self.path.join(SCENARIO);
        std::fs::read_to_string(&path).map_err(|source| StageError::file(&path, source))
    }

    fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), StageError> {
        let path = self.path.join(name);
        let text = serde_json::to_vec_pretty(value).map_err(|source| StageError::Json { path, source })?;
        self.write(name, &text)
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), StageError> {
        let path = self.path.join(name);
        std::fs::write(&path, content).map_err(|source| StageError::file(&path, source))
    }
}
