//! A stream at a minute.

use super::Case;
use super::measured::Measured;
use super::verdict::{Check, Figures, RowOutcome, VerdictRow};
use super::{text, windows};
use crate::{Band, Checkpoint, Spread};

/// Fewest arrivals that a checkpoint can be judged by: with fewer, one of them moves the rate by more than a band is wide.
const FEWEST: u64 = 20;

pub(super) fn rows(case: &Case<'_>) -> Vec<VerdictRow> {
    case.scenario.expect.checkpoints.iter().flat_map(|checkpoint| of(case, checkpoint)).collect()
}

fn of(case: &Case<'_>, checkpoint: &Checkpoint) -> Vec<VerdictRow> {
    let stream = checkpoint.stream.as_str();
    let window = windows::of_checkpoint(case.scenario, checkpoint, case.speed);
    let measured = Measured::of(case.evidence, stream, window.0, window.1);
    let predicted = case.prediction.window(stream, window.0, window.1);
    let predicted = predicted.as_ref();
    let mut rows = Vec::new();
    let mut row = |check, band: Option<Band>, predicted: Option<f64>, spread: Option<Spread>, value: Option<f64>| {
        let Some(band) = band else { return };
        let sought = Sought { checkpoint, window, check, band, predicted, spread, samples: measured.completed };
        rows.push(sought.row(value));
    };
    row(
        Check::ErrorRate,
        checkpoint.error_rate,
        predicted.and_then(|p| p.error_rate),
        predicted.and_then(|p| p.error_rate_spread),
        measured.error_rate(),
    );
    row(
        Check::P95Ms,
        checkpoint.p95_ms,
        predicted.and_then(|p| p.p95_ms),
        predicted.and_then(|p| p.p95_ms_spread),
        measured.p95_ms(),
    );
    rows
}

/// One figure of a checkpoint.
struct Sought<'a> {
    checkpoint: &'a Checkpoint,
    window: (f64, f64),
    check: Check,
    band: Band,
    predicted: Option<f64>,
    spread: Option<Spread>,
    samples: u64,
}

impl Sought<'_> {
    fn row(&self, value: Option<f64>) -> VerdictRow {
        let Self { checkpoint: Checkpoint { at, stream, .. }, window, check, .. } = self;
        let name = if *check == Check::ErrorRate { "error rate" } else { "p95" };
        let expected = self.band.around(self.predicted);
        let (outcome, note) = match (value, expected) {
            _ if self.samples < FEWEST => (
                RowOutcome::Invalid,
                format!(
                    "{} arrivals between minutes {:.2} and {:.2}, {FEWEST} needed",
                    self.samples, window.0, window.1
                ),
            ),
            (Some(value), Some((low, high))) if (low..=high).contains(&value) => (RowOutcome::Pass, self.shifted()),
            (Some(_), Some(_)) => (RowOutcome::Fail, self.shifted()),
            _ => (RowOutcome::Invalid, "there is no prediction to compare with".to_owned()),
        };
        VerdictRow {
            what: format!("{stream} at {}: {name}", text::number(*at)),
            expected: expected.map_or_else(|| "predicted".to_owned(), |band| text::range(*check, band)),
            predicted: self.predicted.map(|p| text::value(*check, p)).unwrap_or_default(),
            measured: value.map_or_else(|| "nothing".to_owned(), |v| text::value(*check, v)),
            outcome,
            note,
            figures: Figures {
                check: *check,
                stream: Some(stream.clone()),
                window: Some(*window),
                expected,
                predicted: self.predicted,
                predicted_spread: self.spread.map(|s| (s.low, s.high)),
                measured: value,
                samples: Some(self.samples),
                ..Figures::default()
            },
        }
    }

    fn shifted(&self) -> String {
        let (from, to) = self.window;
        if from > self.checkpoint.at {
            format!("measured over minutes {from:.2}-{to:.2}, after the change has settled")
        } else {
            String::new()
        }
    }
}
