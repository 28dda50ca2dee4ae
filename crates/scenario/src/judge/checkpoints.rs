//! A stream at a minute.

use super::Case;
use super::measured::Measured;
use super::verdict::{Check, Figures, RowOutcome, VerdictRow};
use super::{text, windows};
use crate::{Band, Checkpoint, Spread, WindowPrediction};

/// Fewest arrivals that a checkpoint can be judged by: with fewer, one of them moves the rate by more than a band is wide.
const FEWEST: u64 = 20;

pub(super) fn rows(case: &Case<'_>) -> Vec<VerdictRow> {
    case.scenario.expect.checkpoints.iter().flat_map(|checkpoint| of(case, checkpoint)).collect()
}

fn of(case: &Case<'_>, checkpoint: &Checkpoint) -> Vec<VerdictRow> {
    let window = windows::of_checkpoint(case.scenario, checkpoint, case.speed);
    let measured = Measured::of(case.evidence, &checkpoint.stream, checkpoint.journey.as_deref(), window);
    // The prediction is about whole buckets as well, or it would be compared with other arrivals.
    let predicted = predicted(case, checkpoint, measured.span().unwrap_or(window));
    let predicted = predicted.as_ref();
    let figures = [
        Figure {
            check: Check::ErrorRate,
            band: checkpoint.error_rate,
            predicted: predicted.and_then(|p| p.error_rate),
            spread: predicted.and_then(|p| p.error_rate_spread),
            measured: measured.error_rate(),
        },
        Figure {
            check: Check::RequestErrorRate,
            band: checkpoint.request_error_rate,
            predicted: predicted.and_then(|p| p.request_error_rate),
            spread: predicted.and_then(|p| p.request_error_rate_spread),
            measured: measured.request_error_rate(),
        },
        Figure {
            check: Check::P95Ms,
            band: checkpoint.p95_ms,
            predicted: predicted.and_then(|p| p.p95_ms),
            spread: predicted.and_then(|p| p.p95_ms_spread),
            measured: measured.p95_ms(),
        },
    ];
    let sought = Sought { checkpoint, window, samples: measured.completed };
    figures.into_iter().filter_map(|figure| Some(sought.row(&figure, figure.band?))).collect()
}

fn predicted(case: &Case<'_>, checkpoint: &Checkpoint, (from, to): (f64, f64)) -> Option<WindowPrediction> {
    let Checkpoint { stream, journey, .. } = checkpoint;
    match journey {
        Some(journey) => case.prediction.window_of_journey(stream, journey, from, to),
        None => case.prediction.window(stream, from, to),
    }
}

/// One figure that a checkpoint may ask for.
struct Figure {
    check: Check,
    band: Option<Band>,
    predicted: Option<f64>,
    spread: Option<Spread>,
    measured: Option<f64>,
}

/// What is the same for all figures of a checkpoint.
struct Sought<'a> {
    checkpoint: &'a Checkpoint,
    window: (f64, f64),
    samples: u64,
}

impl Sought<'_> {
    fn row(&self, figure: &Figure, band: Band) -> VerdictRow {
        let Checkpoint { at, stream, journey, .. } = self.checkpoint;
        let Figure { check, predicted, spread, measured, .. } = figure;
        let expected = band.around(*predicted);
        let (outcome, note) = match (*measured, expected) {
            _ if self.samples < FEWEST => (RowOutcome::Invalid, self.too_few()),
            (Some(value), Some((low, high))) if (low..=high).contains(&value) => (RowOutcome::Pass, self.shifted()),
            (Some(_), Some(_)) => (RowOutcome::Fail, self.shifted()),
            (None, _) => (RowOutcome::Invalid, "the load report does not count it".to_owned()),
            (_, None) => (RowOutcome::Invalid, "there is no prediction to compare with".to_owned()),
        };
        let on_journey = journey.as_ref().map(|journey| format!(" {journey}")).unwrap_or_default();
        VerdictRow {
            what: format!("{stream}{on_journey} at {}: {}", text::number(*at), text::name(*check)),
            expected: expected.map_or_else(|| "predicted".to_owned(), |band| text::range(*check, band)),
            predicted: predicted.map(|p| text::value(*check, p)).unwrap_or_default(),
            measured: measured.map_or_else(|| "nothing".to_owned(), |v| text::value(*check, v)),
            outcome,
            note,
            figures: Figures {
                check: *check,
                stream: Some(stream.clone()),
                journey: journey.clone(),
                window: Some(self.window),
                expected,
                predicted: *predicted,
                predicted_spread: spread.map(|s| (s.low, s.high)),
                measured: *measured,
                samples: Some(self.samples),
                ..Figures::default()
            },
        }
    }

    fn too_few(&self) -> String {
        let (from, to) = self.window;
        format!("{} arrivals between minutes {from:.2} and {to:.2}, {FEWEST} needed", self.samples)
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
