//! Load test files with mistakes, and what is said about them.

use super::{Schema, listed, yaml_as_json};
use crate::{DataSource, LoadTest, Mistake, Spacing, Target, ThinkTime, Threshold, parse_load_test};

fn mistakes(text: &str) -> Vec<Mistake> {
    parse_load_test(text).err().unwrap_or_default()
}

/// The example with everything in it.
const EVERYTHING: &str = include_str!("everything.yaml");

/// A right file, as short as one can be, with `edits` made to it.
fn small(edits: &[(&str, &str)]) -> String {
    let text = "name: small\nminutes: 1\ntargets: {main: http://127.0.0.1:8080}\nstreams: [{name: all, arrivals_per_second: 10, journeys: {look: 1}}]\njourneys:\n  look:\n    - {path: /}\n";
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?} is not in the file");
        text.replacen(from, to, 1)
    })
}

#[test]
fn everything_that_can_be_said_is_read() {
    let test = parse_load_test(EVERYTHING).unwrap_or_else(|mistakes| panic!("{}", listed(&mistakes)));
    assert_eq!((test.name.as_str(), test.minutes, test.max_in_flight), ("checkout", 2.0, 20_000));
    let plain = Target { url: "http://127.0.0.1:8080".to_owned(), http2: false, ca_file: None, insecure: false };
    assert_eq!(test.targets["shop"], plain);
    let stream = &test.streams[0];
    assert_eq!(stream.arrivals_per_minute.points(), [(0.0, 0.0), (0.5, 12_000.0), (2.0, 12_000.0)]);
    assert_eq!((stream.tag.as_deref(), stream.headers["x-tenant"].as_str()), (Some("demo"), "gold"));
    let add = &test.journeys["buy"][1];
    assert_eq!(add.think_ms, ThinkTime { least_ms: 500.0, most_ms: 1500.0 });
    assert_eq!((add.success.status, add.success.json["/status"].as_str()), ((201, 201), Some("success")));
    assert_eq!(add.json.as_ref().expect("a body").to_string(), r#"{"product_id":"${product}","quantity":1}"#);
    assert_eq!(test.journeys["buy"][0].extract["product"].0, "/items/0/id");
    let numbers = DataSource::Numbers { from: 1, to: 5000, prefix: "cust-".to_owned(), digits: 6 };
    assert_eq!(test.data["customer"], numbers);
    assert_eq!(test.data["category"], DataSource::OneOf { one_of: vec!["electronics".to_owned(), "books".to_owned()] });
    let threshold = Threshold {
        stream: Some("buyers".to_owned()),
        p95_ms_max: Some(300.0),
        error_rate_max: Some(0.01),
        ..Threshold::default()
    };
    assert_eq!(test.thresholds[0], threshold);
    assert_eq!((test.spans.share, test.spans.most_per_second), (0.1, 100));
}

#[test]
fn what_may_be_left_out_has_its_default() {
    let test = parse_load_test(&small(&[])).unwrap_or_else(|mistakes| panic!("{}", listed(&mistakes)));
    assert_eq!((test.title.as_str(), test.max_in_flight, test.thresholds.len()), ("small", 20_000, 0));
    assert_eq!((test.streams[0].spacing, test.streams[0].tag.as_deref()), (Spacing::Poisson, None));
    let step = &test.journeys["look"][0];
    assert_eq!((step.method.as_str(), step.timeout_ms, step.label().as_str()), ("GET", 10_000.0, "GET /"));
    assert_eq!((step.success.status, step.think_ms), ((200, 399), ThinkTime::default()));
    assert_eq!((test.spans.share, test.spans.most_per_second), (1.0, 500));
}

#[test]
fn a_load_test_survives_the_way_to_json_and_back() {
    for text in [EVERYTHING.to_owned(), small(&[])] {
        let test = parse_load_test(&text).expect("right");
        let json = serde_json::to_value(&test).expect("serializable");
        assert_eq!(serde_json::from_value::<LoadTest>(json).expect("the same types"), test);
    }
}

#[test]
fn every_mistake_in_a_load_test_is_reported_at_once() {
    insta::assert_snapshot!(listed(&mistakes(include_str!("every_load_test_mistake.yaml"))));
}

#[test]
fn headers_are_named_in_lowercase() {
    let text = small(&[
        ("{path: /}", "{path: /, headers: {X-Tenant: gold}}"),
        ("journeys: {look: 1}", "journeys: {look: 1}, headers: {X-Flow: a}"),
    ]);
    let test = parse_load_test(&text).expect("right");
    assert_eq!(test.streams[0].headers["x-flow"], "a");
    assert_eq!(test.journeys["look"][0].headers["x-tenant"], "gold");
}

#[test]
fn a_slot_may_be_used_once_it_is_filled() {
    let journey = |steps: &str| small(&[("    - {path: /}\n", steps)]);
    let right = journey(
        "    - {path: /, extract: {id: /id}}\n    - {path: \"/${id}\", extract: {id: /next}}\n    - {path: \"/a/${id}\"}\n",
    );
    assert_eq!(mistakes(&right), []);
    let early = journey("    - {path: \"/${id}\"}\n    - {path: /, extract: {id: /id}}\n");
    assert_eq!(
        listed(&mistakes(&early)),
        "7:14: nothing fills `${id}` here\n    step 2 extracts it: use it in a step after that one\n"
    );
    let own = journey("    - {path: \"/${id}\", extract: {id: /id}}\n");
    assert!(listed(&mistakes(&own)).contains("step 1 extracts it"));
    let stream = small(&[
        ("{path: /}", "{path: /, extract: {id: /id}}"),
        ("journeys: {look: 1}", "journeys: {look: 1}, headers: {x: \"${id}\"}"),
    ]);
    assert!(listed(&mistakes(&stream)).contains("nothing fills `${id}` here"), "a stream knows no step");
}

#[test]
fn braces_that_are_not_in_quotes_are_explained() {
    let text = small(&[("{path: /}", "{path: /${user_id}}")]);
    assert!(listed(&mistakes(&text)).contains("put texts with slots in quotes"), "{}", listed(&mistakes(&text)));
}

#[test]
fn a_title_is_one_line_of_plain_text() {
    for title in ["two\\nlines", "red \\e[31m", "a\\tb"] {
        let found = listed(&mistakes(&small(&[("minutes: 1", &format!("title: \"{title}\"\nminutes: 1"))])));
        assert!(found.contains("2:8: `title` has control characters\n    write one line"), "{title}: {found}");
    }
    assert_eq!(mistakes(&small(&[("minutes: 1", "title: \"Käufe, ${x}\"\nminutes: 1")])), []);
}

#[test]
fn a_threshold_has_to_say_something() {
    let found = listed(&mistakes(&small(&[("minutes: 1", "thresholds: [{}]\nminutes: 1")])));
    assert!(found.starts_with("2:14: the threshold says nothing\n    give it one of: error_rate_max"), "{found}");
}

#[test]
fn slots_in_baggage_are_refused_and_other_dollars_are_not() {
    let with = |value: &str| {
        small(&[("journeys: {look: 1}", &format!("journeys: {{look: 1}}, baggage: {{tenant: \"{value}\"}}"))])
    };
    let found = listed(&mistakes(&with("t-${user_id}")));
    assert!(found.contains("`tenant` has the slot `${user_id}`: slots do not apply to baggage"), "{found}");
    for right in ["$${user_id}", "${", "${A b}", "$5"] {
        assert_eq!(mistakes(&with(right)), [], "{right}");
    }
}

#[test]
fn large_whole_numbers_in_json_stay_exact_or_are_refused() {
    let with = |number: &str| small(&[("{path: /}", &format!("{{path: /, method: POST, json: {{id: [{number}]}}}}"))]);
    for number in ["9223372036854775807", "9223372036854775808", "18446744073709551615", "-9223372036854775808"] {
        let test = parse_load_test(&with(number)).unwrap_or_else(|mistakes| panic!("{}", listed(&mistakes)));
        let json = test.journeys["look"][0].json.as_ref().expect("a body").to_string();
        assert_eq!(json, format!("{{\"id\":[{number}]}}"));
    }
    for number in ["18446744073709551616", "-9223372036854775809"] {
        let found = listed(&mistakes(&with(number)));
        assert!(found.contains("`id` is a whole number beyond 64 bits\n    write it as a text"), "{found}");
    }
    assert_eq!(mistakes(&with("1e30, 18446744073709551616.5, '18446744073709551616'")), []);
    let found = listed(&mistakes(&small(&[("minutes: 1", "minutes: 18446744073709551615")])));
    assert!(found.contains("`minutes` is 18446744073709552000"), "{found}");
}

#[test]
fn more_than_can_be_sent_is_refused() {
    let found =
        mistakes(&small(&[("arrivals_per_second: 10", "arrivals_per_second: 1000000"), ("minutes: 1", "minutes: 4")]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "240000000 arrivals in all");
    let many = |what: &str, count: usize| -> String { (0..count).map(|n| what.replace('#', &n.to_string())).collect() };
    let targets = |n| small(&[("{main: http://127.0.0.1:8080}", &format!("{{{}}}", many("t#: http://a, ", n)))]);
    let steps = |n| small(&[("    - {path: /}\n", &many("    - {path: /#}\n", n))]);
    let journeys = |n: usize| small(&[("  look:\n", &format!("{}  look:\n", many("  j#: [{path: /}]\n", n - 1)))]);
    let schema = Schema::of_load_tests();
    for (text, fits) in [
        (targets(16), true),
        (targets(17), false),
        (steps(64), true),
        (steps(65), false),
        (journeys(64), true),
        (journeys(65), false),
    ] {
        assert_eq!(mistakes(&text).is_empty(), fits, "{}", listed(&mistakes(&text)));
        assert_eq!(schema.accepts(&yaml_as_json(&text)), fits);
    }
    assert!(mistakes(&format!("{}#{}\n", small(&[]), "x".repeat(1_100_000)))[0].message.contains("bytes"));
}

#[test]
fn no_prefix_of_a_load_test_makes_the_parser_panic() {
    for end in (0..EVERYTHING.len()).filter(|end| EVERYTHING.is_char_boundary(*end)) {
        let _ = parse_load_test(&EVERYTHING[..end]);
    }
}
