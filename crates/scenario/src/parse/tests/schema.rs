//! The printed JSON Schemas, against the parser.

use serde_json::Value;

use super::{Schema, json_schema, mistakes, small, yaml_as_json};
use crate::shipped;
use crate::testing::Kinds;

#[test]
fn the_json_schema_accepts_what_the_parser_accepts() {
    let compiled = Schema::of_scenarios();
    for (name, text) in shipped() {
        assert!(compiled.accepts(&yaml_as_json(text)), "{name}: {}", compiled.complaint(&yaml_as_json(text)));
    }
    assert!(compiled.accepts(&yaml_as_json(&small(&[]))));
}

#[test]
fn the_json_schema_refuses_what_a_shape_can_refuse() {
    let compiled = Schema::of_scenarios();
    let table = [
        ("minutes: 10", "minutes: ten"),
        ("minutes: 10\n", ""),
        ("minutes: 10", "minutes: 10\nminuets: 10"),
        ("world: shop", "world: moon"),
        ("name: small", "name: Small One"),
        ("arrivals_per_minute: 60", "arrivals_per_minute: [[0, -1]]"),
        ("{browse_only: 1}", "{}"),
    ];
    for (from, to) in table {
        let text = small(&[(from, to)]);
        assert!(!mistakes(&text).is_empty(), "{to}: the parser");
        assert!(!compiled.accepts(&yaml_as_json(&text)), "{to}: the schema");
    }
    let mut wrong = yaml_as_json(shipped()[0].1);
    wrong["faults"][0]["args"] = serde_json::json!({});
    assert!(!compiled.accepts(&wrong), "arguments are held against the schema of their kind");
}

#[test]
fn the_schema_of_load_tests_accepts_and_refuses_as_the_parser_does() {
    let schema = Schema::of_load_tests();
    let right = include_str!("everything.yaml");
    assert!(schema.accepts(&yaml_as_json(right)), "{}", schema.complaint(&yaml_as_json(right)));
    let table = [
        ("minutes: 2", "minutes: two"),
        ("  shop: http://127.0.0.1:8080", "  shop: 8080"),
        ("http2: true", "http2: maybe"),
        ("tag: demo", "tag: demo\n    arrivals_per_minute: 1"),
        ("tag: demo", "tag: demo\n    elsewhere_ms: 1"),
        ("method: POST", "method: POSTS"),
        ("path: /orders", "path: /orders\n      json: {}"),
        ("think_ms: 250", "think_ms: soon"),
        ("status: 201", "status: 1000"),
        ("/total: null", "/total: []"),
        ("{one_of: [electronics, books]}", "{one_of: []}"),
        ("{one_of: [electronics, books]}", "{one_of: [a], from: 1}"),
        ("digits: 6", "digits: 6.5"),
        ("error_rate_max: 0.01", "error_rate_max: 1.01"),
        ("share: 0.1", "part: 0.1"),
    ];
    for (from, to) in table {
        let text = right.replacen(from, to, 1);
        assert!(text != right && crate::parse_load_test(&text).is_err(), "{to}: the parser");
        assert!(!schema.accepts(&yaml_as_json(&text)), "{to}: the schema");
    }
}

#[test]
fn the_guides_examples_are_right_and_every_key_is_in_it() {
    let guide = include_str!("../../../../../docs/scenarios.md");
    let blocks: Vec<&str> = guide
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|block| block.starts_with("name:"))
        .collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        assert_eq!(mistakes(block), [], "{block}");
    }
    let mut keys = Vec::new();
    collect_keys(&json_schema(&Kinds), &mut keys);
    for key in keys {
        assert!(guide.contains(&format!("`{key}`")), "{key} is not in the guide");
    }
}

/// The keys of every `properties` in a schema.
fn collect_keys(schema: &Value, keys: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            map.values().for_each(|inner| collect_keys(inner, keys));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect_keys(inner, keys)),
        _ => {}
    }
}
