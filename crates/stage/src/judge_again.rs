//! A finished run, judged again from its folder.

use std::path::Path;

use scenario::{Evidence, PredictOptions, Prediction, Scenario, Verdict};

use crate::run_folder::{RunFolder, RunRecord};
use crate::{Calibration, StageError};

/// Judges the run in `folder` by its own scenario, evidence and prediction. Changes nothing.
///
/// # Errors
/// [`StageError::NotARun`] where there is no evidence; others where a file can't be read.
pub fn validate(folder: &Path) -> Result<Verdict, StageError> {
    let folder = RunFolder::open(folder)?;
    let record: RunRecord = folder.read_json("run.json")?;
    let evidence: Evidence = folder.read_json("evidence.json")?;
    let scenario = scenario_of(&record, &folder.scenario_text()?)?;
    let prediction = prediction(&scenario, record.seed, record.speed);
    Ok(scenario::judge(&scenario, &evidence, &prediction, record.speed))
}

/// The scenario of a run, as it was played: `text` is what its folder keeps.
pub(crate) fn scenario_of(record: &RunRecord, text: &str) -> Result<Scenario, StageError> {
    let scenario = scenario::parse(text, &faults::Kinds).map_err(|mistakes| StageError::Scenario {
        count: mistakes.len(),
        first: mistakes.first().map(ToString::to_string).unwrap_or_default(),
    })?;
    let calibration =
        if record.calibration == Calibration::None.name() { Calibration::None } else { Calibration::Hold };
    Ok(calibration.of(scenario))
}

/// What the scenario predicts for a run with this seed and speed: the same whenever it is asked.
pub(crate) fn prediction(scenario: &Scenario, seed: u64, speed: f64) -> Prediction {
    scenario::predict(scenario, seed, &PredictOptions::at_speed(speed))
}
