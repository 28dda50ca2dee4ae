//! What a start may change about a scenario: where it ends, and how high its peak is. Pure.

use scenario::{Curve, Scenario, Stream};

/// The stream that a peak is meant for, where there is one of that name.
const DEMO: &str = "demo";

/// Ends `scenario` at `minutes` scenario minutes.
///
/// Nothing is stretched: minute 15 is minute 15 in every process, because all of them compute it from one timestamp.
/// A shorter duration cuts the end off, a longer one goes on as the scenario ends.
pub(crate) fn set_duration(scenario: &mut Scenario, minutes: f64) {
    scenario.minutes = minutes;
}

/// Scales the demo stream (the busiest where none is called that) so that its greatest rate in the scenario is
/// `peak_rpm` arrivals per minute. Other streams stay. Returns false if that stream has no arrivals at all.
pub(crate) fn set_peak(scenario: &mut Scenario, peak_rpm: f64) -> bool {
    let minutes = scenario.minutes;
    let named = scenario.streams.iter().position(|s| s.name == DEMO);
    let busiest = || {
        let peaks = scenario.streams.iter().map(|s| peak(s, minutes)).enumerate();
        peaks.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(position, _)| position)
    };
    let Some(position) = named.or_else(busiest) else {
        return false;
    };
    let stream = &mut scenario.streams[position];
    let factor = peak_rpm / peak(stream, minutes);
    if !factor.is_finite() {
        return false;
    }
    let points = stream.arrivals_per_minute.points().iter();
    let scaled = Curve::new(points.map(|(minute, rate)| (*minute, rate * factor)).collect());
    scaled.is_some_and(|curve| {
        stream.arrivals_per_minute = curve;
        true
    })
}

/// Greatest rate between minute 0 and `minutes`.
fn peak(stream: &Stream, minutes: f64) -> f64 {
    let curve = &stream.arrivals_per_minute;
    let inside = curve.points().iter().filter(|(minute, _)| (0.0..minutes).contains(minute));
    let ends = [curve.at(0.0), curve.at(minutes)];
    inside.map(|(_, rate)| *rate).chain(ends).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    fn black_friday() -> Scenario {
        catalogue::read("black-friday").expect("shipped")
    }

    #[test]
    fn a_peak_scales_the_demo_stream_alone() {
        let mut scenario = black_friday();
        assert!(set_peak(&mut scenario, 420.0));
        let rate = |stream: &str, minute| scenario.stream(stream).expect("there").arrivals_per_minute.at(minute);
        assert!((rate("demo", 20.0) - 420.0).abs() < 1e-9);
        assert!((rate("demo", 1.0) - 80.0).abs() < 1e-9);
        assert!((rate("baseline", 20.0) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn the_peak_is_that_of_the_minutes_that_are_played() {
        let mut scenario = black_friday();
        set_duration(&mut scenario, 5.5);
        assert!(set_peak(&mut scenario, 100.0));
        let demo = &scenario.stream("demo").expect("there").arrivals_per_minute;
        assert!((demo.at(5.5) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn without_a_demo_stream_the_busiest_is_scaled() {
        let mut scenario = black_friday();
        scenario.streams[1].name = "canary".into();
        assert!(set_peak(&mut scenario, 84.0));
        assert!((scenario.streams[1].arrivals_per_minute.at(33.0) - 84.0).abs() < 1e-9);
        assert!((scenario.streams[0].arrivals_per_minute.at(33.0) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_stream_without_arrivals_has_no_peak_to_scale() {
        let mut scenario = black_friday();
        set_duration(&mut scenario, 0.5);
        assert!(!set_peak(&mut scenario, 100.0));
    }
}
