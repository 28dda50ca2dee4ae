//! The benchmark of the console as a program: whether it works and says all it should, not what it measures.
#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// The doorbuster that this build made: cargo does not tell other packages' programs.
fn doorbuster() -> PathBuf {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_consolebench")).with_file_name("doorbuster");
    if !program.is_file() {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "doorbuster"]).status();
        assert!(built.expect("cargo runs").success(), "doorbuster can be built");
    }
    program
}

#[test]
fn the_quick_benchmark_of_the_console_measures_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("figures.json");
    let output = Command::new(env!("CARGO_BIN_EXE_consolebench"))
        .args(["--quick", "--spans", "20000", "--throughput-spans", "10000", "--json"])
        .arg(&json)
        .arg("--doorbuster")
        .arg(doorbuster())
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    for heading in ["what a span costs", "memory", "until a trace can be looked at", "questions", "targets"] {
        assert!(text.contains(&format!("**{heading}**")), "{heading}: {text}");
    }
    let figures: Value = serde_json::from_slice(&std::fs::read(&json).expect("written")).expect("JSON");
    let throughput = figures["throughput"].as_array().expect("a list");
    let protocols: Vec<&str> = throughput.iter().filter_map(|row| row["protocol"].as_str()).collect();
    assert_eq!(protocols, ["HTTP protobuf", "HTTP protobuf, gzip", "gRPC"]);
    for row in throughput {
        assert_eq!(row["rejected"], 0, "{row}");
        assert!(row["spans_per_cpu_second"]["median"].as_f64() > Some(100.0), "{row}");
        // Storing cannot cost less than reading.
        assert!(row["times_the_sink"]["median"].as_f64() > Some(1.0), "{row}");
    }
    let memory = figures["memory"].as_array().expect("a list");
    assert!(memory[0]["spans"].as_u64() >= Some(20_000) && memory[1]["spans"].as_u64() >= Some(30_000), "{memory:?}");
    let questions = figures["questions"].as_array().expect("a list");
    let of = |name: &str| questions.iter().find(|row| row["question"] == name).expect(name);
    assert_eq!(of("trace by id")["lack"], Value::Null);
    for page in ["page /", "page /services", "page /traces", "page /logs"] {
        assert!(of(page)["ms"]["median"].as_f64() > Some(0.0));
    }
}
