//! What the stage costs in memory: the proportional set size of this process and everything below it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Memory of the whole stage at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Footprint {
    /// Sum of proportional set sizes, in MiB: shared pages are counted once.
    pub total_mib: f64,
    /// Processes counted.
    pub processes: usize,
    /// By program and, for our own services, by the service's name, in MiB.
    pub by_part_mib: BTreeMap<String, f64>,
}

/// Measures the process `root` and its descendants. `None` where the system has no `/proc` or denies it.
pub(crate) fn measure(root: u32) -> Option<Footprint> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        if let Some(parent) = parent_of(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut footprint = Footprint::default();
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        open.extend(children.get(&pid).into_iter().flatten());
        let Some(kib) = pss_kib(pid) else { continue };
        let mib = kib as f64 / 1024.0;
        footprint.total_mib += mib;
        footprint.processes += 1;
        *footprint.by_part_mib.entry(part_of(pid)).or_default() += mib;
    }
    (footprint.processes > 0).then_some(footprint)
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name stands in parentheses and may hold spaces: fields count from the last one.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn pss_kib(pid: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    rollup.lines().find_map(|l| l.strip_prefix("Pss:"))?.split_whitespace().next()?.parse().ok()
}

fn part_of(pid: u32) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<String> = line.split(|b| *b == 0).map(|w| String::from_utf8_lossy(w).into_owned()).collect();
    let program = words.first().map(|w| w.rsplit('/').next().unwrap_or(w).to_owned()).unwrap_or_default();
    match (program.as_str(), words.get(1).map(String::as_str), words.get(2)) {
        ("doorbuster", Some("serve"), Some(service)) => service.clone(),
        ("doorbuster", Some("console"), _) => "console".to_owned(),
        ("doorbuster", _, _) => "conductor".to_owned(),
        (program, _, _) if program.starts_with("postgres") => "postgresql".to_owned(),
        (program, _, _) => program.split([':', ' ']).next().unwrap_or("other").to_owned(),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_weighs_something() {
        let footprint = measure(std::process::id()).expect("/proc is readable");
        assert!(footprint.processes >= 1 && footprint.total_mib > 0.5, "{footprint:?}");
    }
}
