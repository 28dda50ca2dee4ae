//! Files with mistakes: all of them at once, each with its place and its remedy.

use detect::{json_schema, parse};

fn mistakes(text: &str) -> Vec<String> {
    parse(text).map(|_| Vec::new()).unwrap_or_else(|found| found.iter().map(ToString::to_string).collect())
}

#[test]
fn every_mistake_of_a_file_is_reported_at_once_with_place_and_remedy() {
    let text = "\
monitors:
  - key: Slow Queries
    priority: urgent
    when: {spans: {servce: shop}, measure: p95_ms, widow: 30s, above: 500}
    for: 30
  - key: shares
    when: {spans: {}, measure: share, window: 2h, above: 20, recover: 30}
  - key: composite
    when: {all: [shares, nobody], any: [shares]}
    no_data: explode
  - key: shares
    when: {logs: {severity: loud}, measure: count, window: 5s}
flows:
  - key: flow
    stages:
      - {when: shares, within: 1m}
      - {when: sharks}
";
    let expected = "\
line 2, column 10: `key` `Slow Queries` is not an identifier; use up to 64 lowercase letters, digits and dashes, a letter first
line 3, column 15: `priority` cannot be `urgent`; use one of p1, p2, p3, p4
line 4, column 11: a condition needs `window`; add `window: 30s`
line 4, column 20: `spans` has no field `servce`; did you mean `service`?
line 4, column 52: `when` has no field `widow`; did you mean `window`?
line 5, column 10: `for` of a monitor is not a duration; write a number and a unit, such as 250ms, 30s or 10m, up to 24h
line 7, column 11: a share needs `flag`; add `flag: db.connection.pool.exhausted`
line 7, column 47: `window` is out of range; use 1s to 1h
line 7, column 71: `recover: 30` lies beyond `above: 20`; put it on the healthy side of the limit, or leave it out
line 9, column 11: `when` needs exactly one of spans, logs, monitor, all, any, not, found all and any; keep one of them; join several with `all: [..]` or `any: [..]`
line 10, column 14: `no_data` cannot be `explode`; use one of resolve, hold, fire
line 11, column 5: the key `shares` is taken; line 6 has it; choose another
line 12, column 11: a condition needs either `above` or `below`; write the limit as `above: 500`
line 12, column 29: `severity` cannot be `loud`; use one of debug, info, warn, error, fatal
line 12, column 45: logs are counted: `measure` has no meaning; leave it out
line 14, column 5: no monitor has the key `sharks`; did you mean `shares`?
line 16, column 32: the first stage follows nothing; leave `within` out here
line 17, column 9: a stage needs `within`; say how long after the stage before: `within: 10m`";
    assert_eq!(mistakes(text).join("\n"), expected);
}

#[test]
fn limits_of_a_baseline_and_measures_of_attributes_say_what_is_wrong_with_them() {
    let text = "\
monitors:
  - {key: a, when: {spans: {}, measure: mean, window: 30s, above: {times_baseline: 3, learn: 2m}}}
  - {key: b, when: {spans: {}, measure: p95_ms, attribute: tokens, window: 30s, above: {times_baseline: 3}}}
  - {key: c, when: {spans: {}, measure: count, window: 2m, above: {times_baseline: 0.5, learn: 30s}}}
  - {key: d, when: {spans: {}, measure: count, window: 5s, below: {times_baseline: 2, learn: 1m}}}
  - {key: e, when: {spans: {}, measure: count, window: 5s, above: {times_baseline: 0, learn: 1m}, recover: 3}}
  - {key: f, when: {spans: {}, measure: count, window: 5s, above: 7, recover: {times_baseline: 2}}}
  - {key: g, when: {spans: {}, measure: count, window: 5s, above: {times_baseline: 2, lern: 1m}, recover: {times_baseline: 3}}}
  - {key: h, when: {spans: {}, measure: http_error_rate, window: 5s, above: 5}}
  - {key: i, when: {logs: {}, attribute: size, window: 5s, above: 5}}
";
    let expected = "\
line 2, column 20: a mean needs `attribute`; add `attribute: llm.usage.total_tokens`
line 3, column 60: `attribute` goes with `measure: mean` only; leave it out
line 3, column 88: `above` needs `learn`; add `learn: 2m`
line 4, column 67: `above` 0.5 times the baseline holds at the baseline itself; use more than 1
line 4, column 96: `learn` is shorter than `window`; learn for several windows: 2m or so
line 5, column 67: `below` 2 times the baseline holds at the baseline itself; use less than 1
line 6, column 84: `times_baseline` of zero is no multiple; write a factor such as 3 or 0.5
line 6, column 108: `above` is a multiple of the baseline and `recover` is not; write it as `recover: {times_baseline: 2}`
line 7, column 79: `above` is a number and `recover` is not; write it as a number too, or make the limit a multiple of the baseline
line 8, column 67: `above` needs `learn`; add `learn: 2m`
line 8, column 87: `above` has no field `lern`; did you mean `learn`?
line 8, column 107: `recover: 3` lies beyond `above: 2`; put it on the healthy side of the limit, or leave it out
line 9, column 77: a share of 5 is more than everything; write 20 % as 0.2
line 10, column 42: logs are counted: `attribute` has no meaning; leave it out";
    assert_eq!(mistakes(text).join("\n"), expected);
}

#[test]
fn more_attributes_than_can_be_counted_are_a_mistake() {
    let monitor = |n: usize| {
        format!("  - {{key: k{n}, when: {{spans: {{}}, measure: mean, attribute: a{n}, window: 5s, above: 1}}}}\n")
    };
    let text = |most: usize| format!("monitors:\n{}", (1..=most).map(monitor).collect::<String>());
    assert_eq!(mistakes(&text(4)), [""; 0]);
    let expected =
        "line 6, column 5: more than 4 different values of `attribute` in one file; watch fewer of them".to_owned();
    assert_eq!(mistakes(&text(5)), [expected]);
}

#[test]
fn references_must_lead_somewhere_and_not_in_a_circle() {
    let text = "\
monitors:
  - {key: a, when: b}
  - {key: b, when: {not: a}}
  - {key: slow, when: {spans: {}, measure: count, window: 5s, above: 1}}
  - {key: slow, when: slwo}
";
    let expected = [
        "line 2, column 5: the monitor `a` depends on itself; break the circle: one of them must stand on spans or logs",
        "line 3, column 5: the monitor `b` depends on itself; break the circle: one of them must stand on spans or logs",
        "line 5, column 5: no monitor has the key `slwo`; did you mean `slow`?",
        "line 5, column 5: the key `slow` is taken; line 4 has it; choose another",
    ];
    assert_eq!(mistakes(text), expected);
}

#[test]
fn what_is_no_yaml_is_said_with_its_place() {
    let found = mistakes("monitors: [\n  {key: a\n");
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("not YAML"), "{found:?}");
    assert!(mistakes("")[0].contains("document"), "an empty file");
    assert!(mistakes("- a")[0].contains("must be a mapping"));
}

#[test]
fn the_schema_knows_every_field_that_the_shipped_file_uses() {
    let schema = json_schema();
    for field in ["key", "name", "priority", "runbook", "group_by", "when", "for", "keep_firing", "no_data"] {
        assert!(schema["$defs"]["monitor"]["properties"].get(field).is_some(), "{field}");
    }
    for field in ["spans", "logs", "measure", "flag", "attribute", "window", "above", "below", "recover", "min_samples"]
    {
        assert!(schema["$defs"]["threshold"]["properties"].get(field).is_some(), "{field}");
    }
}
