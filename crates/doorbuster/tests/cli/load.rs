//! `doorbuster load` as scripts see it, against a real server.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{doorbuster, err, out, server};

/// A folder with a load test in it.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).expect("written");
        self.name(name)
    }

    pub(crate) fn name(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_owned()
    }

    fn entries(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("it is there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("it was written")
    }
}

/// 40 arrivals a second for a second and a half, evenly: 60 in all.
pub(crate) fn test(address: SocketAddr, more: &str) -> String {
    format!(
        r#"name: small
title: A small test
minutes: 0.025
targets: {{shop: "http://{address}"}}
streams:
  - {{name: buyers, arrivals_per_second: 40, spacing: uniform, journeys: {{buy: 3, look: 1}}}}
journeys:
  buy:
    - {{path: "/products?category=books", extract: {{product: /items/0/id}}}}
    - {{method: POST, path: /cart, json: {{product: "${{product}}"}}, success: {{json: {{/status: success}}}}}}
  look:
    - {{path: /products}}
{more}
"#
    )
}

pub(crate) const FAIR: &str = "thresholds:\n  - {stream: buyers, error_rate_max: 0, slowest_ms_max: 60000}\n  - {journey: buy, step: POST /cart, p95_ms_max: 60000}";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

#[test]
fn a_run_that_holds_writes_its_report_in_every_form() {
    let folder = Folder::new();
    let file = folder.write("test.yaml", &test(server::start(Duration::ZERO), FAIR));
    let (html, junit, copy) = (folder.name("r.html"), folder.name("r.xml"), folder.name("r.json"));
    let run = doorbuster(&["load", &file, "--no-tui", "--json", "--html", &html, "--junit", &junit, "--out", &copy]);
    assert_eq!(run.status.code(), Some(0), "{}{}", err(&run), out(&run));
    let report = json(&out(&run));
    assert_eq!(report, json(&folder.read("r.json")), "standard output and the file are the same, and nothing but it");
    assert_eq!(report["verdict"]["outcome"], "PASS");
    assert_eq!([&report["totals"]["due"], &report["totals"]["completed"], &report["totals"]["errors"]], [60, 60, 0]);
    assert_eq!(report["results"].as_array().map(Vec::len), Some(3));
    assert_eq!(report["report"]["request_digest"].as_str().map(str::len), Some(64));
    assert_eq!(report["rows"].as_array().map(Vec::len), Some(6), "a stream, two journeys, three steps");
    assert!(err(&run).contains("of 2 s  running"), "progress goes to standard error: {}", err(&run));
    let page = folder.read("r.html");
    for part in ["A small test", "PASS", "POST /cart", "new uPlot"] {
        assert!(page.contains(part), "{part:?} is missing in the page");
    }
    let cases = folder.read("r.xml");
    assert!(cases.contains(r#"tests="4" skipped="0" failures="0" errors="0""#), "{cases}");
}

#[test]
fn the_summary_is_text_on_standard_output() {
    let folder = Folder::new();
    let file = folder.write("test.yaml", &test(server::start(Duration::ZERO), FAIR));
    let run = doorbuster(&["load", &file, "--seed", "7", "--duration", "1s"]);
    assert_eq!(run.status.code(), Some(0), "{}{}", err(&run), out(&run));
    for part in [
        "A small test",
        "seed 7",
        "40 arrivals due, 40 answered",
        "POST /cart",
        "200 × ",
        "schedule lag",
        "● holds",
        "PASS  ",
    ] {
        assert!(out(&run).contains(part), "{part:?} is missing in\n{}", out(&run));
    }
    assert!(!out(&run).contains('\u{1b}'), "no colour where it was not wanted");
}

#[test]
fn a_broken_threshold_fails_and_a_generator_that_drops_makes_it_invalid() {
    let folder = Folder::new();
    let address = server::start(Duration::from_millis(300));
    let file = folder.write("slow.yaml", &test(address, "thresholds: [{p50_ms_max: 100}]"));
    let run = doorbuster(&["load", &file, "--no-tui"]);
    assert_eq!(run.status.code(), Some(1), "{}{}", err(&run), out(&run));
    assert!(out(&run).contains("■ BROKEN") && out(&run).contains("FAIL  "), "{}", out(&run));

    let file = folder.write("dropped.yaml", &test(address, "max_in_flight: 3"));
    let run = doorbuster(&["load", &file, "--no-tui", "--json"]);
    assert_eq!(run.status.code(), Some(4), "{}{}", err(&run), out(&run));
    let report = json(&out(&run));
    assert_eq!(report["verdict"]["outcome"], "INVALID");
    assert!(report["totals"]["dropped"].as_u64() > Some(0), "{}", report["totals"]);
}

#[test]
fn two_workers_make_the_whole_of_one() {
    let folder = Folder::new();
    let address = server::start(Duration::ZERO);
    let file = folder.write("test.yaml", &test(address, FAIR));
    let report = |name: &str, more: &[&str]| {
        let path = folder.name(name);
        let arguments: Vec<&str> =
            ["load", &file, "--no-tui", "--out", &path].into_iter().chain(more.iter().copied()).collect();
        let run = doorbuster(&arguments);
        assert_eq!(run.status.code(), Some(0), "{}{}", err(&run), out(&run));
        (json(&folder.read(name)), path)
    };
    let (whole, _) = report("whole.json", &[]);
    let (first, a) = report("a.json", &["--workers", "2", "--worker", "0"]);
    let (second, b) = report("b.json", &["--workers", "2", "--worker", "1"]);
    assert_eq!([&first["totals"]["due"], &second["totals"]["due"]], [30, 30]);

    let (page, cases) = (folder.name("m.html"), folder.name("m.xml"));
    let merged = doorbuster(&["load", "merge", &a, &b, "--json", "--html", &page, "--junit", &cases]);
    assert_eq!(merged.status.code(), Some(0), "{}", err(&merged));
    let merged = json(&out(&merged));
    assert_eq!(merged["report"]["shares"], serde_json::json!([0, 1]));
    for key in ["due", "completed", "requests"] {
        assert_eq!(merged["totals"][key], whole["totals"][key], "{key}");
    }
    assert_eq!(merged["report"]["request_digest"], whole["report"]["request_digest"]);
    assert_eq!(merged["results"].as_array().map(Vec::len), Some(3), "thresholds are judged again");
    assert!(folder.read("m.html").contains("all of 2 workers") && folder.read("m.xml").contains("POST /cart"));

    let half = doorbuster(&["load", "merge", &a]);
    assert_eq!(half.status.code(), Some(4), "{}", out(&half));
    assert!(out(&half).contains("of 2 workers these are missing: 1"), "{}", out(&half));
    let twice = doorbuster(&["load", "merge", &a, &a]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(err(&twice).contains("worker 0 of 2 is in already"), "{}", err(&twice));
}

#[test]
fn an_interrupted_run_reports_what_there_is() {
    let folder = Folder::new();
    let file = folder.write("long.yaml", &test(server::start(Duration::ZERO), ""));
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_doorbuster"))
        .args(["load", &file, "--no-tui", "--json", "--duration", "10m"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    // Its first line says that it has begun.
    let mut said = std::io::BufReader::new(run.stderr.take().expect("piped"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).expect("a line");
    assert!(line.contains("running"), "{line}");
    let asked = Instant::now();
    let id = run.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    let ended = run.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
    let report = json(&out(&ended));
    assert_eq!(report["report"]["finished"], false);
    assert_eq!(report["verdict"]["outcome"], "INVALID");
}

#[test]
fn what_is_refused_is_said_with_the_option_that_would_allow_it() {
    let folder = Folder::new();
    let nobody: SocketAddr = "127.0.0.1:9".parse().expect("an address");
    let file = folder.write("test.yaml", &test(nobody, ""));
    let two =
        folder.write("two.yaml", &test(nobody, "").replace("targets: {", "targets: {other: \"http://127.0.0.1:9\", "));
    let elsewhere = "--target=http://shop.invalid";
    let table: &[(&[&str], &str)] = &[
        (&[&file, elsewhere], "--allow-target shop.invalid"),
        (&[&file, "--target=other=http://127.0.0.1:9"], "shop"),
        (&[&two, elsewhere], "--target NAME=http://shop.invalid"),
        (&[&file, "--target", "nonsense"], "NAME=URL"),
        (&[&file, "--target=http://127.0.0.1:9", "--target=http://127.0.0.1:8"], "twice"),
        (&[&file, "--max-rate", "39"], "--max-rate 40"),
        (&[&file, "--duration", "2h"], "--max-duration 7200s"),
        (&[&file, "--closed", "5", elsewhere, "--allow-target", "shop.invalid"], "this machine only"),
        (&[&file, "--worker", "1"], "--workers"),
        (&[&file, "--workers", "2"], "--worker"),
        (&[&file, "--workers", "2", "--worker", "2"], "0 to 1"),
        (&[&file, "--duration", "soon"], "30s"),
        (&[&file, "--html", "/nonexistent/r.html"], "/nonexistent/r.html can't be written: entity not found\n"),
        (&["/nonexistent.yaml"], "nonexistent.yaml"),
        (&[], "<FILE>"),
        (&["merge"], "<REPORT>"),
        (&["merge", &file], "it is no report"),
        (&["import", "k6", "/nonexistent.js"], "nonexistent.js"),
    ];
    for (arguments, remedy) in table {
        let arguments: Vec<&str> = ["load"].iter().chain(*arguments).copied().collect();
        let run = doorbuster(&arguments);
        assert_eq!(run.status.code(), Some(2), "{arguments:?}: {}", err(&run));
        assert!(err(&run).contains(remedy), "{arguments:?} should mention {remedy}: {}", err(&run));
        assert_eq!(out(&run), "", "{arguments:?}");
    }
}

#[test]
fn an_output_replaces_its_file_only_when_there_is_something_to_put_there() {
    let folder = Folder::new();
    let file = folder.write("test.yaml", &test(server::start(Duration::ZERO), ""));
    let old = folder.write("old.json", "the report of yesterday");
    let new = folder.name("new.html");
    for more in [&["--max-rate", "39"][..], &["--html", &new, "--junit", "/nonexistent/r.xml"]] {
        let run = doorbuster(&[&["load", &file, "--no-tui", "--out", &old], more].concat());
        assert_eq!(run.status.code(), Some(2), "{}", err(&run));
        assert_eq!(folder.read("old.json"), "the report of yesterday");
        assert_eq!(folder.entries(), ["old.json", "test.yaml"], "{more:?} leaves nothing behind");
    }
    std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    std::os::unix::fs::symlink(&old, folder.path("link.json")).expect("a link");
    let run = doorbuster(&["load", &file, "--no-tui", "--out", &folder.name("link.json"), "--html", &new]);
    assert_eq!(run.status.code(), Some(0), "{}", err(&run));
    assert_eq!(json(&folder.read("old.json"))["verdict"]["outcome"], "PASS", "a link stays one");
    assert_eq!(folder.entries(), ["link.json", "new.html", "old.json", "test.yaml"]);
    let mode = |name: &str| folder.path(name).metadata().expect("it exists").permissions().mode() & 0o777;
    let usual = folder.write("usual", "");
    assert_eq!((mode("old.json"), mode("new.html")), (0o640, mode(&usual)), "as before, and as any new file");
}

#[test]
fn no_output_is_written_over_what_is_read_or_over_another() {
    let folder = Folder::new();
    let text = test(server::start(Duration::ZERO), "");
    let file = folder.write("test.yaml", &text);
    let (a, b) = (folder.name("a.json"), folder.name("b.json"));
    for (worker, path) in [("0", &a), ("1", &b)] {
        let run = doorbuster(&["load", &file, "--no-tui", "--workers", "2", "--worker", worker, "--out", path]);
        assert_eq!(run.status.code(), Some(0), "{}", err(&run));
    }
    let (again, before) = (folder.name("./b.json"), folder.read("b.json"));
    let one = folder.name("one");
    let table: &[(&[&str], &str)] = &[
        (&["merge", &a, &b, "--out", &again], "--out"),
        (&["merge", &a, &b, "--html", &again], "--html"),
        (&["merge", &a, &b, "--junit", &again], "--junit"),
        (&["merge", &a, &b, "--html", &one, "--junit", &one], "write over --html"),
        (&[&file, "--out", &file], "write over what is read"),
        (&[&file, "--out", &one, "--html", &folder.name("./one")], "write over --out"),
    ];
    for (arguments, part) in table {
        let run = doorbuster(&[&["load"], *arguments].concat());
        assert_eq!(run.status.code(), Some(2), "{arguments:?}: {}", err(&run));
        assert!(err(&run).contains(part), "{arguments:?} should mention {part}: {}", err(&run));
    }
    assert_eq!((folder.read("b.json"), folder.read("test.yaml")), (before, text));
    let merged = doorbuster(&["load", "merge", &a, &b, "--out", "/dev/null", "--html", "/dev/null"]);
    assert_eq!(merged.status.code(), Some(0), "what has nothing to lose may be named twice: {}", err(&merged));
}

#[test]
fn an_output_that_cannot_be_written_costs_only_itself() {
    let folder = Folder::new();
    let file = folder.write("test.yaml", &test(server::start(Duration::ZERO), ""));
    let page = folder.name("r.html");
    let run = doorbuster(&["load", &file, "--no-tui", "--out", "/dev/full", "--html", &page, "--junit", "/dev/full"]);
    assert_eq!(run.status.code(), Some(5), "{}", err(&run));
    assert!(out(&run).contains("PASS  "), "the summary is there: {}", out(&run));
    assert!(folder.read("r.html").contains("A small test"));
    assert_eq!(err(&run).matches("/dev/full can't be written").count(), 2, "{}", err(&run));

    let report = folder.name("r.json");
    for form in [&["--json"][..], &[]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_doorbuster"))
            .args(["load", &file, "--no-tui", "--out", &report])
            .args(form)
            .stdout(full)
            .output()
            .expect("the binary runs");
        assert_eq!(run.status.code(), Some(5), "{}", err(&run));
        assert!(err(&run).contains("standard output can't be written"), "{}", err(&run));
        assert_eq!(json(&folder.read("r.json"))["verdict"]["outcome"], "PASS");
        std::fs::remove_file(&report).expect("it was written");
    }
}

#[test]
fn a_reader_of_standard_output_that_went_away_is_no_failure() {
    let folder = Folder::new();
    let file = folder.write("test.yaml", &test(server::start(Duration::ZERO), ""));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_doorbuster"))
        .args(["load", &file, "--no-tui", "--json"])
        .stdout(writer)
        .output()
        .expect("the binary runs");
    assert_eq!(run.status.code(), Some(0), "{}", err(&run));
}

#[test]
fn a_file_may_be_as_large_as_the_parser_allows() {
    let folder = Folder::new();
    let nobody: SocketAddr = "127.0.0.1:9".parse().expect("an address");
    let padded = |bytes: usize| {
        let text = test(nobody, "");
        let comment = format!("# {}\n", "x".repeat(97));
        text.clone() + &comment.repeat((bytes - text.len()) / comment.len())
    };
    let right = doorbuster(&["load", "check", &folder.write("large.yaml", &padded(1_000_000))]);
    assert_eq!(right.status.code(), Some(0), "{}", err(&right));
    let refused = doorbuster(&["load", "check", &folder.write("larger.yaml", &padded(1_100_000))]);
    assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
}

#[test]
fn a_longer_duration_must_keep_to_the_rules_of_the_file() {
    let folder = Folder::new();
    let text = test("127.0.0.1:9".parse().expect("an address"), "");
    let ends =
        folder.write("ends.yaml", &text.replace("{buy: 3, look: 1}", "{buy: {steps: [[0, 3], [1, 0]]}, look: 0}"));
    let grows = folder.write(
        "grows.yaml",
        &text.replace("arrivals_per_second: 40", "arrivals_per_second: {steps: [[0, 40], [1, 1000000]]}"),
    );
    let table = [
        (&ends, "2m", "no journey of stream buyers has any weight after minute 1,"),
        (&grows, "10m", "540002400 arrivals are expected, most of them in stream buyers: keep within 200000000"),
    ];
    for (file, duration, part) in table {
        let checked = doorbuster(&["load", "check", file]);
        assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
        let run = doorbuster(&["load", file, "--duration", duration]);
        assert_eq!(run.status.code(), Some(2), "{}", err(&run));
        assert!(err(&run).contains(part) && err(&run).contains("--duration"), "{}", err(&run));
    }
    // Up to where the last weight ends it is right: what is refused here is something else.
    let run = doorbuster(&["load", &ends, "--duration", "1m", "--max-rate", "39"]);
    assert!(err(&run).contains("--max-rate 40"), "{}", err(&run));
}

#[test]
fn every_mistake_of_a_file_is_named_with_its_place() {
    let folder = Folder::new();
    let file = folder
        .write("wrong.yaml", "name: x\nminutes: -1\ntargets: {a: ftp://x}\nstreems: []\njourneys: {j: [{path: x}]}\n");
    for arguments in [&["load", "check", &file][..], &["load", &file]] {
        let run = doorbuster(arguments);
        assert_eq!(run.status.code(), Some(2));
        for part in ["wrong.yaml:2:", "wrong.yaml:3:", "wrong.yaml:4:", "wrong.yaml:5:", "streems", "did you mean"] {
            assert!(err(&run).contains(part), "{part:?} is missing in:\n{}", err(&run));
        }
    }
}

#[test]
fn the_files_that_ship_are_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../load-tests");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("load-tests") {
        let path = entry.expect("an entry").path();
        let checked = doorbuster(&["load", "check", path.to_str().expect("UTF-8")]);
        assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
        seen += 1;
    }
    assert!(seen >= 3, "three ship");
    let schema = doorbuster(&["load", "schema"]);
    assert!(json(&out(&schema))["properties"]["streams"].is_object(), "{}", out(&schema));
}

#[test]
fn the_example_of_the_document_is_right() {
    let folder = Folder::new();
    let document = include_str!("../../../../docs/load-tests.md");
    let example = document.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let checked = doorbuster(&["load", "check", &folder.write("example.yaml", example)]);
    assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
}

#[test]
fn imported_files_are_right_and_say_what_was_left_out() {
    let folder = Folder::new();
    let file = |name: &str| format!("{}/tests/cli/files/{name}", env!("CARGO_MANIFEST_DIR"));
    for (kind, name) in [("k6", "script.js"), ("har", "recorded.har")] {
        let imported = doorbuster(&["load", "import", kind, &file(name)]);
        assert_eq!(imported.status.code(), Some(0), "{}", err(&imported));
        assert!(!out(&imported).contains("hush") && !err(&imported).contains("hush"), "{}", out(&imported));
        insta::assert_snapshot!(format!("import_{kind}"), out(&imported));
        insta::assert_snapshot!(format!("import_{kind}_notes"), err(&imported));
        let checked = doorbuster(&["load", "check", &folder.write(kind, &out(&imported))]);
        assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
    }
    let kept =
        doorbuster(&["load", "import", "har", &file("recorded.har"), "--keep-auth", "--assets", "--one-journey"]);
    assert!(out(&kept).contains("Bearer hush") && out(&kept).contains("visit:"), "{}", out(&kept));
    let closed = folder.write("closed.js", "export const options = {\n  vus: 10, duration: '30s',\n};\n");
    let refused = doorbuster(&["load", "import", "k6", &closed]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(err(&refused).contains("closed.js:1:24: ") && err(&refused).contains("closed model"), "{}", err(&refused));
}

#[test]
fn the_help_shows_how_it_is_used() {
    let help = doorbuster(&["load", "--help"]);
    assert_eq!(help.status.code(), Some(0));
    insta::assert_snapshot!("load_help", out(&help));
}
