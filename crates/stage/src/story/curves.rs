//! What the load generator measured, minute by minute. Pure.

use console::story::MeasuredCurve;
use scenario::{Clock, LoadReport, StreamReport};

use crate::window::Window;

/// One curve for each stream.
pub(super) fn measured(load: &LoadReport, minutes: f64, clock: Clock) -> Vec<MeasuredCurve> {
    load.streams.iter().map(|stream| curve(stream, minutes, clock)).collect()
}

fn curve(stream: &StreamReport, minutes: f64, clock: Clock) -> MeasuredCurve {
    let mut curve = MeasuredCurve {
        stream: stream.stream.clone(),
        requests: stream.buckets.iter().map(|bucket| bucket.completed).sum(),
        errors: stream.buckets.iter().map(|bucket| bucket.errors).sum(),
        ..MeasuredCurve::default()
    };
    let whole = minutes.max(0.0).ceil() as u32;
    for minute in (0..whole).map(f64::from) {
        let window = Window::of(stream, minute, minute + 1.0, clock.real_seconds(1.0));
        if window.due == 0 {
            continue;
        }
        curve.minutes.push(minute + 0.5);
        curve.arrivals_per_minute.push(round(window.per_minute(), 10.0));
        curve.error_rate.push(window.error_rate().map(|rate| round(rate, 10_000.0)));
        curve.p50_ms.push(window.quantile_ms(0.5).map(|ms| round(ms, 100.0)));
        curve.p95_ms.push(window.quantile_ms(0.95).map(|ms| round(ms, 100.0)));
    }
    curve
}

/// More digits than this are noise, and make the file longer.
fn round(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario::{Bucket, LatencyHistogram};

    #[test]
    fn each_minute_with_arrivals_is_a_point_in_real_minutes() {
        let bucket = |from: f64, due, errors| {
            let mut latency = LatencyHistogram::default();
            latency.record_n(std::time::Duration::from_millis(200), due);
            Bucket { from, to: from + 0.25, due, completed: due, errors, latency, ..Bucket::default() }
        };
        let buckets = vec![bucket(0.0, 0, 0), bucket(1.0, 10, 0), bucket(1.25, 10, 5), bucket(2.75, 4, 4)];
        let stream = StreamReport { stream: "demo".into(), buckets, ..StreamReport::default() };
        let load = LoadReport { streams: vec![stream], ..LoadReport::default() };
        let [curve] = &measured(&load, 3.0, Clock { start_unix: 0.0, speed: 10.0 })[..] else { panic!("one stream") };
        assert_eq!(curve.minutes, [1.5, 2.5]);
        assert_eq!(curve.error_rate, [Some(0.25), Some(1.0)]);
        // Half of the minute's buckets are there: 20 arrivals in 3 real seconds.
        assert_eq!(curve.arrivals_per_minute[0], 400.0);
        assert!(curve.p95_ms[0].is_some_and(|ms| (ms - 200.0).abs() < 0.5), "{curve:?}");
        assert_eq!((curve.requests, curve.errors), (24, 9));
    }
}
