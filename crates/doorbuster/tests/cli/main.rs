//! The command line as scripts see it: exit codes, words, what goes to which stream.

mod classifier;
mod load;
mod page;
mod report;
mod server;
mod telemetry;
mod traffic;

use std::path::Path;
use std::process::{Command, Output};

fn doorbuster(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_doorbuster"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .env_remove("DATABASE_URL")
        .env_remove("COLUMNS")
        .output()
        .expect("the binary runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_shipped_scenarios_are_listed_and_right() {
    let listed = doorbuster(&["scenario", "list"]);
    assert_eq!(listed.status.code(), Some(0));
    assert!(out(&listed).contains("black-friday"));
    let checked = doorbuster(&["scenario", "check", "black-friday"]);
    assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
}

#[test]
fn every_mistake_of_a_file_is_named_with_its_place_and_the_exit_code_is_usage() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("wrong.yaml");
    std::fs::write(&file, "name: x\nworld: shop\nminutes: -3\nphases: []\nstreems: []\n").expect("written");
    let checked = doorbuster(&["scenario", "check", file.to_str().expect("UTF-8")]);
    assert_eq!(checked.status.code(), Some(2));
    let said = err(&checked) + &out(&checked);
    for part in ["wrong.yaml:3:", "wrong.yaml:5:", "streems", "did you mean"] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
}

#[test]
fn explain_says_minute_by_minute_what_will_happen() {
    let explained = doorbuster(&["scenario", "explain", "black-friday", "--speed", "10"]);
    assert_eq!(explained.status.code(), Some(0), "{}", err(&explained));
    assert!(out(&explained).contains("critical"));
    let json = doorbuster(&["scenario", "explain", "black-friday", "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert!(value.is_object());
}

#[test]
fn what_is_not_there_is_a_usage_error_with_a_remedy() {
    let table: &[(&[&str], &str)] = &[
        (&["scenario", "show", "no-such-scenario"], "black-friday"),
        (&["serve", "no-such-service"], "frontend"),
        (&["demo", "--speed", "0"], "0.1 to 60"),
        (&["validate", "/nonexistent"], "evidence.json"),
        (&["demo", "/nonexistent.yaml"], "nonexistent.yaml"),
        (&["fault", "show", "no-such-kind"], "lock_table"),
        (&["fault", "apply", "no-such-kind"], "no-such-kind"),
        (&["fault", "apply", "lock_table", "tabel=orders"], "table"),
        (&["fault", "apply", "kill_redis", "--for", "soon"], "30s"),
        (&["fault", "undo"], "--all"),
    ];
    for (arguments, remedy) in table {
        let output = doorbuster(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(remedy), "{arguments:?} should mention {remedy}: {}", err(&output));
    }
}

#[test]
fn a_rollback_without_a_run_has_nothing_to_do() {
    let cache = tempfile::tempdir().expect("a temporary folder");
    open_to_all(cache.path());
    let output = Command::new(env!("CARGO_BIN_EXE_doorbuster"))
        .arg("rollback")
        .env("DOORBUSTER_CACHE_DIR", cache.path())
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("nothing to do"));
}

#[test]
fn every_fault_kind_is_listed_and_explained() {
    let listed = doorbuster(&["fault", "list", "--json"]);
    let kinds: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let names: Vec<&str> = kinds.as_array().expect("a list").iter().filter_map(|k| k["name"].as_str()).collect();
    assert!(names.len() >= 11, "{names:?}");
    for name in names {
        let shown = doorbuster(&["fault", "show", name]);
        assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
        assert!(out(&shown).contains("JSON Schema") && out(&shown).contains("Undo"), "{name}: {}", out(&shown));
    }
}

#[test]
fn a_fault_by_hand_needs_a_stage_that_runs() {
    let cache = tempfile::tempdir().expect("a temporary folder");
    open_to_all(cache.path());
    for arguments in [&["fault", "apply", "kill_redis"][..], &["fault", "undo", "--all"], &["fault", "status"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_doorbuster"))
            .args(arguments)
            .env("NO_COLOR", "1")
            .env("DOORBUSTER_CACHE_DIR", cache.path())
            .output()
            .expect("the binary runs");
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains("doorbuster demo --keep-running"), "{}", err(&output));
    }
}

#[test]
fn everything_that_a_machine_lacks_is_said_at_once() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    let Some(offset) = port.checked_sub(8080).filter(|o| *o <= 50_000) else { return };
    let cache = tempfile::tempdir().expect("a temporary folder");
    open_to_all(cache.path());
    let output = Command::new(env!("CARGO_BIN_EXE_doorbuster"))
        .args(["demo", "--port-offset", &offset.to_string(), "--no-tui", "--runs-dir", "/proc/no-such-folder"])
        .env("NO_COLOR", "1")
        .env("DOORBUSTER_CACHE_DIR", cache.path())
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    let said = err(&output);
    assert!(said.contains(&format!("port {port} (console)")), "{said}");
    assert!(said.contains("--runs-dir"), "{said}");
}

/// Where the tests run as root, PostgreSQL's account must get into the cache.
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}
