//! The one thread that starts children.
//!
//! Linux sends a child its parent-death signal when the *thread* that forked it ends, not when the process does. A
//! pool's worker thread may end at any time, so every child is forked by a thread that lives as long as this process.

use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::thread;

struct Job {
    command: Command,
    answer: Sender<io::Result<Child>>,
}

/// Starts `command` from the spawner thread and waits until it was executed or could not be.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    static JOBS: OnceLock<Mutex<Sender<Job>>> = OnceLock::new();
    let (answer, answered) = channel();
    let jobs = JOBS.get_or_init(|| Mutex::new(start()));
    jobs.lock().map_err(|_| gone())?.send(Job { command, answer }).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

/// The thread ends when the last sender is dropped, and the only one is static: never before the process.
fn start() -> Sender<Job> {
    let (jobs, inbox): (_, Receiver<Job>) = channel();
    let thread = thread::Builder::new().name("spawner".into()).spawn(move || {
        for mut job in inbox {
            // Nobody waits for the answer any more if the asking thread ended; the child then dies when dropped there.
            let _ = job.answer.send(job.command.spawn());
        }
    });
    if let Err(error) = thread {
        tracing::error!(%error, "the spawner thread could not be started");
    }
    jobs
}

fn gone() -> io::Error {
    io::Error::other("the thread that starts children is gone")
}
