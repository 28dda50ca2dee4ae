//! A server that an earlier process left in a data folder: still shutting down, orphaned, or long dead.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::time::Instant;

use super::PostgresError;

/// A server whose conductor was killed shuts down by itself; a checkpoint of a full cache takes seconds.
const OWN_END: Duration = Duration::from_secs(5);
/// After the fast shutdown is asked for once more; then comes the immediate one, which recovery makes good.
const FAST_END: Duration = Duration::from_secs(15);
/// After the immediate shutdown.
const IMMEDIATE_END: Duration = Duration::from_secs(5);
/// Between two looks.
const POLL: Duration = Duration::from_millis(50);

/// Returns when no server runs in `data` and no stale `postmaster.pid` is in a new one's way.
pub(crate) async fn clear(data: &Path) -> Result<(), PostgresError> {
    let pid_file = data.join("postmaster.pid");
    let Some(pid) = running(data, &pid_file) else {
        // The number in a stale file may be another program's by now, and PostgreSQL would then refuse to start.
        return match fs::remove_file(&pid_file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(PostgresError::io(&pid_file)(error)),
            _ => Ok(()),
        };
    };
    for (signal, bound) in [(None, OWN_END), (Some(Signal::INT), FAST_END), (Some(Signal::QUIT), IMMEDIATE_END)] {
        if let Some(signal) = signal {
            let _ = rustix::process::kill_process(pid, signal);
        }
        let deadline = Instant::now() + bound;
        while Instant::now() < deadline {
            if running(data, &pid_file).is_none() {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
    }
    Err(PostgresError::Leftover { pid: pid.as_raw_nonzero().get().unsigned_abs(), data: data.to_owned() })
}

/// The server that runs in `data`, if one does.
fn running(data: &Path, pid_file: &Path) -> Option<Pid> {
    let text = fs::read_to_string(pid_file).ok()?;
    let pid = text.lines().next()?.trim().parse().ok().and_then(Pid::from_raw)?;
    rustix::process::test_kill_process(pid).ok()?;
    works_in(pid, data).then_some(pid)
}

/// A postmaster's working directory is its data folder; that tells it from a later process with the same number.
#[cfg(target_os = "linux")]
fn works_in(pid: Pid, data: &Path) -> bool {
    match fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())) {
        Ok(cwd) => data.canonicalize().is_ok_and(|data| data == cwd),
        Err(_) => false,
    }
}

#[cfg(not(target_os = "linux"))]
fn works_in(_: Pid, _: &Path) -> bool {
    true
}
