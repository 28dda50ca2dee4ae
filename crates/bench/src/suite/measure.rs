//! One generator, one load, one server: started, watched, counted.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::bench_server::BenchServer;
use crate::generators::{Generator, Load};
use crate::machine::{Cores, monotonic_ns};
use crate::process::{Child, CpuTime, ended_children, on_core};

/// The file in a run's directory that names the program: for generators whose report takes a second call.
pub(crate) const PROGRAM_FILE: &str = "program.txt";

/// From start to first request: k6 and artillery take some seconds.
const MOST_TO_START: Duration = Duration::from_secs(30);
/// From the last request that is wanted to the end: reports of many requests take their time.
const MOST_TO_END: Duration = Duration::from_secs(60);
/// The first second is not measured: connections are made in it, and code is compiled. Short runs skip a quarter.
const WARM_UP: Duration = Duration::from_secs(1);
/// Nor is the end: a generator counts its seconds from a moment that we don't see, and may stop a little early.
const TAIL: Duration = Duration::from_millis(300);

/// A generator that is here.
pub(crate) struct Installed {
    pub(crate) generator: Box<dyn Generator>,
    pub(crate) program: OsString,
}

/// How often clocks and counts are read in the window.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What was seen of one run.
#[derive(Debug)]
pub(super) struct Run {
    /// From the first moment of the measured window to its last, in seconds.
    pub(super) seconds: f64,
    /// That window on the monotonic clock.
    pub(super) window_ns: (u64, u64),
    /// What the server was asked in it.
    pub(super) requests: u64,
    /// What the generator used in it.
    pub(super) cpu: CpuTime,
    /// What the server used in it, in seconds.
    pub(super) server_cpu_seconds: f64,
    /// What the server was asked from the generator's start to its end.
    pub(super) whole_requests: u64,
    /// What the generator used from its start to its end: compilers, connections and reports included.
    pub(super) whole_cpu: CpuTime,
    /// Its greatest resident memory, in bytes.
    pub(super) peak_memory: u64,
    /// When it was seen that the first request had come.
    pub(super) began_ns: u64,
    pub(super) exit_code: Option<i32>,
    pub(super) directory: PathBuf,
}

impl Run {
    /// What it printed.
    pub(super) fn stdout(&self) -> String {
        fs::read_to_string(self.directory.join("stdout.txt")).unwrap_or_default()
    }
}

/// Runs it to its end in a fresh `directory`.
///
/// # Errors
/// If it does not start, sends nothing, or does not end; with the last of what it said.
pub(super) fn measure(
    installed: &Installed,
    load: &Load,
    server: &mut BenchServer,
    cores: Cores,
    directory: &Path,
) -> anyhow::Result<Option<Run>> {
    let Some(call) = installed.generator.call(load, server.port) else { return Ok(None) };
    fs::create_dir_all(directory).with_context(|| format!("make {}", directory.display()))?;
    for (name, text) in &call.files {
        fs::write(directory.join(name), text).with_context(|| format!("write {name}"))?;
    }
    fs::write(directory.join(PROGRAM_FILE), installed.program.as_encoded_bytes())?;
    let mut command = on_core(cores.generator, &installed.program)?;
    command.args(call.arguments.split_ascii_whitespace()).envs(call.environment).current_dir(directory);
    command.stdin(Stdio::null());
    command.stdout(File::create(directory.join("stdout.txt"))?).stderr(File::create(directory.join("stderr.txt"))?);

    let children_before = ended_children()?;
    let before = server.stats()?.requests;
    let mut child = Child::start(&mut command)?;
    watch(&mut child, load, server, before)
        .and_then(|seen| {
            let length = Duration::from_secs(load.seconds.into());
            let Some(status) = child.wait_for(length + MOST_TO_END)? else { bail!("it did not end, and was ended") };
            let whole = ended_children()?;
            Ok(Some(Run {
                whole_requests: server.stats()?.requests - before,
                whole_cpu: CpuTime {
                    user_seconds: whole.user_seconds - children_before.user_seconds,
                    system_seconds: whole.system_seconds - children_before.system_seconds,
                },
                peak_memory: child.peak_memory(),
                exit_code: status.code(),
                directory: directory.to_owned(),
                ..seen
            }))
        })
        .map_err(|error| anyhow::anyhow!("{error:#} (it said: {})", last_words(directory)))
}

/// Waits for the first request, lets it warm up, and reads clocks and counts at both ends of the window.
fn watch(child: &mut Child, load: &Load, server: &mut BenchServer, before: u64) -> anyhow::Result<Run> {
    let started_ns = monotonic_ns();
    while server.stats()?.requests == before {
        if child.wait_for(Duration::from_millis(10))?.is_some() {
            // It may have been quicker than we look.
            if server.stats()?.requests == before {
                bail!("it ended without a request");
            }
            break;
        }
        if monotonic_ns() - started_ns > u64::try_from(MOST_TO_START.as_nanos())? {
            bail!("it sent nothing for {} s", MOST_TO_START.as_secs());
        }
    }
    let began_ns = monotonic_ns();
    let length = Duration::from_secs(load.seconds.into());
    let warm_up = WARM_UP.min(length / 4);
    if child.wait_for(warm_up)?.is_some() {
        bail!("it ended within {} ms", warm_up.as_millis());
    }
    let (first_stats, first_cpu) = (server.stats()?, child.cpu()?);
    let end_ns = monotonic_ns() + u64::try_from((length - warm_up - TAIL.min(length / 8)).as_nanos())?;
    let (mut last_stats, mut last_cpu) = (first_stats, first_cpu);
    // Looked at again and again: some end early, and then the last look counts.
    loop {
        let left = Duration::from_nanos(end_ns.saturating_sub(monotonic_ns()));
        if left.is_zero() || child.wait_for(left.min(LOOK_EVERY))?.is_some() {
            break;
        }
        (last_stats, last_cpu) = (server.stats()?, child.cpu()?);
    }
    let window = Duration::from_nanos(last_cpu.at_ns - first_cpu.at_ns);
    if window < length / 4 {
        bail!("it ended after {} ms of {} s", window.as_millis(), load.seconds);
    }
    Ok(Run {
        seconds: (last_cpu.at_ns - first_cpu.at_ns) as f64 / 1e9,
        window_ns: (first_cpu.at_ns, last_cpu.at_ns),
        requests: last_stats.requests - first_stats.requests,
        cpu: last_cpu.since(&first_cpu),
        server_cpu_seconds: last_stats.cpu_ns.saturating_sub(first_stats.cpu_ns) as f64 / 1e9,
        whole_requests: 0,
        whole_cpu: CpuTime::default(),
        peak_memory: child.peak_memory(),
        began_ns,
        exit_code: None,
        directory: PathBuf::new(),
    })
}

/// The end of what it said on stderr, or else on stdout.
fn last_words(directory: &Path) -> String {
    let read = |name| fs::read_to_string(directory.join(name)).unwrap_or_default();
    let (errors, output) = (read("stderr.txt"), read("stdout.txt"));
    let said = if errors.trim().is_empty() { output } else { errors };
    let lines: Vec<&str> = said.trim().lines().rev().take(3).collect();
    let joined = lines.into_iter().rev().collect::<Vec<_>>().join(" | ");
    if joined.is_empty() { "it said nothing".to_owned() } else { joined.chars().take(400).collect() }
}
