//! Scenario files with mistakes, and what is said about them.

use std::fmt::Write;

use super::{Schema, listed, mistakes, small, yaml_as_json};
use crate::testing::{Kinds, black_friday};
use crate::{Band, Spacing, parse, shipped};

#[test]
fn the_shipped_scenarios_are_right() {
    for (name, text) in shipped() {
        assert_eq!(mistakes(text), [], "{name}");
        assert_eq!(parse(text, &Kinds).expect("right").name, *name);
    }
}

#[test]
fn what_may_be_left_out_has_its_default() {
    let scenario = parse(&small(&[]), &Kinds).expect("right");
    assert_eq!(scenario.title, "small");
    assert_eq!(scenario.streams[0].spacing, Spacing::Poisson);
    assert!(scenario.faults.is_empty() && scenario.queues.is_empty() && scenario.expect.alerts.is_empty());
}

#[test]
fn a_scenario_survives_the_way_to_json_and_back() {
    let before = serde_json::to_value(black_friday()).expect("serializable");
    let read: crate::Scenario = serde_json::from_value(before.clone()).expect("the same types");
    assert_eq!(serde_json::to_value(read).expect("serializable"), before);
}

#[test]
fn every_mistake_is_reported_at_once() {
    insta::assert_snapshot!(listed(&mistakes(include_str!("every_mistake.yaml"))));
}

#[test]
fn broken_yaml_is_reported_where_it_breaks() {
    let table = [
        ("an unclosed bracket", "name: [a\nworld: shop\n".to_owned()),
        ("a tab as indentation", small(&[("    journeys", "\tjourneys")])),
        ("an unclosed quote", small(&[("name: small", "name: \"small")])),
        ("nothing", String::new()),
        ("only a comment", "# later\n".to_owned()),
        ("a list", "- 1\n- 2\n".to_owned()),
        ("a word", "scenario".to_owned()),
        ("two documents", format!("{}---\nname: b\n", small(&[]))),
        ("an unknown alias", small(&[("minutes: 10", "minutes: *length")])),
        ("a list as a key", small(&[("minutes: 10", "minutes: 10\n? [a, b]\n: c")])),
    ];
    let mut all = String::new();
    for (name, text) in table {
        let _ = write!(all, "# {name}\n{}\n", listed(&mistakes(&text)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn mistakes_in_arguments_are_shown_where_they_stand() {
    let faults = "faults:\n  - id: gone\n    kind: drop_index\n    from: 1\n    until: 2\n    args:\n      table: products\n      indexes: [7]\n";
    let found = mistakes(&format!("{}{faults}", small(&[])));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].line, found[0].column), (16, 17), "{found:?}");
}

#[test]
fn anchors_may_be_used_and_bombs_do_not_go_off() {
    let shared = small(&[
        ("    arrivals_per_minute: 60", "    arrivals_per_minute: &rate [[0, 60]]"),
        ("{browse_only: 1}", "{browse_only: *rate}"),
    ]);
    assert_eq!(mistakes(&shared), []);
    let mut bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
    for level in 1..20 {
        let _ = writeln!(bomb, "a{level}: &a{level} [{}]", vec![format!("*a{}", level - 1); 10].join(", "));
    }
    assert!(
        mistakes(&bomb).iter().any(|m| m.message.contains("aliases copy more than")),
        "{:?}",
        mistakes(&bomb).first()
    );
}

#[test]
fn size_and_depth_are_bounded() {
    let large = format!("{}# {}\n", small(&[]), "x".repeat(300_000));
    assert!(mistakes(&large)[0].message.contains("bytes"));
    for open in ["[", "{a: ", "- "] {
        let deep = open.repeat(200_000 / open.len());
        assert!(
            mistakes(&deep).iter().any(|m| m.message.contains("deeper") || m.message.contains("not YAML")),
            "{open}"
        );
    }
}

#[test]
fn numbers_that_later_arithmetic_could_trip_over_are_refused() {
    for value in [
        ".nan",
        ".inf",
        "-.inf",
        "-1",
        "1e400",
        "1e7",
        "true",
        "\"60\"",
        "[]",
        "[[0, .nan]]",
        "[[-1, 5]]",
        "[[0, 5, 6]]",
        "~",
    ] {
        let text = small(&[("arrivals_per_minute: 60", &format!("arrivals_per_minute: {value}"))]);
        assert!(!mistakes(&text).is_empty(), "{value}");
    }
    for (from, to) in [("minutes: 10", "minutes: 0"), ("minutes: 10", "minutes: 1441"), ("from: 0", "from: .nan")] {
        assert!(!mistakes(&small(&[(from, to)])).is_empty(), "{to}");
    }
}

#[test]
fn what_a_prediction_would_take_too_long_over_is_refused() {
    let text = |streams: usize, queues: usize, faults: usize| {
        let mut text = "name: large\nworld: shop\nminutes: 10\nphases: [{name: all, from: 0}]\nstreams:\n".to_owned();
        for n in 0..streams {
            let _ = writeln!(
                text,
                "  - {{name: s{n}, arrivals_per_minute: 60, journeys: {{browse_only: 1, list_products: 1}}}}"
            );
        }
        text.push_str("queues:\n");
        for n in 0..queues {
            let (stream, journey) = (n / 2, ["browse_only", "list_products"][n % 2]);
            let _ = writeln!(
                text,
                "  - {{name: q{n}, stream: s{stream}, journeys: [{journey}], connections: 1, acquire_timeout_ms: 1, service_time_ms: 1}}"
            );
        }
        text.push_str("faults:\n");
        for n in 0..faults {
            let _ = writeln!(text, "  - {{id: f{n}, kind: kill_redis, from: 1, until: 2, args: {{}}}}");
        }
        text
    };
    let schema = Schema::of_scenarios();
    assert_eq!(mistakes(&text(16, 16, 100)), []);
    assert!(schema.accepts(&yaml_as_json(&text(16, 16, 100))));
    let table = [
        (text(17, 16, 100), "`streams` has 17 entries", "keep to 16"),
        (text(16, 17, 100), "`queues` has 17 entries", "keep to 16"),
        (text(16, 16, 101), "`faults` has 101 entries", "keep to 100"),
    ];
    for (text, message, remedy) in table {
        let found = mistakes(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].message.as_str(), found[0].remedy.as_str()), (message, remedy));
        assert!(!schema.accepts(&yaml_as_json(&text)), "{message}: the schema");
    }
}

#[test]
fn arrivals_are_bounded_as_often_as_they_may_be_sent() {
    let text = |rate: u32, retries: &str| {
        let storm = format!(
            "faults:\n  - {{id: calm, kind: retry_storm, from: 1, until: 2, args: {{stream: demo, retries: 1}}}}\n  - {{id: storm, kind: retry_storm, from: 1, until: 2, args: {{stream: demo, retries: {retries}}}}}\n"
        );
        let rate = format!("arrivals_per_minute: {rate}");
        small(&[("arrivals_per_minute: 60", &rate), ("minutes: 10", "minutes: 20")]) + &storm
    };
    // Twenty minutes: with three retries 250,000 a minute are 20 million requests.
    for (rate, retries) in [(250_000, "3"), (500_000, "1"), (500_000, "0")] {
        assert_eq!(mistakes(&text(rate, retries)), [], "{rate} {retries}");
    }
    let found = mistakes(&text(250_001, "3"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "5000020 arrivals in all, sent up to 4 times each");
    assert_eq!(found[0].remedy, "keep within 20000000: lower the rates or `retries`, or shorten the scenario");
    assert_eq!(
        mistakes(&small(&[
            ("arrivals_per_minute: 60", "arrivals_per_minute: 1000000"),
            ("minutes: 10", "minutes: 20")
        ])),
        []
    );
    let found = mistakes(&small(&[
        ("arrivals_per_minute: 60", "arrivals_per_minute: 1000000"),
        ("minutes: 10", "minutes: 21"),
    ]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "21000000 arrivals in all");
}

#[test]
fn traffic_without_a_journey_is_refused() {
    for journeys in ["{browse_only: 0}", "{browse_only: [[5, 1]]}", "{browse_only: [[0, 1], [5, 1], [5, 0]]}", "{}"] {
        assert!(!mistakes(&small(&[("{browse_only: 1}", journeys)])).is_empty(), "{journeys}");
    }
    let crossing = "{browse_only: [[0, 1], [5, 0]], full_checkout: [[5, 0], [10, 1]]}";
    assert_eq!(mistakes(&small(&[("{browse_only: 1}", crossing)])), []);
}

#[test]
fn a_band_may_follow_the_prediction() {
    let checkpoints =
        "expect: {checkpoints: [{at: 5, stream: demo, error_rate: predicted +- 0.04, p95_ms: [0, 500]}]}\n";
    let scenario = parse(&format!("{}{checkpoints}", small(&[])), &Kinds).expect("right");
    let checkpoint = &scenario.expect.checkpoints[0];
    assert_eq!(checkpoint.error_rate, Some(Band::AroundPrediction(0.04)));
    assert_eq!(checkpoint.p95_ms, Some(Band::Between(0.0, 500.0)));
    let wrong = checkpoints.replace("+- 0.04", "+- x");
    assert_eq!(mistakes(&format!("{}{wrong}", small(&[]))).len(), 1);
}

#[test]
fn no_prefix_of_a_file_makes_the_parser_panic() {
    let text = shipped()[0].1;
    for end in (0..text.len()).step_by(7).filter(|end| text.is_char_boundary(*end)) {
        let _ = parse(&text[..end], &Kinds);
    }
}

#[test]
fn a_stream_may_have_headers_and_baggage_but_no_tag_of_its_own() {
    let with =
        |more: &str| small(&[("journeys: {browse_only: 1}", &format!("journeys: {{browse_only: 1}}\n    {more}"))]);
    let text = with("headers: {X-Flow: \"${user_id}\"}\n    baggage: {tenant: gold}");
    let scenario = parse(&text, &Kinds).expect("right");
    assert_eq!(scenario.streams[0].headers["x-flow"], "${user_id}");
    assert_eq!(scenario.streams[0].baggage["tenant"], "gold");
    assert_eq!(
        listed(&mistakes(&with("tag: canary"))),
        "9:5: `tag` has no place in item 1 of `streams`\n    remove it: a scenario's stream is tagged with its name, which is what alerts and the verdict go by\n"
    );
    assert!(listed(&mistakes(&with("headers: {x: \"${item}\"}"))).contains("nothing fills `${item}` here"));
}
