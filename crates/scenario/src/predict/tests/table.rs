//! The table that people read.

use crate::testing::black_friday;
use crate::{PredictOptions, Prediction, Spread, predict};

#[test]
fn every_figure_has_a_spread_that_contains_the_seeds_own() {
    let prediction = predict(&black_friday(), 1, &PredictOptions::at_speed(10.0));
    for minute in prediction.minutes.iter().filter(|m| m.stream == "demo" && m.minute >= 1.0) {
        let own = [
            (Some(minute.error_rate), minute.error_rate_spread),
            (Some(minute.request_error_rate), minute.request_error_rate_spread),
            (Some(minute.throughput_per_second), minute.throughput_per_second_spread),
            (minute.wait_ms, minute.wait_ms_spread),
            (minute.p50_ms, minute.p50_ms_spread),
            (minute.p95_ms, minute.p95_ms_spread),
        ];
        for (value, spread) in own {
            let (value, Spread { low, high }) = (value.expect("arrivals"), spread.expect("arrivals"));
            assert!((low..=high).contains(&value), "{minute:?}");
        }
    }
    let critical = prediction.minute("demo", 25.0).and_then(|m| m.error_rate_spread).expect("arrivals");
    assert!(critical.high - critical.low < 0.08 && critical.high > critical.low, "{critical:?}");
}

#[test]
fn the_minutes_say_why() {
    let prediction = predict(&black_friday(), 1, &PredictOptions::at_speed(1.0));
    let critical = prediction.minute("demo", 25.0).expect("inside");
    assert_eq!(critical.service_time_ms, Some(1300.0));
    assert!((critical.capacity_per_second.expect("a queue") - 15.38).abs() < 0.01);
    assert!(critical.utilisation.expect("a queue") > 0.97, "{critical:?}");
    assert!((critical.throughput_per_second - 15.38).abs() < 0.5, "{critical:?}");
    assert!(critical.wait_ms.is_some_and(|wait| (2050.0..=2100.0).contains(&wait)), "{critical:?}");
    assert_eq!(critical.requests_per_minute, critical.arrivals_per_minute);
    assert_eq!(critical.request_error_rate, critical.error_rate);
    let baseline = prediction.minute("baseline", 25.0).expect("inside");
    assert_eq!((baseline.error_rate, baseline.service_time_ms, baseline.wait_ms), (0.0, None, None));
}

#[test]
fn journeys_can_be_told_apart() {
    let prediction = predict(&black_friday(), 1, &PredictOptions::at_speed(1.0));
    let arrivals = |journey: &str| prediction.window_of_journey("baseline", journey, 0.0, 33.0).map(|w| w.arrivals);
    let each = ["browse_only", "browse_and_cart", "full_checkout"].map(|journey| arrivals(journey).expect("declared"));
    assert_eq!(each.iter().sum::<u64>(), 3300);
    assert!(each[0] > each[1] && each[1] > each[2], "{each:?}");
    assert_eq!(arrivals("recommendations"), None);
}

#[test]
fn a_prediction_keeps_its_table_as_json() {
    let prediction = predict(&black_friday(), 1, &PredictOptions::at_speed(10.0));
    let text = serde_json::to_string(&prediction).expect("serializable");
    let read: Prediction = serde_json::from_str(&text).expect("the same types");
    assert_eq!(read.minutes.len(), prediction.minutes.len());
    assert!(
        read.minutes
            .iter()
            .zip(&prediction.minutes)
            .all(|(a, b)| a.stream == b.stream && (a.error_rate - b.error_rate).abs() < 1e-9)
    );
    assert!(read.window("demo", 0.0, 1.0).is_none() && !read.has_windows());
}
