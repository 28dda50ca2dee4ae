//! `doorbuster report` and `doorbuster console --open`: what they make of a folder, whatever lies in it.

use std::path::{Path, PathBuf};

use console::story::{self, EvidenceTraces, RunFacts, RunStory};

use crate::{doorbuster, err, out};

/// A run that was interrupted in minute 17 of black-friday, as a version before stories left it.
fn old_run(folder: &Path) {
    let scenario = doorbuster(&["scenario", "show", "black-friday"]);
    std::fs::write(folder.join("scenario.yaml"), out(&scenario)).expect("written");
    let record = r#"{
        "id": "black-friday-20261121-101500", "doorbuster": "0.0.9", "scenario": "black-friday", "speed": 10.0, "seed": 7,
        "calibration": "hold", "start_unix": 1795255200.0, "started_at": "2026-11-21T10:15:00Z", "request_digest": "abc",
        "first_trace_seconds": 2.5, "ready_seconds": 2.0, "footprint_by_phase": {}, "ended": "interrupted"
    }"#;
    std::fs::write(folder.join("run.json"), record).expect("written");
    let evidence = r#"{
        "load": {"seed": 7, "request_digest": "abc", "finished": false, "dropped": 0, "schedule_lag_p99_ms": 1.0,
                 "schedule_lag_max_ms": 2.0, "streams": [{"stream": "demo", "buckets": [
                    {"from": 16.0, "to": 16.25, "due": 100, "completed": 100, "errors": 57, "latency": [[2600000, 100]]}]}]},
        "alerts": [{"monitor": "slow-queries", "state": "firing", "minute": 15.75, "stream": "demo"}],
        "proofs": [], "restored": [{"fault": "missing-index", "restored": true, "seen": "it is back"}], "breakages": []
    }"#;
    std::fs::write(folder.join("evidence.json"), evidence).expect("written");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn an_old_run_is_told_again_and_its_report_stands_alone() {
    let run = tempfile::tempdir().expect("a temporary folder");
    old_run(run.path());
    let made = doorbuster(&["report", text(run.path())]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    let path = PathBuf::from(out(&made).trim());
    assert_eq!(path, run.path().join("report.html"), "standard output is the path alone");
    assert!(
        err(&made).contains("told again from evidence.json") && err(&made).contains("story.json was written"),
        "{}",
        err(&made)
    );
    let page = std::fs::read_to_string(&path).expect("it was written");
    for words in [
        "INTERRUPTED",
        "57.0 %",
        "slow-queries fired at minute 15.8 (on time)",
        "pool-exhaustion had not fired",
        "--speed 10 --seed 7",
    ] {
        assert!(page.contains(words), "{words:?} is missing");
    }

    // The second time there is a story, and nothing to say.
    let elsewhere = run.path().join("elsewhere.html");
    let again = doorbuster(&["report", text(run.path()), "--output", text(&elsewhere)]);
    assert_eq!((again.status.code(), err(&again).as_str()), (Some(0), ""));
    assert_eq!(
        std::fs::read_to_string(&elsewhere).expect("it was written"),
        page,
        "told from the story it is the same page"
    );
}

#[test]
fn a_run_with_a_story_needs_nothing_else() {
    let run = tempfile::tempdir().expect("a temporary folder");
    let facts = RunFacts { id: "a-run".into(), title: "A title".into(), speed: 1.0, ..RunFacts::default() };
    story::write(run.path(), &RunStory { format: 1, facts, ..RunStory::default() }).expect("written");
    story::write_traces(run.path(), &EvidenceTraces::default()).expect("written");
    let made = doorbuster(&["report", text(run.path())]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    assert!(std::fs::read_to_string(run.path().join("report.html")).expect("written").contains("A title"));
}

#[test]
fn what_is_no_run_is_said_with_what_is_missing() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    let newer = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(newer.path().join("story.json"), r#"{"format": 99}"#).expect("written");
    for (run, words) in [
        (text(empty.path()), "no story.json and no evidence.json"),
        ("/nonexistent", "is not the folder of a finished run"),
        (text(newer.path()), "use a newer Doorbuster"),
    ] {
        for command in [&["report", run][..], &["console", "--open", run]] {
            let refused = doorbuster(command);
            assert_eq!(refused.status.code(), Some(2), "{command:?}: {}", err(&refused));
            assert!(err(&refused).contains(words), "{command:?}: {}", err(&refused));
        }
    }
    let torn = tempfile::tempdir().expect("a temporary folder");
    old_run(torn.path());
    std::fs::write(torn.path().join("evidence.json"), "{").expect("written");
    let refused = doorbuster(&["report", text(torn.path())]);
    assert_eq!(refused.status.code(), Some(5));
    assert!(err(&refused).contains("evidence.json"), "{}", err(&refused));
}

#[test]
fn an_opened_run_takes_no_telemetry_so_options_of_that_are_refused() {
    for option in [&["--otlp-grpc-port", "1"][..], &["--export-to", "/tmp"], &["--time-scale", "2"]] {
        let refused = doorbuster(&[&["console", "--open", "a-run"], option].concat());
        assert_eq!(refused.status.code(), Some(2), "{option:?}");
        assert!(err(&refused).contains("cannot be used with"), "{}", err(&refused));
    }
    let refused = doorbuster(&["console", "--export-to", "/nonexistent"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(err(&refused).contains("no such folder"), "{}", err(&refused));
}
