//! What the stage costs: the proportional set size and the processor time of this process and everything below it.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Memory and processors of the whole stage at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Footprint {
    /// Sum of proportional set sizes, in MiB: shared pages are counted once.
    pub total_mib: f64,
    /// Processes counted.
    pub processes: usize,
    /// By program and, for our own services, by the service's name, in MiB.
    pub by_part_mib: BTreeMap<String, f64>,
    /// Processors kept busy since the look before: 2.0 are two of them.
    #[serde(default)]
    pub cpus: f64,
    /// The same by part.
    #[serde(default)]
    pub by_part_cpus: BTreeMap<String, f64>,
}

impl Footprint {
    /// Keeps what is greater, of memory and of processors each.
    pub(crate) fn take_greater(&mut self, other: Self) {
        if other.total_mib > self.total_mib {
            (self.total_mib, self.processes) = (other.total_mib, other.processes);
            self.by_part_mib = other.by_part_mib;
        }
        if other.cpus > self.cpus {
            (self.cpus, self.by_part_cpus) = (other.cpus, other.by_part_cpus);
        }
    }
}

/// Reads the footprint of one process and its descendants, again and again.
#[derive(Debug)]
pub(crate) struct Meter {
    root: u32,
    last: Option<(Instant, BTreeMap<u32, f64>)>,
}

impl Meter {
    /// For the process `root`.
    pub(crate) fn new(root: u32) -> Self {
        Self { root, last: None }
    }

    /// `None` where the system has no `/proc` or denies it. The first reading knows no processors: they count from it on.
    pub(crate) fn read(&mut self) -> Option<Footprint> {
        let now = Instant::now();
        let (mut footprint, busy) = measure(self.root)?;
        if let Some((then, before)) = &self.last {
            let seconds = now.duration_since(*then).as_secs_f64();
            for (pid, (part, total)) in &busy {
                // What a process did before the first look at it belongs to an earlier moment.
                let Some(earlier) = before.get(pid) else { continue };
                let cpus = (total - earlier).max(0.0) / seconds;
                footprint.cpus += cpus;
                *footprint.by_part_cpus.entry(part.clone()).or_default() += cpus;
            }
        }
        self.last = Some((now, busy.into_iter().map(|(pid, (_, seconds))| (pid, seconds)).collect()));
        Some(footprint)
    }
}

/// By process: its part, and its processor time in seconds.
type Busy = BTreeMap<u32, (String, f64)>;

fn measure(root: u32) -> Option<(Footprint, Busy)> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut seconds = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        if let Some((parent, busy)) = stat_of(pid) {
            children.entry(parent).or_default().push(pid);
            seconds.insert(pid, busy);
        }
    }
    let mut footprint = Footprint::default();
    let mut busy = Busy::new();
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        open.extend(children.get(&pid).into_iter().flatten());
        let Some(kib) = pss_kib(pid) else { continue };
        let mib = kib as f64 / 1024.0;
        let part = part_of(pid);
        footprint.total_mib += mib;
        footprint.processes += 1;
        *footprint.by_part_mib.entry(part.clone()).or_default() += mib;
        busy.insert(pid, (part, seconds.get(&pid).copied().unwrap_or_default()));
    }
    (footprint.processes > 0).then_some((footprint, busy))
}

/// Parent and processor time (user and system, of all its threads) in seconds.
fn stat_of(pid: u32) -> Option<(u32, f64)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name stands in parentheses and may hold spaces: fields count from the last one.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some((fields.get(1)?.parse().ok()?, ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

fn pss_kib(pid: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    rollup.lines().find_map(|l| l.strip_prefix("Pss:"))?.split_whitespace().next()?.parse().ok()
}

fn part_of(pid: u32) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<String> = line.split(|b| *b == 0).map(|w| String::from_utf8_lossy(w).into_owned()).collect();
    let program = words.first().map(|w| w.rsplit('/').next().unwrap_or(w).to_owned()).unwrap_or_default();
    // Our own processes run the program that this one runs, whatever it is called.
    let is_ours = std::fs::read_link(format!("/proc/{pid}/exe")).ok() == std::env::current_exe().ok();
    match (program.as_str(), words.get(1).map(String::as_str), words.get(2)) {
        (_, Some("serve"), Some(service)) if is_ours => service.clone(),
        (_, Some("console"), _) if is_ours => "console".to_owned(),
        _ if is_ours => "conductor".to_owned(),
        (program, _, _) if program.starts_with("postgres") => "postgresql".to_owned(),
        (program, _, _) => program.split([':', ' ']).next().unwrap_or("other").to_owned(),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_weighs_something_and_keeps_a_processor_busy() {
        let mut meter = Meter::new(std::process::id());
        let first = meter.read().expect("/proc is readable");
        assert!(first.processes >= 1 && first.total_mib > 0.5, "{first:?}");
        assert_eq!(first.cpus, 0.0);
        let begun = Instant::now();
        let busy = std::iter::repeat_with(|| meter.read().expect("/proc is readable").cpus);
        let until = |cpus: &f64| *cpus > 0.0 || begun.elapsed().as_secs() > 20;
        assert!(busy.into_iter().find(until).is_some_and(|cpus| cpus > 0.0), "reading /proc costs something");
    }

    #[test]
    fn the_greater_of_memory_and_of_processors_is_kept_each() {
        let reading = |total_mib, cpus| Footprint { total_mib, cpus, ..Footprint::default() };
        let mut kept = reading(300.0, 1.5);
        kept.take_greater(reading(400.0, 0.5));
        assert_eq!((kept.total_mib, kept.cpus), (400.0, 1.5));
    }
}
