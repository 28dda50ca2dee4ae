//! Was the incident real, was it seen on time, and is everything as it was?
//!
//! [`judge`] asks in this order. *Validity*: the load engine sent what it should when it should, nothing broke, and every
//! fault was proved; otherwise the verdict is `INVALID`, because then nothing can be said about the monitoring.
//! *Expectations*: checkpoints, `always`, alerts, quiet stretches; one that is missed makes it `FAIL`. *Restoration*:
//! something not put back makes it `FAIL` as well. All rows are given in any case, and beside them how far the prediction
//! was from the measurement.
mod alerts;
mod always;
mod checkpoints;
mod junit;
mod measured;
mod prediction_error;
#[cfg(test)]
mod sabotage;
mod text;
mod validity;
mod verdict;
mod windows;

use std::borrow::Cow;

pub use verdict::{AlertTiming, Check, Figures, Outcome, PredictionError, RowOutcome, Verdict, VerdictRow};

use crate::{Evidence, PredictOptions, Prediction, Scenario, predict};

/// Holds `evidence` of a run of `scenario` at `speed` against its expectations and `prediction`.
///
/// A prediction that was read back from JSON is worked out again for its windows.
pub fn judge(scenario: &Scenario, evidence: &Evidence, prediction: &Prediction, speed: f64) -> Verdict {
    let prediction = if prediction.has_windows() {
        Cow::Borrowed(prediction)
    } else {
        Cow::Owned(predict(scenario, prediction.seed, &PredictOptions::at_speed(speed)))
    };
    let case = Case { scenario, evidence, prediction: &prediction, speed };
    let mut rows = validity::rows(&case);
    rows.extend(checkpoints::rows(&case));
    rows.extend(always::rows(&case));
    rows.extend(alerts::rows(&case));
    rows.extend(validity::restored(&case));
    Verdict::of(rows, prediction_error::of(&case))
}

/// All that a rule may look at.
struct Case<'a> {
    scenario: &'a Scenario,
    evidence: &'a Evidence,
    prediction: &'a Prediction,
    speed: f64,
}
