//! Curves and rates in every form, right and wrong.

use super::{listed, mistakes, small};
use crate::testing::Kinds;
use crate::{Curve, Scenario, parse};

fn with_rate(rate: &str) -> String {
    small(&[("arrivals_per_minute: 60", rate)])
}

fn rate_of(scenario: &Scenario) -> Curve {
    scenario.streams[0].arrivals_per_minute.clone()
}

#[test]
fn each_form_of_a_rate_is_read() {
    let table = [
        ("arrivals_per_minute: 60", vec![(0.0, 60.0)]),
        ("arrivals_per_second: 2", vec![(0.0, 120.0)]),
        ("arrivals_per_second: [[1, 1], [2, 0.5]]", vec![(1.0, 60.0), (2.0, 30.0)]),
        ("arrivals_per_minute: {steps: [[0, 5], [2, 7]]}", vec![(0.0, 5.0), (2.0, 5.0), (2.0, 7.0)]),
        ("arrivals_per_second: {start: 0, ramps: [{to: 1, minutes: 2}]}", vec![(0.0, 0.0), (2.0, 60.0)]),
    ];
    for (written, points) in table {
        let scenario = parse(&with_rate(written), &Kinds).unwrap_or_else(|m| panic!("{written}: {}", listed(&m)));
        assert_eq!(rate_of(&scenario).points(), points, "{written}");
        let json = serde_json::to_value(&scenario).expect("serializable");
        let again: Scenario = serde_json::from_value(json).expect("the same types");
        assert_eq!(again.streams, scenario.streams, "{written}");
    }
    let weights = small(&[(
        "{browse_only: 1}",
        "{browse_only: {steps: [[0, 1], [5, 0]]}, full_checkout: {start: 0, ramps: [{to: 1, minutes: 10}]}}",
    )]);
    assert_eq!(mistakes(&weights), []);
}

#[test]
fn each_wrong_form_is_named_where_it_stands() {
    let table = [
        (
            "arrivals_per_minute: {}",
            "7:26: `arrivals_per_minute` has none of its keys\n    give `steps`, or `start` and `ramps`\n",
        ),
        (
            "arrivals_per_minute: {stairs: [[0, 1]]}",
            "7:26: `arrivals_per_minute` has none of its keys\n    give `steps`, or `start` and `ramps`\n",
        ),
        (
            "arrivals_per_minute: {start: 1}",
            "7:26: `ramps` is missing in `arrivals_per_minute`\n    add it: straight lines, one after another; the last value stays\n",
        ),
        (
            "arrivals_per_minute: {steps: [[0, 1], [0, 2]]}",
            "7:44: step 2 of `steps` is the second at minute 0\n    order steps by minute; each holds until the next\n",
        ),
        (
            "arrivals_per_minute: {steps: [[3, 1], [1, 2]]}",
            "7:44: step 2 of `steps` goes back to minute 1 after minute 3\n    order steps by minute; each holds until the next\n",
        ),
        (
            "arrivals_per_minute: {steps: [[0, 1]], ramps: []}",
            "7:44: unknown key `ramps` in `arrivals_per_minute`\n    known here: steps\n",
        ),
        (
            "arrivals_per_minute: {start: 0, ramps: [{to: 1}]}",
            "7:45: `minutes` is missing in ramp 1 of `ramps`\n    add it: how long it takes; 0 is a step\n",
        ),
        (
            "arrivals_per_minute: {start: 0, ramps: [{to: 2000000, minutes: -1}]}",
            "7:50: `to` is 2000000\n    give a number from 0 to 1000000\n7:68: `minutes` is -1\n    give a number from 0 to 1440\n",
        ),
        (
            "arrivals_per_minute: {start: 0, ramps: [{to: 1, minutes: 1000}, {to: 1, minutes: 1000}]}",
            "7:44: `ramps` last 2000 minutes in all\n    keep them within 1440\n",
        ),
        (
            "arrivals_per_minute: {start: 0, ramps: 5}",
            "7:44: `ramps` is the number 5\n    give [{to: value, minutes: m}, ...]\n",
        ),
        ("arrivals_per_second: 20000", "7:26: `arrivals_per_second` is 20000\n    give a number from 0 to 16666\n"),
        (
            "arrivals_per_minute: 60\n    arrivals_per_second: 1",
            "8:5: `arrivals_per_second` together with `arrivals_per_minute` in item 1 of `streams`\n    keep one of `arrivals_per_minute` and `arrivals_per_second`\n",
        ),
        (
            "spacing: uniform",
            "6:5: `arrivals_per_minute` is missing in item 1 of `streams`\n    add it: arrivals per real minute over minutes: speed never changes rates. 0 before the first point; or `arrivals_per_second`\n",
        ),
    ];
    for (written, said) in table {
        assert_eq!(listed(&mistakes(&with_rate(written))), said, "{written}");
    }
}

#[test]
fn traffic_without_a_journey_is_refused_whatever_the_form() {
    let text = with_rate("arrivals_per_second: {steps: [[0, 1], [5, 2]]}");
    let gap = text.replace("{browse_only: 1}", "{browse_only: {steps: [[0, 1], [5, 0]]}}");
    assert!(
        listed(&mistakes(&gap)).contains("no journey has any weight after minute 5"),
        "{}",
        listed(&mistakes(&gap))
    );
    let quiet = with_rate("arrivals_per_second: {steps: [[0, 1], [5, 0]]}");
    assert_eq!(mistakes(&quiet.replace("{browse_only: 1}", "{browse_only: {steps: [[0, 1], [5, 0]]}}")), []);
}
