//! How far the prediction was from what was measured, minute by minute while faults bite.

use super::Case;
use super::measured::Measured;
use super::verdict::PredictionError;
use crate::effects::{Stretch, disturbed};

/// One entry for each stream that had arrivals in such a minute.
pub(super) fn of(case: &Case<'_>) -> Vec<PredictionError> {
    let disturbed = disturbed(case.scenario);
    let minutes: Vec<(f64, f64)> = (0..case.scenario.minutes.ceil() as u32)
        .map(|minute| (f64::from(minute), (f64::from(minute) + 1.0).min(case.scenario.minutes)))
        .filter(|(from, until)| {
            let minute = Stretch { from: *from, until: *until };
            disturbed.iter().any(|stretch| stretch.and(minute).is_some())
        })
        .collect();
    let streams = case.scenario.streams.iter();
    streams.filter_map(|stream| of_stream(case, &stream.name, &minutes)).collect()
}

fn of_stream(case: &Case<'_>, stream: &str, minutes: &[(f64, f64)]) -> Option<PredictionError> {
    let differences: Vec<f64> = minutes
        .iter()
        .filter_map(|minute| {
            let measured = Measured::of(case.evidence, stream, None, *minute);
            let (from, to) = measured.span()?;
            let predicted = case.prediction.window(stream, from, to)?.error_rate?;
            Some((predicted - measured.error_rate()?).abs())
        })
        .collect();
    let count = u32::try_from(differences.len()).ok().filter(|count| *count > 0)?;
    Some(PredictionError {
        stream: stream.to_owned(),
        minutes: count,
        points: 100.0 * differences.iter().sum::<f64>() / f64::from(count),
    })
}
