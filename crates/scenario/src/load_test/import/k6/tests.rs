//! What k6 options become.

use super::import_k6;

const SCRIPT: &str = r#"
import http from 'k6/http';
// const options = { vus: 1 };
const pattern = /it's "odd"/;

export const options = {
  discardResponseBodies: true,
  scenarios: {
    checkout: {
      executor: 'ramping-arrival-rate', // open model
      startRate: 60, timeUnit: '1m',
      stages: [
        { target: 600, duration: '30s' },
        { target: 600, duration: '1m' },
        { target: 0, duration: 0 },
      ],
      preAllocatedVUs: 50, maxVUs: 200,
      exec: 'buy', gracefulStop: '10s', tags: { team: 'a' },
    },
    looking: { executor: "constant-arrival-rate", rate: 5, duration: "2m", startTime: '30s', preAllocatedVUs: 10, },
  },
  thresholds: {
    http_req_failed: ['rate<0.01'],
    http_req_duration: ['p(95)<300', { threshold: 'p(99)<500', abortOnFail: true }, 'avg<200'],
    'http_req_duration{scenario:looking}': ['p(95)<=100', 'p(95)<120'],
    'http_req_duration{name:cart}': 'p(95)<1',
  },
};

export function buy() { http.get(`https://shop.test/${1}`); }
"#;

#[test]
fn arrival_rates_stages_and_thresholds_are_taken_over() {
    let imported = import_k6(SCRIPT, "My Script").expect("readable");
    let expected = r#"name: my-script
minutes: 2.5
targets:
  main: http://127.0.0.1:8080
streams:
  - name: checkout
    arrivals_per_second: [[0, 1], [0.5, 10], [1.5, 10], [1.5, 0]]
    spacing: uniform
    journeys: {buy: 1}
  - {name: looking, arrivals_per_second: [[0.5, 5], [2.5, 5]], spacing: uniform, journeys: {default: 1}}
journeys:
  buy:
    - {method: GET, path: /}
  default:
    - {method: GET, path: /}
thresholds:
  - {error_rate_max: 0.01, p95_ms_max: 300, p99_ms_max: 500}
  - {stream: looking, p95_ms_max: 100}
max_in_flight: 210
"#;
    let (_, file) = imported.yaml.split_once("\n\n").expect("a comment first");
    assert_eq!(file, expected, "{}", imported.yaml);
    let said = imported.left_out.join("\n");
    for part in [
        "journeys buy, default",
        "of scenario checkout: tags",
        "gracefulStop of scenario checkout",
        "http_req_duration avg<200",
        "http_req_duration{name:cart} p(95)<1",
        "abortOnFail of the threshold http_req_duration p(99)<500",
        "no counterpart: discardResponseBodies",
        "max_in_flight",
    ] {
        assert!(said.contains(part), "{part:?} is missing in\n{said}");
    }
    let head: Vec<&str> = imported.yaml.lines().take_while(|line| line.starts_with('#')).collect();
    assert!(head.join(" ").contains("discardResponseBodies"), "{head:?}");
}

#[test]
fn what_k6_inspect_prints_is_read_too() {
    let options = r#"{"paused": null, "vus": null, "stages": null, "scenarios": {"default": {"executor": "constant-arrival-rate",
        "startTime": null, "gracefulStop": null, "env": {}, "exec": null, "tags": null, "rate": 2, "timeUnit": "1s",
        "duration": "1m0s", "preAllocatedVUs": 2, "maxVUs": null}}, "thresholds": {}}"#;
    let imported = import_k6(options, "x").expect("readable");
    assert!(
        imported.yaml.contains("{name: default, arrivals_per_second: 2, spacing: uniform, journeys: {default: 1}}"),
        "{}",
        imported.yaml
    );
}

#[test]
fn virtual_users_are_refused_with_the_reason() {
    let table = [
        ("export const options = { vus: 10, duration: '1m' };", (1, 24), "count virtual users"),
        ("export let options = {\n stages: [] };", (1, 22), "count virtual users"),
        (
            "const options = {\n  scenarios: {\n    calm: { executor: 'ramping-vus' } } }",
            (3, 5),
            "scenario calm counts virtual users (ramping-vus)",
        ),
    ];
    for (script, place, message) in table {
        let mistakes = import_k6(script, "x").expect_err(script);
        let found = &mistakes[0];
        assert_eq!((found.line, found.column), place, "{script}: {found}");
        assert!(found.message.contains(message) && found.remedy.contains("closed model"), "{script}: {found}");
    }
}

#[test]
fn options_of_a_function_are_not_the_scripts() {
    let right = "{scenarios: {a: {executor: 'constant-arrival-rate', rate: 7, duration: '1m'}}}";
    let table = [
        format!("function f() {{ const options = {{ vus: 1 }}; }}\nexport const options = {right};"),
        format!("const options = {{ vus: 1 }};\nexport let options = {right};"),
        format!("const f = () => {{ let options = {{ vus: 1 }}; }};\nconst options = {right};"),
        format!("const open = /[(]{{/;\nif (x(/\\(/)) {{}}\nexport const options = {right};"),
    ];
    for script in table {
        let imported = import_k6(&script, "x").unwrap_or_else(|mistakes| panic!("{script}: {mistakes:?}"));
        assert!(imported.yaml.contains("arrivals_per_second: 7"), "{}", imported.yaml);
    }
    let mistakes = import_k6(&format!("function f() {{ const options = {right}; }}"), "x").expect_err("none outside");
    assert!(mistakes[0].message.contains("no options"), "{mistakes:?}");
}

#[test]
fn every_mistake_is_said_with_its_place_and_a_remedy() {
    let table = [
        ("console.log(1)", "no options"),
        ("export const options = JSON.parse(open('x.json'));", "no literal"),
        ("export const options = { rate: __ENV.RATE };", "no literal here"),
        ("export const options = { a: [1, 2 }};", "no literal here"),
        ("export const options = { a: 1", "do not end"),
        ("export const options;", "no value"),
        ("{}", "no scenarios"),
        (
            "{\"scenarios\": {\"a\": {\"executor\": \"constant-arrival-rate\", \"rate\": -1, \"duration\": \"soon\"}}}",
            "has a rate that is -1",
        ),
        (
            "{\"scenarios\": {\"a\": {\"executor\": \"constant-arrival-rate\", \"rate\": 1, \"duration\": \"0s\"}}}",
            "takes no time",
        ),
        ("{\"scenarios\": {\"a\": {\"executor\": \"ramping-arrival-rate\"}}}", "has no stages"),
        ("{\"scenarios\": {\"a\": {\"executor\": \"made-up\"}}}", "unknown executor"),
        ("{\"scenarios\": {\"a\": 1}}", "is no object"),
    ];
    for (script, message) in table {
        let mistakes = import_k6(script, "x").expect_err(script);
        assert!(mistakes[0].message.contains(message), "{script}: {mistakes:?}");
        assert!(!mistakes[0].remedy.is_empty(), "{script}");
    }
    let both = import_k6("{scenarios: {a: {executor: 'constant-arrival-rate', rate: 'x', duration: 'y'}}}", "x")
        .expect_err("two");
    assert_eq!(both.len(), 2, "{both:?}");
}

#[test]
fn hostile_scripts_end() {
    let deep = format!("export const options = {}", "[".repeat(100_000));
    assert!(import_k6(&deep, "x").is_err());
    let braces = format!("export const options = {}", "{a:".repeat(100_000));
    let mistakes = import_k6(&braces, "x").expect_err("deep");
    assert!(mistakes[0].message.contains("deeper"), "{mistakes:?}");
    assert!(import_k6(&"`".repeat(99), "x").is_err());
    assert!(import_k6(&" ".repeat(super::GREATEST_SCRIPT + 1), "x").is_err());
}
