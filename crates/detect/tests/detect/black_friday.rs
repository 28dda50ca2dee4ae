//! The shipped monitors against the story of black-friday, at several speeds and seeds, with a simulated pool.

use std::collections::BTreeMap;

use detect::{Engine, Quantile, Query, Sample, Signal, SpanMeasure, TimeScale, TransitionState, UnixMs, parse};

use crate::queue::{Checkout, play};

const MONITORS: &str = include_str!("../../../../monitors/shop.yaml");

/// Peak arrivals of the demo stream, per real second.
const RATE_PER_S: f64 = 70.0;
/// From the end of a span to the moment the console knows of it.
const TELEMETRY_DELAY_S: f64 = 0.4;
/// The first minute that is played; nothing changes before 15.
const FIRST_MINUTE: f64 = 13.0;
/// The last.
const LAST_MINUTE: f64 = 33.0;

/// Seconds a connection is held at a scenario minute.
fn service_s(minute: f64) -> f64 {
    match minute {
        m if m < 15.0 => 0.001,
        m if m < 20.0 => 0.52 + (m - 15.0) / 5.0 * 0.30,
        m if m < 30.0 => 1.30,
        _ => 0.001,
    }
}

/// Answers a query as the store does: whole seconds of span ends, up to now.
fn answer(query: &Query, checkouts: &[Checkout], now_s: f64) -> Vec<Sample> {
    let Signal::Spans { filter, measure } = &query.signal else { panic!("the shop's monitors use spans") };
    let from_s = now_s.floor() + 1.0 - query.window.as_secs_f64();
    let is_statement = filter.service.as_deref() == Some("product-catalog");
    let end_s = |checkout: &Checkout| {
        if is_statement { checkout.statement_end_s } else { checkout.end_s() }
    };
    let first = checkouts.partition_point(|checkout| end_s(checkout) < from_s);
    let seen: Vec<&Checkout> =
        checkouts[first..].iter().take_while(|checkout| end_s(checkout) <= now_s - TELEMETRY_DELAY_S).collect();
    if seen.is_empty() {
        return Vec::new();
    }
    let share = seen.iter().filter(|checkout| checkout.exhausted).count() as f64 / seen.len() as f64;
    let value = match measure {
        SpanMeasure::QuantileMs(quantile) => {
            assert_eq!(*quantile, Quantile::P95);
            let mut durations: Vec<f64> =
                seen.iter().map(|checkout| if is_statement { checkout.statement_ms } else { checkout.ms() }).collect();
            durations.sort_by(f64::total_cmp);
            durations[((durations.len() as f64 * 0.95).ceil() as usize).saturating_sub(1)]
        }
        _ => share,
    };
    vec![Sample { group: Some("demo".into()), value: Some(value), count: seen.len() as u64 }]
}

/// Healthy traffic beside it: a quarter of a checkout a second, fast.
fn baseline() -> Sample {
    Sample { group: Some("baseline".into()), value: Some(0.0), count: 25 }
}

/// Plays the run; the scenario minutes at which each monitor fired and resolved.
fn run(speed: f64, seed: u64) -> BTreeMap<String, Vec<(TransitionState, f64)>> {
    let minute_at = |second: f64| second * speed / 60.0;
    let second_at = |minute: f64| minute * 60.0 / speed;
    let (from_s, to_s) = (second_at(FIRST_MINUTE), second_at(LAST_MINUTE));
    let checkouts = play(seed, from_s, to_s, RATE_PER_S, |at| service_s(minute_at(at)));
    let mut engine = Engine::new(
        parse(MONITORS).expect("the shipped monitors are right"),
        TimeScale::new(speed).expect("speeds are positive"),
    );
    let mut seen: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for tick in 1..((to_s - from_s) * 4.0) as u64 {
        let now_s = from_s + tick as f64 * 0.25;
        let answers: Vec<Vec<Sample>> = engine
            .queries()
            .iter()
            .map(|query| answer(query, &checkouts, now_s).into_iter().chain([baseline()]).collect())
            .collect();
        for transition in engine.step(UnixMs((now_s * 1000.0) as u64), &answers) {
            assert_eq!(transition.group.as_deref(), Some("demo"), "{transition:?}");
            seen.entry(transition.key).or_default().push((transition.state, minute_at(now_s)));
        }
    }
    seen
}

#[test]
fn every_alert_of_black_friday_comes_inside_its_window_at_speeds_one_to_ten() {
    for (speed, seeds) in [(1.0, 1..2u64), (5.0, 1..6), (10.0, 1..31)] {
        for seed in seeds {
            let seen = run(speed, seed);
            let windows = [
                ("slow-queries", 15.0, 16.5),
                ("pool-exhaustion", 20.0, 21.5),
                ("checkout-failures", 15.0, 17.0),
                ("flow-checkout-collapse", 22.0, 23.0),
            ];
            for (key, from, to) in windows {
                let changes =
                    seen.get(key).unwrap_or_else(|| panic!("{key} never fired at speed {speed}, seed {seed}"));
                let [(TransitionState::Firing, fired), (TransitionState::Resolved, resolved)] = changes[..] else {
                    panic!("{key} at speed {speed}, seed {seed}: {changes:?}");
                };
                assert!((from..=to).contains(&fired), "{key} fired at {fired:.2}, speed {speed}, seed {seed}");
                assert!(
                    (30.0..33.0).contains(&resolved),
                    "{key} resolved at {resolved:.2}, speed {speed}, seed {seed}"
                );
            }
        }
    }
}

#[test]
fn at_speed_ten_the_pool_is_called_exhausted_in_time_for_the_flow() {
    // Sooner than 1.5 s or later than 7.5 s after the change, and the flow (10.5 s later) would miss minutes 22 to 23.
    for seed in 1..31 {
        let seen = run(10.0, seed);
        let (_, fired) = seen["pool-exhaustion"][0];
        let after_s = (fired - 20.0) * 6.0;
        assert!((1.5..7.25).contains(&after_s), "seed {seed}: {after_s:.2} s after the change");
    }
}
