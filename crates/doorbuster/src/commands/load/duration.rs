//! `--duration`: a test that is longer than its file says must still be one that the file's rules allow.
//!
//! Those rules looked at its curves up to the file's `minutes` only.

use std::time::Duration;

use scenario::{Curve, LoadTest, Stream};

use crate::exit::UsageError;

/// Most arrivals that are expected: as many as a file may have.
const MOST_ARRIVALS: f64 = 200e6;

/// Makes `test` take `duration`.
///
/// # Errors
/// Traffic arrives and no journey has any weight, or there are too many arrivals.
pub(super) fn change(test: &mut LoadTest, duration: Duration) -> Result<(), UsageError> {
    test.minutes = duration.as_secs_f64() / 60.0;
    let length = test.minutes;
    let refused = |problem: String| Err(UsageError(format!("--duration {}s: {problem}", duration.as_secs_f64())));
    for stream in &test.streams {
        if let Some(from) = gap(stream, length) {
            return refused(format!(
                "no journey of stream {} has any weight after minute {from}, while traffic arrives: \
                 give one a weight over 0 there, or a --duration that ends by then",
                stream.name
            ));
        }
    }
    let arrivals = |stream: &Stream| stream.arrivals_per_minute.integral(0.0, length);
    let all: f64 = test.streams.iter().map(arrivals).sum();
    let most = test.streams.iter().max_by(|a, b| arrivals(a).total_cmp(&arrivals(b)));
    match most.filter(|_| all > MOST_ARRIVALS) {
        Some(most) => refused(format!(
            "{all:.0} arrivals are expected, most of them in stream {}: \
             keep within {MOST_ARRIVALS:.0}, with lower rates or a shorter --duration",
            most.name
        )),
        None => Ok(()),
    }
}

/// The minute after which traffic arrives that has no journey to go on, if there is one before `length`.
fn gap(stream: &Stream, length: f64) -> Option<f64> {
    let rate = &stream.arrivals_per_minute;
    let curves = stream.journeys.values().chain([rate]);
    let mut cuts: Vec<f64> = curves.flat_map(Curve::points).map(|point| point.0).chain([0.0, length]).collect();
    cuts.retain(|minute| *minute <= length);
    cuts.sort_by(f64::total_cmp);
    // Curves are straight between cuts and never negative: a sum that is 0 in the middle is 0 throughout.
    let is_gap = |middle: f64| rate.at(middle) > 0.0 && stream.journeys.values().all(|weight| weight.at(middle) <= 0.0);
    cuts.windows(2).find(|w| w[1] > w[0] && is_gap(f64::midpoint(w[0], w[1]))).map(|w| w[0])
}
