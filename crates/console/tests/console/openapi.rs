//! The API's own description: every path that it names answers, and with what it says.

use std::collections::BTreeMap;

use boon::{Compiler, Schemas};
use console::ConsoleOptions;
use console::api::IncidentsNow;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::checkout::{hex, send_checkout};
use crate::inbox::{Mail, mail};
use crate::runs::{keep, story};
use crate::started::{Started, until};

const PLACE: &str = "http://localhost/openapi.json";
/// A run of the folder.
const RUN: &str = "run-1";
/// Fires as soon as something comes.
const MONITORS: &str =
    "monitors: [{key: any, when: {spans: {service: inbox}, measure: http_error_rate, window: 1h, above: 0.1}}]";

/// A document whose schemas answers are held against.
struct Described {
    document: Value,
    compiler: Compiler,
}

impl Described {
    fn new(document: Value) -> Self {
        let mut compiler = Compiler::new();
        compiler.add_resource(PLACE, document.clone()).expect("it is JSON");
        Self { document, compiler }
    }

    /// What is wrong with an answer, by the schema at `pointer`.
    fn problems(&mut self, pointer: &str, answer: &Value) -> Option<String> {
        let mut schemas = Schemas::new();
        let escaped = pointer.replace('{', "%7B").replace('}', "%7D");
        let schema = self.compiler.compile(&format!("{PLACE}#{escaped}"), &mut schemas);
        let schema = schema.unwrap_or_else(|error| panic!("{pointer}: {error}"));
        schemas.validate(answer, schema).err().map(|error| error.to_string())
    }
}

/// `/api/{x}` as a part of a JSON pointer.
fn part(path: &str) -> String {
    path.replace('~', "~0").replace('/', "~1")
}

/// Values for what must be given.
fn given(path: &str, incident: &str) -> BTreeMap<&'static str, String> {
    let is_of_runs = path.starts_with("/api/runs");
    let trace = |trace| if is_of_runs { RUN.to_owned() } else { hex(trace) };
    BTreeMap::from([
        ("trace_id", hex(1)),
        ("span_id", format!("{:016x}", 1)),
        ("id", RUN.to_owned()),
        ("incident_id", incident.to_owned()),
        ("a", trace(1)),
        ("b", trace(2)),
        ("q", "SELECT service, count(*), avg(duration_ms) FROM spans GROUP BY service".to_owned()),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_answers_what_the_document_says() {
    let runs = tempfile::tempdir().expect("a temporary folder");
    keep(runs.path(), &story(RUN, 1));
    let console = Started::with(ConsoleOptions {
        runs_dir: runs.path().to_owned(),
        export_to: Some(runs.path().to_owned()),
        monitors: MONITORS.into(),
        ..ConsoleOptions::default()
    })
    .await;
    send_checkout(&console, 1, 20, false).await;
    send_checkout(&console, 2, 2000, true).await;
    console.send("inbox", mail(7, Mail::Late, 10)).await;
    let incident = until("an incident is opened", async || {
        let now: IncidentsNow = console.json("/api/incidents").await;
        now.incidents.first().map(|incident| incident.id.to_string())
    })
    .await;
    let mut described = Described::new(console.json("/api/openapi.json").await);
    let paths = described.document["paths"].as_object().expect("paths").clone();
    let mut checked = 0;
    for (path, methods) in &paths {
        let values = given(path, &incident);
        let address =
            values.iter().fold(path.clone(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        for (method, operation) in methods.as_object().expect("methods") {
            let url = format!("{}{address}", console.pages);
            let parameters = operation["parameters"].as_array().expect("parameters");
            let required =
                parameters.iter().filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
            let query: Vec<(&str, &String)> = required
                .map(|parameter| parameter["name"].as_str().expect("a name"))
                .map(|name| (name, &values[name]))
                .collect();
            let request = if method == "post" {
                let body = if path == "/api/sql" { json!({"question": values["q"]}) } else { json!({}) };
                let problems = described.problems(
                    &format!("/paths/{}/post/requestBody/content/application~1json/schema", part(path)),
                    &body,
                );
                assert_eq!(problems, None, "{path}: what is sent");
                console.client.post(url).json(&body)
            } else {
                console.client.get(url).query(&query)
            };
            let response = request.send().await.expect("it answers");
            let status = response.status();
            assert!(status.is_success(), "{method} {path}: {status}, {}", response.text().await.expect("text"));
            let answers = &operation["responses"][status.as_str()];
            assert!(answers.is_object(), "{method} {path} answers {status}");
            let has_schema = answers["content"]["application/json"]["schema"].is_object();
            if has_schema {
                let answer: Value = response.json().await.expect("JSON");
                let pointer = format!(
                    "/paths/{}/{method}/responses/{}/content/application~1json/schema",
                    part(path),
                    status.as_str()
                );
                assert_eq!(described.problems(&pointer, &answer), None, "{method} {path}: {answer}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 24, "{checked} answers were held against their schemas");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_have_the_shape_that_the_document_says() {
    let console = Started::new().await;
    let mut described = Described::new(console.json("/api/openapi.json").await);
    for (path, status) in [
        ("/api/traces?min_duration_ms=long", StatusCode::BAD_REQUEST),
        ("/api/traces/1", StatusCode::NOT_FOUND),
        ("/api/traces/compare", StatusCode::BAD_REQUEST),
        ("/api/sql?q=SELECT", StatusCode::BAD_REQUEST),
        ("/api/runs/nowhere", StatusCode::NOT_FOUND),
    ] {
        let response = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
        assert_eq!(response.status(), status, "{path}");
        let answer: Value = response.json().await.expect("JSON");
        assert_eq!(described.problems("/components/schemas/Error", &answer), None, "{path}: {answer}");
    }
    // A schema that fits everything would not be one.
    assert!(described.problems("/components/schemas/Health", &json!({"status": 1})).is_some());
}
