//! Past runs over HTTP: the list, one of them, two beside each other, one that is opened; and telemetry into a run's folder.

use std::path::Path;

use console::api::{
    Alert, Health, IncidentsNow, Monitors, PlayFault, PlayPhase, PlayPrediction, PlayVerdict, RunComparison, RunList,
    RunView, StagePlay, StageSnapshot, TransitionState,
};
use console::story::{
    self, AlertTiming, AlertWindow, EvidenceTraces, FORMAT, MeasuredCurve, Outcome, RunFacts, RunStory,
};
use console::{ConsoleOptions, OpenRun};
use reqwest::StatusCode;
use serde_json::Value;

use crate::started::Started;

/// A run that ended at a moment long past: `seed` 7 failed more than others, and its flow came later.
pub(crate) fn story(id: &str, seed: u64) -> RunStory {
    let later = if seed == 7 { 0.75 } else { 0.0 };
    let curve = |stream: &str, worst: f64| MeasuredCurve {
        stream: stream.into(),
        minutes: (0..33).map(|minute| f64::from(minute) + 0.5).collect(),
        arrivals_per_minute: vec![4200.0; 33],
        error_rate: (0..33).map(|minute| Some(if (15..30).contains(&minute) { worst } else { 0.0 })).collect(),
        p50_ms: vec![Some(20.0); 33],
        p95_ms: (0..33).map(|minute| Some(if (15..30).contains(&minute) { 3400.0 } else { 40.0 })).collect(),
        requests: 13_860,
        errors: (6300.0 * worst) as u64,
    };
    let alert = |seq, monitor: &str, state, minute: f64| Alert {
        seq,
        monitor: monitor.into(),
        state,
        at_unix_ms: 1_700_000_000_000 + (minute * 6000.0) as u64,
        traffic_type: Some("demo".into()),
        value: None,
        threshold: None,
        summary: "78.3 % of requests fail".into(),
    };
    RunStory {
        format: FORMAT,
        facts: RunFacts {
            id: id.into(),
            scenario: "black-friday".into(),
            title: "A migration drops an index".into(),
            speed: 10.0,
            seed,
            started_at: "2023-11-14T22:13:20Z".into(),
            start_unix: 1_700_000_000.0 + seed as f64,
            ended_minute: 33.0,
            reproduce: "doorbuster demo black-friday --speed 10".into(),
            ..RunFacts::default()
        },
        play: StagePlay {
            title: "A migration drops an index".into(),
            run_id: id.into(),
            scenario: "black-friday".into(),
            minutes: 33.0,
            speed: 10.0,
            start_unix: 1_700_000_000.0,
            minute: 33.0,
            status: "finished".into(),
            phases: vec![PlayPhase { name: "peak".into(), from: 0.0, to: 33.0 }],
            faults: vec![PlayFault {
                id: "missing-index".into(),
                kind: "drop_index".into(),
                from: 15.0,
                until: 30.0,
                state: "undone".into(),
            }],
            predicted: vec![PlayPrediction {
                stream: "demo".into(),
                minute: 22.5,
                arrivals_per_minute: 4200.0,
                error_rate: 0.779,
                p95_ms: 3450.0,
            }],
            verdict: Some(PlayVerdict { outcome: "pass".into(), reasons: Vec::new() }),
            ..StagePlay::default()
        },
        alert_windows: vec![AlertWindow {
            monitor: "flow".into(),
            stream: None,
            from: 22.0,
            to: 23.0,
            resolves_by: Some(33.0),
            fired: Some(22.0 + later),
            resolved: Some(31.5),
            timing: AlertTiming::OnTime,
            is_flow: true,
        }],
        alerts: vec![
            alert(1, "flow", TransitionState::Firing, 22.0 + later),
            alert(2, "flow", TransitionState::Resolved, 31.5),
        ],
        curves: vec![curve("baseline", 0.0), curve("demo", if seed == 7 { 0.8 } else { 0.75 })],
        ..RunStory::default()
    }
}

/// Keeps `story` in a folder of its own below `runs`.
pub(crate) fn keep(runs: &Path, story: &RunStory) {
    let folder = runs.join(&story.facts.id);
    std::fs::create_dir(&folder).expect("a folder");
    story::write(&folder, story).expect("written");
}

pub(crate) async fn console_of(runs: &Path) -> Started {
    Started::with(ConsoleOptions { runs_dir: runs.to_owned(), ..ConsoleOptions::default() }).await
}

async fn page(console: &Started, path: &str) -> (StatusCode, String) {
    let answer = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
    (answer.status(), answer.text().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_run_the_page_says_how_to_make_one() {
    let runs = tempfile::tempdir().expect("a temporary folder");
    let console = console_of(&runs.path().join("not-yet")).await;
    let list: RunList = console.json("/api/runs").await;
    assert_eq!((list.runs.len(), list.problem), (0, None));
    let (status, html) = page(&console, "/runs").await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("No run yet") && html.contains("doorbuster demo --speed 10"), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_shown_and_compared() {
    let runs = tempfile::tempdir().expect("a temporary folder");
    for story in [story("first", 1), story("second", 7)] {
        keep(runs.path(), &story);
    }
    std::fs::create_dir(runs.path().join("broken")).expect("a folder");
    let console = console_of(runs.path()).await;

    let list: RunList = console.json("/api/runs").await;
    let ids: Vec<&str> = list.runs.iter().map(|run| run.id.as_str()).collect();
    assert_eq!(ids, ["second", "first", "broken"]);
    let worst = list.runs[0].headline.worst_errors.as_ref().expect("some failed");
    assert_eq!((worst.stream.as_str(), worst.measured, list.runs[0].outcome), ("demo", 0.8, Outcome::Pass));
    let (_, html) = page(&console, "/runs").await;
    for words in ["PASS", "80.0 %", "flow, expected 22 to 23", "none of a run&#39;s files", "/runs/second"] {
        assert!(html.contains(words) || html.contains(&words.replace("&#39;", "'")), "{words}: {html}");
    }

    let view: RunView = console.json("/api/runs/second").await;
    assert_eq!((view.story.facts.seed, view.files.len()), (7, 1));
    let (status, html) = page(&console, "/runs/second").await;
    assert_eq!(status, StatusCode::OK);
    for words in ["The fault was real", "In the worst minute", "on time", "drop_index", "doorbuster demo black-friday"]
    {
        assert!(html.contains(words), "{words}: {html}");
    }

    let comparison: RunComparison = console.json("/api/runs/compare?a=first&b=second").await;
    assert_eq!(comparison.alerts[0].later_minutes, Some(0.75));
    assert_eq!(comparison.settings.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["seed"]);
    let (_, html) = page(&console, "/runs/compare?a=first&b=second").await;
    assert!(html.contains("+0.75") && html.contains("+5.0 points") && html.contains("demo in B"), "{html}");
    let (_, html) = page(&console, "/runs/compare?a=first").await;
    assert!(html.contains("Which two runs?") && html.contains("checked"), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_lead_elsewhere_and_runs_that_are_none_are_refused() {
    let runs = tempfile::tempdir().expect("a temporary folder");
    let inside = runs.path().join("runs");
    std::fs::create_dir(&inside).expect("a folder");
    keep(runs.path(), &story("outside", 1));
    std::fs::create_dir(inside.join("empty")).expect("a folder");
    let console = console_of(&inside).await;
    for (id, status) in [
        ("..%2Foutside", StatusCode::BAD_REQUEST),
        ("%2e%2e%2foutside", StatusCode::BAD_REQUEST),
        (".hidden", StatusCode::BAD_REQUEST),
        ("a%00b", StatusCode::BAD_REQUEST),
        ("no-such-run", StatusCode::NOT_FOUND),
        ("empty", StatusCode::NOT_FOUND),
    ] {
        for path in [format!("/runs/{id}"), format!("/api/runs/{id}"), format!("/api/runs/compare?a={id}&b=empty")] {
            assert_eq!(page(&console, &path).await.0, status, "{path}");
        }
    }
    let (_, html) = page(&console, "/runs/empty").await;
    assert!(html.contains("This run cannot be shown") && html.contains("doorbuster report"), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_is_opened_on_a_run_shows_it_as_it_was() {
    let runs = tempfile::tempdir().expect("a temporary folder");
    let mut told = story("opened", 1);
    told.detection = Monitors::default();
    keep(runs.path(), &told);
    let open = OpenRun { folder: runs.path().join("opened"), story: told.clone(), traces: EvidenceTraces::default() };
    let console = Started::with(ConsoleOptions { open: Some(open), ..ConsoleOptions::default() }).await;

    let health: Health = console.health().await;
    let finished = health.finished_run.expect("it says so");
    assert_eq!((finished.id.as_str(), finished.at_unix_ms), ("opened", told.unix_ms_at(33.0)));
    assert_eq!(health.at_unix_ms, finished.at_unix_ms, "the clock stands still");
    assert_eq!((health.otlp_grpc_port, health.otlp_http_port), (0, 0), "nothing comes in");
    let snapshot: StageSnapshot = console.json("/api/stage").await;
    assert_eq!((snapshot.minute, snapshot.alerts.len()), (Some(33.0), 2));
    assert!(finished.telemetry_lack.is_some(), "this folder holds no spans");
    let worst = snapshot.curves[1].error_rate.iter().copied().fold(0.0, f64::max);
    assert_eq!((snapshot.curves[1].traffic_type.as_str(), worst), ("demo", 0.75), "the story's curves stand in");
    let alerts: Vec<Alert> = console.json("/api/alerts").await;
    assert_eq!(alerts, told.alerts);
    // What fired then is an incident now, though nothing watches any more.
    let now: IncidentsNow = console.json("/api/incidents").await;
    let fired: Vec<u64> = told.alerts.iter().map(|alert| alert.at_unix_ms).collect();
    let incident = &now.incidents[0];
    assert_eq!(
        (now.incidents.len(), incident.opened_unix_ms, incident.resolved_unix_ms),
        (1, fired[0], Some(fired[1]))
    );
    // Whatever lies in the runs' folder, the opened run can be read.
    let view: RunView = console.json("/api/runs/opened").await;
    assert_eq!(view.story, told);
    for path in ["/", "/services", "/traces", "/monitors", "/incidents", "/slos", "/llm", "/runs", "/runs/opened"] {
        let (status, html) = page(&console, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(html.contains("FINISHED RUN") && html.contains("opened"), "{path} does not say that it is over");
        assert!(!html.contains("id=\"live\""), "{path} claims to be live");
    }
}

async fn export(console: &Started, content_type: &str, body: &'static str) -> (StatusCode, Value) {
    let url = format!("{}/api/export", console.pages);
    let answer = console.client.post(url).header("content-type", content_type).body(body).send().await;
    let answer = answer.expect("it answers");
    (answer.status(), answer.json().await.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn telemetry_is_written_only_where_the_console_was_told_to_and_only_when_asked_in_json() {
    let console = Started::new().await;
    let (status, said) = export(&console, "application/json", "{}").await;
    assert_eq!((status, &said["error"]["code"]), (StatusCode::CONFLICT, &Value::from("no_folder")));
    assert!(said["error"]["message"].as_str().is_some_and(|text| text.contains("--export-to")), "{said}");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = ConsoleOptions { export_to: Some(folder.path().to_owned()), ..ConsoleOptions::default() };
    let console = Started::with(options).await;
    let table = [
        ("text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/x-www-form-urlencoded", "", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/json", r#"{"folder": "/etc"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        ("application/json", "", StatusCode::BAD_REQUEST),
    ];
    for (content_type, body, expected) in table {
        assert_eq!(export(&console, content_type, body).await.0, expected, "{content_type} {body}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0, "nothing was written");
}
