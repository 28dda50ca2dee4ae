//! A child process that does not outlive this one, with its output in a log file.
//!
//! Each child leads its own process group, so that Ctrl-C in a terminal reaches only the conductor, which then stops
//! children in order. On Linux a child also gets a parent-death signal, so that it ends when this process is killed with
//! `SIGKILL`. Other systems have no such thing: there an orphan goes on until somebody stops it, and whoever starts
//! the stage again finds PostgreSQL by its `postmaster.pid` and the services by their ports being taken.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use tokio::sync::watch;

use crate::{Account, spawner};

/// Lines of a dead child's log that are shown: enough for a panic or PostgreSQL's reason, short enough to read.
const TAIL_LINES: usize = 20;
/// Where the reading of those lines begins, in bytes before the end.
const TAIL_BYTES: u64 = 16 * 1024;

/// How a child is started.
#[derive(Clone)]
pub struct Spec {
    name: String,
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
    log: PathBuf,
    account: Option<Account>,
    parent_death: ParentDeath,
}

/// What a child gets when this process dies without stopping it (Linux only).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParentDeath {
    /// `SIGKILL`: nothing is left to drain for, and it reaches a process that is stopped as well.
    Kill,
    /// `SIGTERM`: the process may finish what it does.
    Terminate,
    /// `SIGINT`: PostgreSQL's fast shutdown.
    Interrupt,
    /// `SIGQUIT`: PostgreSQL's immediate shutdown, for data nobody will read again.
    Quit,
}

/// How a child is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// `SIGTERM`.
    Terminate,
    /// `SIGINT`.
    Interrupt,
    /// `SIGKILL`.
    Kill,
}

/// Why a child could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// Its log file can't be opened.
    #[error("the log file {path} can't be opened: {source}")]
    Log {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program can't be executed.
    #[error("{program} can't be started: {source}")]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// The child's name.
    pub name: String,
    /// Its exit code or signal.
    pub status: ExitStatus,
    /// The last lines of its log.
    pub log_tail: Vec<String>,
}

impl std::fmt::Debug for Spec {
    /// Without the values of its variables: some are URLs with passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let variables: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Spec")
            .field("name", &self.name)
            .field("program", &self.program)
            .field("args", &self.args)
            .field("variables", &variables)
            .finish_non_exhaustive()
    }
}

impl Spec {
    /// A child called `name` that runs `program` and appends its output to `log`.
    pub fn new(name: impl Into<String>, program: impl Into<PathBuf>, log: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            dir: None,
            log: log.into(),
            account: None,
            parent_death: ParentDeath::Terminate,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Sets a variable on top of this process's environment.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The working directory; this process's own otherwise.
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// Runs as `account`, for which this process must be root.
    pub fn account(mut self, account: Option<Account>) -> Self {
        self.account = account;
        self
    }

    /// The signal that the child gets when this process dies; `SIGTERM` otherwise.
    pub fn parent_death(mut self, signal: ParentDeath) -> Self {
        self.parent_death = signal;
        self
    }

    /// Starts it. Returns once the program is running, which says nothing about its being ready.
    pub fn start(self) -> Result<Child, ChildError> {
        let log = open_log(&self.log).map_err(|source| ChildError::Log { path: self.log.clone(), source })?;
        let spawn_error = |source| ChildError::Spawn { program: self.program.clone(), source };
        let mut command = Command::new(&self.program);
        command.args(&self.args).envs(self.env.iter().map(|(k, v)| (k, v)));
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(spawn_error)?).stderr(log);
        command.process_group(0);
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        die_with_this_process(&mut command, self.parent_death);
        let process = spawner::spawn(command).map_err(spawn_error)?;
        Ok(Child::watch(self.name, self.log, process))
    }
}

fn open_log(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(target_os = "linux")]
fn die_with_this_process(command: &mut Command, signal: ParentDeath) {
    let signal = match signal {
        ParentDeath::Kill => Signal::KILL,
        ParentDeath::Terminate => Signal::TERM,
        ParentDeath::Interrupt => Signal::INT,
        ParentDeath::Quit => Signal::QUIT,
    };
    let this = rustix::process::getpid();
    let arm = move || {
        // Runs after the change of user, which would clear it.
        rustix::process::set_parent_process_death_signal(Some(signal))?;
        // This process may have died between the fork and the line above: then nobody would send the signal.
        if rustix::process::getppid() == Some(this) { Ok(()) } else { Err(rustix::io::Errno::SRCH.into()) }
    };
    #[expect(
        unsafe_code,
        reason = "pre_exec is the only way; the closure makes two system calls and allocates nothing"
    )]
    // SAFETY: between fork and exec only async-signal-safe work is allowed: prctl and getppid are.
    unsafe {
        command.pre_exec(arm);
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_this_process(_: &mut Command, _: ParentDeath) {}

/// A running (or ended) child. Dropping it kills its whole process group.
#[derive(Debug)]
pub struct Child {
    name: String,
    pid: Pid,
    log: PathBuf,
    /// Held while a signal is sent and while the process is reaped: a number is never signalled after it was given back.
    reaped: Arc<Mutex<bool>>,
    ended: watch::Receiver<Option<ExitStatus>>,
}

impl Child {
    fn watch(name: String, log: PathBuf, mut process: std::process::Child) -> Self {
        let pid = Pid::from_child(&process);
        let reaped = Arc::new(Mutex::new(false));
        let (tell, ended) = watch::channel(None);
        let flag = Arc::clone(&reaped);
        let watcher = thread::Builder::new().name(format!("watch {name}")).spawn(move || {
            // Looks without reaping, so that the number stays ours until the lock is held.
            while let Err(rustix::io::Errno::INTR) =
                rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
            {}
            let mut reaped = lock(&flag);
            // Whatever else the child had started in its group has lost its leader.
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
            let status = process.wait().unwrap_or_default();
            *reaped = true;
            drop(reaped);
            tell.send_replace(Some(status));
        });
        if let Err(error) = watcher {
            tracing::error!(%error, child = name, "its watcher thread could not be started");
        }
        Self { name, pid, log, reaped, ended }
    }

    /// The name it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id, also that of its group. The number may be another process's once [`Child::exit`] is `Some`.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Its log file.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// How it ended, or `None` while it runs.
    pub fn exit(&self) -> Option<Exit> {
        let status = *self.ended.borrow();
        status.map(|status| self.describe(status))
    }

    /// Waits until it has ended. Safe to cancel and to call again.
    pub async fn exited(&self) -> Exit {
        let mut ended = self.ended.clone();
        let status = match ended.wait_for(Option::is_some).await {
            Ok(status) => status.unwrap_or_default(),
            // The watcher thread is gone without a word: only when it could not be started.
            Err(_) => ExitStatus::default(),
        };
        self.describe(status)
    }

    /// Sends `signal` to the child alone. Returns whether it was still there.
    pub fn signal(&self, signal: Signal) -> bool {
        let reaped = lock(&self.reaped);
        !*reaped && rustix::process::kill_process(self.pid, signal).is_ok()
    }

    /// Pauses it: it keeps its memory and its connections, and does nothing. Returns whether it was still there.
    pub fn pause(&self) -> bool {
        self.signal(Signal::STOP)
    }

    /// Lets it go on after [`Child::pause`]. Returns whether it was still there.
    pub fn resume(&self) -> bool {
        self.signal(Signal::CONT)
    }

    /// Asks it to end as `how` says, and after `grace` kills its process group. Returns when it has ended.
    ///
    /// One that is paused is let go on first: it could not hear.
    pub async fn stop(&self, how: Stop, grace: Duration) -> Exit {
        self.signal(Signal::CONT);
        match how {
            Stop::Terminate => self.signal(Signal::TERM),
            Stop::Interrupt => self.signal(Signal::INT),
            Stop::Kill => self.kill_group(),
        };
        if let Ok(exit) = tokio::time::timeout(grace, self.exited()).await {
            return exit;
        }
        self.kill_group();
        self.exited().await
    }

    fn kill_group(&self) -> bool {
        let reaped = lock(&self.reaped);
        !*reaped && rustix::process::kill_process_group(self.pid, Signal::KILL).is_ok()
    }

    fn describe(&self, status: ExitStatus) -> Exit {
        Exit { name: self.name.clone(), status, log_tail: tail(&self.log).unwrap_or_default() }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill_group();
    }
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ended with {}", self.name, self.status)?;
        if self.log_tail.is_empty() {
            return write!(f, " and wrote nothing");
        }
        write!(f, ":")?;
        self.log_tail.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// What is guarded in this crate is replaced in one go: a panic elsewhere can't have left it half written.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tail(path: &Path) -> io::Result<Vec<String>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines[lines.len().saturating_sub(TAIL_LINES)..].iter().map(|l| (*l).to_owned()).collect())
}
