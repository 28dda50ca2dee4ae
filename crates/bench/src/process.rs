//! A program on one core: started, looked at while it runs, and never left behind.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::Signal;
use nix::time::ClockId;
use nix::unistd::{Pid, getpid, getppid};
use serde::Serialize;

use crate::arguments::OnCoreOptions;
use crate::machine::{clock_ns, monotonic_ns, raise_open_files, stay_on};

/// How often a child is looked at while one waits for it: seldom enough to delay no percent of the server's requests.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A command that will run on `core`, with as many open files as the machine gives, and die with this process.
///
/// What stands between is this program itself (`on-core`): it sets all that up and becomes the other.
pub(crate) fn on_core(core: usize, program: &OsStr) -> anyhow::Result<Command> {
    let this = std::env::current_exe().context("find this program's own file")?;
    let mut command = Command::new(this);
    command.args(["on-core", "--core", &core.to_string(), "--parent", &getpid().to_string(), "--"]).arg(program);
    Ok(command)
}

/// The other side of [`on_core`]: returns only if it fails.
pub(crate) fn become_pinned(options: &OnCoreOptions) -> anyhow::Result<Infallible> {
    let [program, arguments @ ..] = options.command.as_slice() else { bail!("no program to run") };
    set_pdeathsig(Signal::SIGKILL).context("ask to die with the parent")?;
    if getppid() != Pid::from_raw(options.parent) {
        bail!("who wanted {} is gone", program.display());
    }
    stay_on(options.core)?;
    raise_open_files()?;
    Err(Command::new(program).args(arguments).exec()).with_context(|| format!("run {}", program.display()))
}

/// A child of ours. Dropping it kills and reaps it.
#[derive(Debug)]
pub(crate) struct Child {
    process: std::process::Child,
    peak_memory: u64,
}

/// A child's CPU time at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpuReading {
    pub(crate) at_ns: u64,
    /// All its threads, ended ones too, in nanoseconds.
    total_ns: u64,
    user_ticks: u64,
    system_ticks: u64,
}

/// CPU time of a stretch, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct CpuTime {
    pub(crate) user_seconds: f64,
    pub(crate) system_seconds: f64,
}

impl CpuTime {
    pub(crate) fn seconds(self) -> f64 {
        self.user_seconds + self.system_seconds
    }
}

impl CpuReading {
    /// What was used since `earlier`. The sum is exact; the kernel tells user from system by ticks of 10 ms.
    pub(crate) fn since(&self, earlier: &Self) -> CpuTime {
        let total = self.total_ns.saturating_sub(earlier.total_ns) as f64 / 1e9;
        let user = self.user_ticks.saturating_sub(earlier.user_ticks) as f64;
        let system = self.system_ticks.saturating_sub(earlier.system_ticks) as f64;
        let share = if user + system > 0.0 { user / (user + system) } else { 0.5 };
        CpuTime { user_seconds: total * share, system_seconds: total * (1.0 - share) }
    }
}

impl Child {
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let process = command.spawn().context("start a child")?;
        Ok(Self { process, peak_memory: 0 })
    }

    pub(crate) fn process(&mut self) -> &mut std::process::Child {
        &mut self.process
    }

    /// Its CPU time so far.
    ///
    /// # Errors
    /// If it has ended.
    pub(crate) fn cpu(&self) -> anyhow::Result<CpuReading> {
        let pid = i32::try_from(self.process.id()).context("a process number")?;
        let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(pid)).context("find its CPU clock")?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("read its CPU times")?;
        let (user_ticks, system_ticks) = ticks(&stat).context("read its CPU times")?;
        Ok(CpuReading { at_ns: monotonic_ns(), total_ns: clock_ns(clock)?, user_ticks, system_ticks })
    }

    /// Greatest resident memory that was seen, in bytes; it is looked at with each call and while one waits.
    ///
    /// Not the `maxrss` of its end: that counts what this process had, whose memory a child has until it is another program.
    pub(crate) fn peak_memory(&mut self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        self.peak_memory = self.peak_memory.max(high_water_mark(&status).unwrap_or(0));
        self.peak_memory
    }

    /// Waits for `patience`, or for its end if that comes first.
    pub(crate) fn wait_for(&mut self, patience: Duration) -> anyhow::Result<Option<ExitStatus>> {
        let deadline = Instant::now() + patience;
        loop {
            self.peak_memory();
            if let Some(status) = self.process.try_wait()? {
                return Ok(Some(status));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            thread::sleep(left.min(LOOK_EVERY));
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself: then both have nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// CPU time of all children that have ended and were waited for. One at a time ends, so a difference is of one.
pub(crate) fn ended_children() -> anyhow::Result<CpuTime> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).context("read what children used")?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(CpuTime { user_seconds: seconds(usage.user_time()), system_seconds: seconds(usage.system_time()) })
}

/// User and system ticks of `/proc/PID/stat`: fields 14 and 15. The name before them may hold anything but its last `)`.
fn ticks(stat: &str) -> Option<(u64, u64)> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// `VmHWM` of `/proc/PID/status`, in bytes.
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_any_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 123 45 0 0 20 0 1 0 999 1000 10";
        assert_eq!(ticks(stat), Some((123, 45)));
        assert_eq!(ticks("42 (a) S 1"), None);
    }

    #[test]
    fn memory_is_in_bytes() {
        assert_eq!(high_water_mark("Name:\tx\nVmHWM:\t    1234 kB\n"), Some(1234 * 1024));
        assert_eq!(high_water_mark("Name:\tx\n"), None);
    }

    #[test]
    fn user_time_is_told_from_system_by_ticks_and_the_sum_is_exact() {
        let before = CpuReading { at_ns: 0, total_ns: 0, user_ticks: 10, system_ticks: 10 };
        let after = CpuReading { at_ns: 1, total_ns: 1_015_000_000, user_ticks: 35, system_ticks: 85 };
        let used = after.since(&before);
        assert!((used.seconds() - 1.015).abs() < 1e-9);
        assert!((used.user_seconds - 1.015 * 0.25).abs() < 1e-9);
    }

    #[test]
    fn a_child_is_looked_at_and_waited_for() {
        let mut child = Child::start(Command::new("sleep").arg("0.2")).expect("sleep is there");
        child.cpu().expect("it runs");
        let status = child.wait_for(Duration::from_secs(20)).expect("it can be waited for");
        assert!(status.expect("it ends").success());
        assert!(child.peak_memory() > 0);
        assert!(child.cpu().is_err(), "it has ended");
    }
}
