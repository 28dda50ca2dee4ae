//! The verdict as data.

use serde::{Deserialize, Serialize};

/// What is said about a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The whole in one word.
    pub outcome: Outcome,
    /// What was looked at, in the order in which it was: validity, expectations, restoration.
    pub rows: Vec<VerdictRow>,
    /// Why it is not [`Outcome::Pass`], one sentence each; empty if it is.
    pub reasons: Vec<String>,
    /// How far the prediction was from the measurement, for each stream that had arrivals while faults were in. Nothing is
    /// judged by it.
    #[serde(default)]
    pub prediction_error: Vec<PredictionError>,
}

/// Predicted against measured error rate of one stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionError {
    /// The stream's name.
    pub stream: String,
    /// Scenario minutes that were compared: those of the faults in which it had arrivals.
    pub minutes: u32,
    /// Mean of `|predicted - measured|` over these minutes, in percentage points.
    pub points: f64,
}

/// The whole in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// The fault was real, every expectation was met, everything is as it was.
    Pass,
    /// An expectation was missed, or something was not put back.
    Fail,
    /// Nothing can be said: a fault was not proved, or the experiment itself went wrong.
    Invalid,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerdictRow {
    /// What it is about, such as `demo at 22: error rate`.
    pub what: String,
    /// What should be, in words; units included.
    pub expected: String,
    /// What the prediction said, in words; empty where it says nothing.
    pub predicted: String,
    /// What was, in words.
    pub measured: String,
    /// How it came out.
    pub outcome: RowOutcome,
    /// What the reader should know besides, such as a window that was shifted; mostly empty.
    pub note: String,
    /// The same as numbers.
    pub figures: Figures,
}

/// How one row came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowOutcome {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// It makes the run [`Outcome::Invalid`].
    Invalid,
}

/// What a row checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The load engine kept its schedule.
    #[default]
    Load,
    /// Nothing broke in the stage.
    Stage,
    /// A proof of a fault.
    Proof,
    /// Share of failed arrivals, 0 to 1.
    ErrorRate,
    /// Share of failed requests, retries included, 0 to 1.
    RequestErrorRate,
    /// 95th percentile of latency, in milliseconds.
    P95Ms,
    /// Arrivals per real minute.
    ArrivalsPerMinute,
    /// An alert fires; scenario minutes.
    AlertFires,
    /// An alert resolves; scenario minutes.
    AlertResolves,
    /// Nothing fires in a stretch.
    Quiet,
    /// Nothing fires that nobody expects.
    FalseAlerts,
    /// A fault was undone.
    Restored,
}

/// A row's numbers, in the unit of its [`Check`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// What is checked.
    pub check: Check,
    /// The stream it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The journey of that stream which it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journey: Option<String>,
    /// Monitor key or fault id it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Scenario minutes over which it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<(f64, f64)>,
    /// Least and greatest that would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<(f64, f64)>,
    /// Predicted for the same window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicted: Option<f64>,
    /// Least and greatest prediction over a few seeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicted_spread: Option<(f64, f64)>,
    /// Measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<f64>,
    /// How many arrivals were measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// When an alert came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timing: Option<AlertTiming>,
}

/// When an alert came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertTiming {
    /// Inside its window.
    OnTime,
    /// Before its window.
    Early,
    /// After its window.
    Late,
    /// Never.
    Missed,
    /// Though nobody expects it.
    False,
}

impl Verdict {
    /// What `rows` come to: one invalid row outweighs all, one failed row outweighs the passed.
    pub(super) fn of(rows: Vec<VerdictRow>, prediction_error: Vec<PredictionError>) -> Self {
        let any = |outcome| rows.iter().any(|row| row.outcome == outcome);
        let outcome = match (any(RowOutcome::Invalid), any(RowOutcome::Fail)) {
            (true, _) => Outcome::Invalid,
            (false, true) => Outcome::Fail,
            (false, false) => Outcome::Pass,
        };
        // What makes it invalid stands first: it says how much the rest is worth.
        let of = |wanted| rows.iter().filter(move |row| row.outcome == wanted).map(VerdictRow::reason);
        let reasons = of(RowOutcome::Invalid).chain(of(RowOutcome::Fail)).collect();
        Self { outcome, rows, reasons, prediction_error }
    }
}

impl VerdictRow {
    /// The row as a sentence, for one that did not pass.
    fn reason(&self) -> String {
        let Self { what, expected, measured, note, .. } = self;
        if note.is_empty() {
            format!("{what}: expected {expected}, was {measured}")
        } else {
            format!("{what}: expected {expected}, was {measured} ({note})")
        }
    }
}
