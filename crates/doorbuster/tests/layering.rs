//! Who may know whom is the design (docs/architecture.md): any other edge fails here.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Crate -> workspace crates it may use in its normal and build dependencies.
const ALLOWED: &[(&str, &[&str])] = &[
    ("scenario", &[]),
    ("detect", &[]),
    ("telemetry", &[]),
    ("parts", &[]),
    ("chassis", &["telemetry"]),
    ("shop", &["chassis", "telemetry"]),
    ("inbox", &["chassis", "telemetry"]),
    ("load", &["scenario", "telemetry"]),
    ("faults", &["scenario"]),
    ("store", &["detect"]),
    ("console", &["store", "detect", "telemetry"]),
    ("stage", &["scenario", "load", "faults", "console", "telemetry", "parts"]),
    ("testbed", &["parts"]),
    ("bench", &[]),
    (
        "doorbuster",
        &["scenario", "detect", "telemetry", "parts", "shop", "inbox", "load", "faults", "store", "console", "stage"],
    ),
];

/// What keeps a crate pure: none of these may stand in its normal dependencies.
const PURE: &[&str] = &["scenario", "detect"];
const IMPURE: &[&str] =
    &["tokio", "axum", "hyper", "reqwest", "sqlx", "redis", "tonic", "rustix", "libc", "jiff", "chrono", "time"];

#[test]
fn every_crate_knows_only_those_it_may() {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs");
    let members: BTreeSet<&str> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(name, may)| (*name, may.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let Some(may) = allowed.get(name) else {
            wrong.push(format!("{name} is not in the table: decide what it may know"));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development) {
            let target = dependency.name.as_str();
            if members.contains(target) && !may.contains(target) {
                wrong.push(format!("{name} -> {target} is not allowed"));
            }
            if PURE.contains(&name) && IMPURE.contains(&target) {
                wrong.push(format!("{name} is pure and may not use {target}"));
            }
        }
        if package.dependencies.iter().any(|d| d.name == "doorbuster") {
            wrong.push(format!("{name} uses the command line"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pure_crates_read_no_clock_file_or_environment() {
    let root = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs").workspace_root;
    let mut wrong = Vec::new();
    for name in PURE {
        let mut folders = vec![root.join("crates").join(name).join("src").into_std_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("the source folder can be read") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("source is text");
                for banned in ["SystemTime", "Instant::now", "std::env", "std::fs", "std::net", "std::process"] {
                    if text.contains(banned) {
                        wrong.push(format!("{} uses {banned}", path.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
