//! This machine: its cores, its clock, its limits.

use std::fs;
use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;

/// The cores of a benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cores {
    /// Where the server answers.
    pub(crate) server: usize,
    /// Where the generator works.
    pub(crate) generator: usize,
    /// Where the suite waits and looks: a third, or else the server's. Never the generator's.
    pub(crate) suite: usize,
}

impl Cores {
    /// Two of the cores that this process may use, of different physical cores if there are such.
    ///
    /// # Errors
    /// With fewer than two: server and generator would take each other's time, and every figure would be of both.
    pub(crate) fn pick() -> anyhow::Result<Self> {
        let allowed = sched_getaffinity(Pid::from_raw(0)).context("read which cores this process may use")?;
        let cores: Vec<usize> = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false)).collect();
        pick_of(&cores, physical_core)
    }
}

fn pick_of(cores: &[usize], physical: impl Fn(usize) -> Option<String>) -> anyhow::Result<Cores> {
    let [server, others @ ..] = cores else { bail!("this process may use no core at all") };
    if others.is_empty() {
        bail!("a benchmark needs two cores, one for the server and one for the generator; this process may use one");
    }
    let home = physical(*server);
    let generator = others.iter().find(|core| physical(**core) != home).unwrap_or(&others[0]);
    let suite = others.iter().find(|core| *core != generator).unwrap_or(server);
    Ok(Cores { server: *server, generator: *generator, suite: *suite })
}

/// What tells hyperthreads of one physical core from others.
fn physical_core(core: usize) -> Option<String> {
    fs::read_to_string(format!("/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")).ok()
}

/// Keeps this thread, and what it starts, on one core.
pub(crate) fn stay_on(core: usize) -> anyhow::Result<()> {
    let mut only = CpuSet::new();
    only.set(core).with_context(|| format!("there is no core {core}"))?;
    sched_setaffinity(Pid::from_raw(0), &only).with_context(|| format!("stay on core {core}"))
}

/// Lets this process, and what it starts, open as many files as it may: 4,000 connections are more than the usual 1,024.
pub(crate) fn raise_open_files() -> anyhow::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).context("read the limit of open files")?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).context("raise the limit of open files")
}

/// The monotonic clock in nanoseconds: the same for all processes of this machine.
pub(crate) fn monotonic_ns() -> u64 {
    clock_ns(ClockId::CLOCK_MONOTONIC).expect("every Linux has a monotonic clock")
}

/// What `clock` says, in nanoseconds.
pub(crate) fn clock_ns(clock: ClockId) -> nix::Result<u64> {
    Ok(u64::try_from(Duration::from(clock_gettime(clock)?).as_nanos()).expect("585 years in nanoseconds"))
}

/// Processor, its number of cores and the kernel, for whoever reads the figures elsewhere.
pub(crate) fn description() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("", |(_, name)| name);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    format!(
        "{cores} cores of {}, Linux {}",
        if model.is_empty() { "an unnamed processor" } else { model },
        kernel.trim()
    )
}

/// One line for people, on stderr: stdout is for results.
pub(crate) fn say(line: &str) {
    // Nobody reads it: nothing is lost.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generator_and_server_are_on_different_physical_cores_where_there_are_two() {
        let pairs = |core: usize| Some((core / 2).to_string());
        assert_eq!(pick_of(&[0, 1, 2, 3], pairs).expect("four"), Cores { server: 0, generator: 2, suite: 1 });
        assert_eq!(pick_of(&[4, 5], pairs).expect("two"), Cores { server: 4, generator: 5, suite: 4 });
    }

    #[test]
    fn one_core_is_refused() {
        let error = pick_of(&[3], |_| None).expect_err("one core");
        assert!(error.to_string().contains("needs two cores"), "{error}");
    }
}
