//! What must hold of every schedule, whatever its curves, and of every way to share it.

use indexmap::IndexMap;
use proptest::prelude::*;

use super::{Arrival, Schedule};
use crate::{Curve, Ramp, Spacing, Stream};

/// Longest schedule, in minutes.
const LONGEST: f64 = 5.0;

/// Minutes that do not decrease, some of them alike.
fn minutes() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0_u8..=60, 1..8).prop_map(|mut sixths| {
        sixths.sort_unstable();
        sixths.into_iter().map(|sixth| f64::from(sixth) / 10.0).collect()
    })
}

/// A curve in any form that a file can give it, of values up to `greatest`.
fn curve(greatest: f64) -> impl Strategy<Value = Curve> {
    let value = move || prop_oneof![1 => Just(0.0), 4 => 0.0..greatest];
    let pairs = move || {
        minutes().prop_flat_map(move |minutes| {
            let values = prop::collection::vec(value(), minutes.len());
            values.prop_map(move |values| minutes.iter().copied().zip(values).collect::<Vec<(f64, f64)>>())
        })
    };
    let ramp = (value(), 0_u8..30).prop_map(|(to, tenths)| Ramp { to, minutes: f64::from(tenths) / 10.0 });
    prop_oneof![
        value().prop_map(Curve::constant),
        pairs().prop_map(|points| Curve::new(points).expect("ordered")),
        pairs().prop_map(|steps| Curve::steps(&steps).expect("ordered")),
        (value(), prop::collection::vec(ramp, 0..6))
            .prop_map(|(start, ramps)| Curve::ramps(start, &ramps).expect("ordered")),
    ]
}

fn stream() -> impl Strategy<Value = Stream> {
    let spacing = prop_oneof![Just(Spacing::Uniform), Just(Spacing::Poisson)];
    (curve(1200.0), spacing, prop::collection::vec(curve(10.0), 1..5)).prop_map(|(rate, spacing, weights)| Stream {
        name: "any".to_owned(),
        arrivals_per_minute: rate,
        spacing,
        journeys: weights.into_iter().enumerate().map(|(n, weight)| (format!("j{n}"), weight)).collect(),
        tag: None,
        headers: IndexMap::new(),
        baggage: IndexMap::new(),
        elsewhere_ms: 0.0,
    })
}

/// Streams of names that differ.
fn streams() -> impl Strategy<Value = Vec<Stream>> {
    prop::collection::vec(stream(), 1..4).prop_map(|mut streams| {
        for (position, stream) in streams.iter_mut().enumerate() {
            stream.name = format!("s{position}");
        }
        streams
    })
}

fn whole(streams: &[Stream], minutes: f64, seed: u64, speed: f64) -> Vec<Arrival> {
    Schedule::of_streams(streams, minutes, seed, speed, 0, 1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_shares_of_any_number_of_workers_are_the_whole(
        streams in streams(), minutes in 0.1..LONGEST, seed: u64, speed in prop_oneof![Just(1.0), Just(10.0)], workers in 1_u64..9
    ) {
        let mut parts = Vec::new();
        for worker in 0..workers {
            let share: Vec<Arrival> = Schedule::of_streams(&streams, minutes, seed, speed, worker, workers).collect();
            prop_assert!(share.windows(2).all(|pair| pair[0].due <= pair[1].due), "a share is in order of time");
            prop_assert!(share.iter().all(|arrival| arrival.index % workers == worker), "and holds its own arrivals only");
            parts.extend(share);
        }
        parts.sort_by_key(|arrival| (arrival.due, arrival.stream, arrival.index));
        prop_assert_eq!(parts, whole(&streams, minutes, seed, speed));
    }

    #[test]
    fn a_schedule_is_in_order_and_counts_each_stream_without_a_gap(
        streams in streams(), minutes in 0.1..LONGEST, seed: u64
    ) {
        let arrivals = whole(&streams, minutes, seed, 1.0);
        prop_assert!(arrivals.windows(2).all(|pair| (pair[0].due, pair[0].stream) <= (pair[1].due, pair[1].stream)));
        for (position, stream) in streams.iter().enumerate() {
            let own: Vec<&Arrival> = arrivals.iter().filter(|arrival| arrival.stream == position).collect();
            prop_assert!(own.iter().enumerate().all(|(n, arrival)| arrival.index == n as u64));
            prop_assert!(own.iter().all(|arrival| arrival.journey < stream.journeys.len()));
            prop_assert!(own.iter().all(|arrival| (0.0..=minutes).contains(&arrival.minute)));
            prop_assert!(own.iter().all(|arrival| (arrival.due.as_secs_f64() - arrival.minute * 60.0).abs() < 2e-6));
        }
    }

    #[test]
    fn evenly_spaced_arrivals_are_the_area_under_the_curve_at_every_moment(
        mut stream in stream(), minutes in 0.1..LONGEST, seed: u64, moment in 0.0..1.0_f64
    ) {
        stream.spacing = Spacing::Uniform;
        let rate = stream.arrivals_per_minute.clone();
        let arrivals = whole(&[stream], minutes, seed, 1.0);
        let area = rate.integral(0.0, minutes);
        prop_assert!((arrivals.len() as f64 - area).abs() <= 0.5 + 1e-6, "{} of {area}", arrivals.len());
        let until = moment * minutes;
        let (before, area) = (arrivals.iter().filter(|a| a.minute < until).count() as f64, rate.integral(0.0, until));
        prop_assert!((before - area).abs() <= 0.5 + 1e-6, "{before} of {area} before {until}");
        for arrival in arrivals {
            prop_assert!((rate.integral(0.0, arrival.minute) - (arrival.index as f64 + 0.5)).abs() < 1e-6);
        }
    }

    #[test]
    fn poisson_arrivals_come_about_as_often_as_the_area_says_and_never_where_the_rate_is_zero(
        mut stream in stream(), minutes in 0.1..LONGEST, seed: u64
    ) {
        stream.spacing = Spacing::Poisson;
        let rate = stream.arrivals_per_minute.clone();
        let arrivals = whole(&[stream], minutes, seed, 1.0);
        let area = rate.integral(0.0, minutes);
        // Seven standard deviations and what a small mean needs: once in 10^9.
        prop_assert!((arrivals.len() as f64 - area).abs() < 7.0 * area.sqrt() + 15.0, "{} of {area}", arrivals.len());
        for pair in arrivals.windows(2) {
            prop_assert!(rate.integral(pair[0].minute, pair[1].minute) > -1e-9);
        }
        let near = |minute: f64| rate.integral((minute - 1e-6).max(0.0), (minute + 1e-6).min(minutes));
        prop_assert!(arrivals.iter().all(|arrival| near(arrival.minute) > 0.0));
    }

    #[test]
    fn the_digest_is_that_of_the_whole_and_of_nothing_else(streams in streams(), minutes in 0.1..1.0_f64, seed in 0_u64..1000) {
        let digest = |streams: &[Stream], seed| Schedule::digest_of_streams(streams, minutes, seed, 1.0);
        prop_assert_eq!(digest(&streams, seed), digest(&streams, seed));
        if whole(&streams, minutes, seed, 1.0).len() > 3 {
            prop_assert_ne!(digest(&streams, seed), digest(&streams, seed + 1));
        }
    }
}
