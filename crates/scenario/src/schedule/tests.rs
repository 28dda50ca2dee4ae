//! Properties of the request sequence.

use std::collections::BTreeMap;

use super::{Arrival, PRODUCTS, Schedule, USERS, arrivals};
use crate::testing::{Kinds, black_friday};
use crate::{Scenario, Spacing, parse};

fn demo(seed: u64, speed: f64) -> Vec<Arrival> {
    arrivals(&black_friday(), "demo", seed, speed).expect("declared").collect()
}

fn due_between(sequence: &[Arrival], from: f64, to: f64) -> usize {
    sequence.iter().filter(|a| (from..to).contains(&a.minute)).count()
}

#[test]
fn a_seed_fixes_the_sequence_and_another_seed_changes_it() {
    let scenario = black_friday();
    let digests: Vec<String> = [1, 2, 3, 1].iter().map(|seed| Schedule::digest(&scenario, *seed, 10.0)).collect();
    assert_eq!(digests[0], digests[3]);
    assert!(digests[0] != digests[1] && digests[1] != digests[2] && digests[0] != digests[2]);
    assert_eq!(digests[0].len(), 64);
}

#[test]
fn the_sequence_of_a_seed_never_changes_between_versions() {
    // Runs are compared by digest across machines and releases: a change here breaks every comparison.
    let scenario = black_friday();
    let first = arrivals(&scenario, "demo", 1, 10.0).and_then(|mut a| a.next()).expect("there is traffic");
    insta::assert_snapshot!(format!("{}\n{first:#?}", Schedule::digest(&scenario, 1, 10.0)));
}

#[test]
fn rates_are_per_real_minute_at_every_speed() {
    for speed in [1.0, 5.0, 10.0] {
        let sequence = demo(7, speed);
        // 4200 a real minute over 20 scenario minutes; a Poisson count is within 5 standard deviations of its mean.
        let expected = 4200.0 * 20.0 / speed;
        let found = due_between(&sequence, 10.0, 30.0) as f64;
        assert!((found - expected).abs() < 5.0 * expected.sqrt(), "speed {speed}: {found} of {expected}");
        assert_eq!(due_between(&sequence, 0.0, 1.0), 0, "nothing before minute 1");
    }
}

#[test]
fn uniform_arrivals_stand_in_the_middle_of_equal_shares() {
    let scenario = black_friday();
    let baseline: Vec<Arrival> = arrivals(&scenario, "baseline", 1, 1.0).expect("declared").collect();
    assert_eq!(baseline.len(), 3300);
    for (k, arrival) in baseline.iter().enumerate() {
        assert!((arrival.due.as_secs_f64() - (k as f64 + 0.5) * 0.6).abs() < 2e-6, "{arrival:?}");
    }
}

#[test]
fn poisson_gaps_are_exponential_in_the_area_under_the_curve() {
    let curve = black_friday().stream("demo").expect("declared").arrivals_per_minute.clone();
    let sequence = demo(3, 1.0);
    let gaps: Vec<f64> = sequence.windows(2).map(|w| curve.integral(w[0].minute, w[1].minute)).collect();
    let count = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    assert!((mean - 1.0).abs() < 0.01, "mean {mean}");
    // Kolmogorov-Smirnov against 1 - exp(-x): 1.95 / sqrt(n) is exceeded by chance once in a thousand.
    let mut sorted = gaps;
    sorted.sort_by(f64::total_cmp);
    let distance = sorted
        .iter()
        .enumerate()
        .map(|(k, x)| ((k as f64 + 0.5) / count - (1.0 - (-x).exp())).abs())
        .fold(0.0, f64::max);
    assert!(distance < 1.95 / count.sqrt(), "distance {distance}");
}

#[test]
fn shards_together_are_the_whole() {
    let scenario = black_friday();
    let whole: Vec<Arrival> = Schedule::new(&scenario, 5, 10.0).collect();
    let mut parts: Vec<Arrival> = (0..3).flat_map(|worker| Schedule::shard(&scenario, 5, 10.0, worker, 3)).collect();
    parts.sort_by_key(|a| (a.due, a.stream, a.index));
    assert_eq!(parts, whole);
    assert!(whole.windows(2).all(|w| w[0].due <= w[1].due), "in order of time");
}

#[test]
fn journeys_follow_their_weights() {
    let scenario = black_friday();
    let mut counts = BTreeMap::<usize, f64>::new();
    for arrival in arrivals(&scenario, "baseline", 1, 0.1).expect("declared") {
        *counts.entry(arrival.journey).or_default() += 1.0;
    }
    let total: f64 = counts.values().sum();
    for (journey, share) in [(0, 0.60), (1, 0.25), (2, 0.15)] {
        assert!((counts[&journey] / total - share).abs() < 0.01, "{journey}: {counts:?}");
    }
}

#[test]
fn weights_that_change_take_effect_at_their_minute() {
    let text = "name: small\nworld: shop\nminutes: 10\nphases: [{name: all, from: 0}]\nstreams: [{name: demo, arrivals_per_minute: 600, \
                journeys: {browse_only: [[0, 1], [5, 1], [5, 0]], full_checkout: [[0, 0], [5, 0], [5, 1]]}}]\n";
    let scenario = parse(text, &Kinds).expect("right");
    assert!(arrivals(&scenario, "demo", 1, 1.0).expect("declared").all(|a| (a.journey == 1) == (a.minute >= 5.0)));
}

#[test]
fn users_and_products_are_the_shops() {
    let sequence = demo(1, 10.0);
    assert!(sequence.iter().all(|a| a.user < USERS && (1..=PRODUCTS).contains(&a.product)));
    let arrival = Arrival { user: 42, product: 17, ..sequence[0] };
    assert_eq!((arrival.user_id(), arrival.product_id()), ("user-0042".to_owned(), "prod-17".to_owned()));
}

#[test]
fn another_stream_leaves_the_first_as_it_was() {
    let scenario = black_friday();
    let alone = Scenario {
        streams: scenario.streams.iter().filter(|s| s.name == "demo").cloned().collect(),
        ..scenario.clone()
    };
    let strip = |scenario: &Scenario| -> Vec<_> {
        let all = arrivals(scenario, "demo", 1, 10.0).expect("declared");
        all.map(|a| (a.due, a.user, a.product, a.trace_seed)).collect()
    };
    assert_eq!(strip(&scenario), strip(&alone));
}

#[test]
fn spacing_does_not_change_who_arrives() {
    let mut scenario = black_friday();
    let who = |scenario: &Scenario| -> Vec<u32> {
        arrivals(scenario, "demo", 1, 10.0).expect("declared").take(100).map(|a| a.user).collect()
    };
    let poisson = who(&scenario);
    scenario.streams[1].spacing = Spacing::Uniform;
    assert_eq!(who(&scenario), poisson);
}

#[test]
fn a_stream_that_is_not_there_has_no_arrivals() {
    assert!(arrivals(&black_friday(), "nobody", 1, 1.0).is_none());
}
