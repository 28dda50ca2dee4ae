//! Processes of the subject: who runs them, and how one is told from a later one with the same number.

use std::fmt::Debug;
use std::pin::Pin;

use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

/// What a method of [`Processes`] returns; the error is in words.
pub type ProcessFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// Whoever runs the subject's processes, by the names of its services; Redis is `redis`.
///
/// Names that it does not know, or that are not its to touch, have no [`ProcessId`].
pub trait Processes: Send + Sync + Debug {
    /// The process `name`, while it runs; one that is paused runs. `None` as soon as it has ended.
    fn id(&self, name: &str) -> Option<ProcessId>;

    /// Sends a signal to the process `name` and returns who got it. After [`ProcessSignal::Kill`] it returns once the process has ended.
    fn signal<'a>(&'a self, name: &'a str, signal: ProcessSignal) -> ProcessFuture<'a, ProcessId>;

    /// Starts `name`, which does not run, as it was started before: same address, same environment. Returns, with a word about
    /// it, when it answers. Dropping the future may leave it started.
    fn start<'a>(&'a self, name: &'a str) -> ProcessFuture<'a, String>;
}

/// What is done to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessSignal {
    /// `SIGKILL`.
    Kill,
    /// `SIGSTOP`.
    Pause,
    /// `SIGCONT`.
    Resume,
}

/// A process, and not the next one that gets its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    /// Its number.
    pub pid: u32,
    /// When it was started, in clock ticks since the machine was (field 22 of `/proc/PID/stat`); 0 where there is no `/proc`.
    pub started: u64,
}

impl ProcessId {
    /// The process that has the number `pid` now; `None` where there is none, or only its remains.
    pub fn of(pid: u32) -> Option<Self> {
        Stat::of(pid).map(|stat| Self { pid, started: stat.started })
    }

    /// Whether it is still there, running or paused.
    pub fn is_alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Whether it is there and stands still.
    pub(crate) fn is_stopped(self) -> bool {
        Stat::of(self.pid).is_some_and(|stat| stat.started == self.started && stat.state == STOPPED)
    }

    /// Lets it go on, if it is still there.
    pub(crate) fn resume(self) -> rustix::io::Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        match pid.filter(|_| self.is_alive()) {
            Some(pid) => rustix::process::kill_process(pid, Signal::CONT),
            None => Ok(()),
        }
    }
}

const STOPPED: char = 'T';

/// Of a process, what the kernel says and matters here.
struct Stat {
    state: char,
    started: u64,
}

impl Stat {
    #[cfg(target_os = "linux")]
    fn of(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // One that has ended and was not yet taken note of by its parent is nobody any more.
        Self::parse(&text).filter(|stat| !matches!(stat.state, 'Z' | 'X'))
    }

    /// Without `/proc` the number is all there is.
    #[cfg(not(target_os = "linux"))]
    fn of(pid: u32) -> Option<Self> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw)?;
        rustix::process::test_kill_process(pid).ok().map(|()| Self { state: '?', started: 0 })
    }

    /// The name, in parentheses, may hold spaces and parentheses of its own.
    #[cfg(any(target_os = "linux", test))]
    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.rsplit_once(") ")?.1.split_ascii_whitespace();
        // The state is field 3, the start is field 22.
        let state = fields.next()?.chars().next()?;
        Some(Self { state, started: fields.nth(18)?.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        let stat =
            Stat::parse("42 (a) b (c)) T 1 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 5 6 7").expect("read");
        assert_eq!((stat.state, stat.started), ('T', 987_654));
        assert!(Stat::parse("42 (a").is_none() && Stat::parse("").is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_is_itself_and_nobody_else_with_its_number() {
        let this = ProcessId::of(std::process::id()).expect("this process runs");
        assert!(this.is_alive() && !this.is_stopped());
        assert!(!ProcessId { started: this.started + 1, ..this }.is_alive());
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().expect("started");
        let id = ProcessId::of(child.id()).expect("it runs");
        child.kill().expect("killed");
        // Not reaped yet: its remains are nobody. The kill may take a moment to arrive.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while id.is_alive() {
            assert!(std::time::Instant::now() < deadline, "it was killed");
            std::thread::yield_now();
        }
        child.wait().expect("reaped");
        assert!(!id.is_alive());
    }
}
