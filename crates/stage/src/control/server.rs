//! The conductor's end: one connection, one request, one answer.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use faults::Injector;
use scenario::{Clock, Fault, FaultKinds};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::protocol::{Answer, AppliedByHand, LONGEST_LINE, Request, socket};
use crate::conductor::unix_now;
use crate::{Event, Observer};

/// People type; scripts wait for their answers.
const MOST_AT_ONCE: usize = 8;
/// A connection that says nothing for so long is closed.
const ASKED_WITHIN: Duration = Duration::from_secs(5);
/// A fault by hand that nobody undoes and no run outlives ends itself after this, where its kind can.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Pause after `accept` failed, which it does while the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Listens until it is closed or dropped; then the socket is gone.
#[derive(Debug)]
pub(crate) struct Control {
    path: PathBuf,
    accepting: JoinHandle<()>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Control {
    /// Listens in the stage's `folder`, which this process holds.
    pub(crate) fn listen(
        folder: &Path,
        injector: Arc<Injector>,
        clock: Clock,
        observer: Arc<dyn Observer>,
    ) -> io::Result<Self> {
        let path = socket(folder);
        // The stage is ours alone: whoever left it there is dead.
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let desk = Desk {
            injector,
            clock,
            observer,
            number: AtomicU32::new(0),
            stop: stop.clone(),
            tasks: tasks.clone(),
            timers: Mutex::default(),
        };
        let accepting = tokio::spawn(accept(listener, Arc::new(desk)));
        Ok(Self { path, accepting, tasks, stop })
    }

    /// Takes no more orders, and returns when those that were taken are carried out: whoever undoes everything after this
    /// undoes them as well.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.accepting.abort();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.stop.cancel();
        self.accepting.abort();
        // Nobody listens there any more; one that stays is removed by the next run.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// What requests are answered with.
struct Desk {
    injector: Arc<Injector>,
    clock: Clock,
    observer: Arc<dyn Observer>,
    number: AtomicU32,
    stop: CancellationToken,
    /// Everything that goes on: answers, acts, timers.
    tasks: TaskTracker,
    /// Of faults that end by themselves: what keeps the timer from ending another one of the same id.
    timers: Mutex<BTreeMap<String, CancellationToken>>,
}

/// The map is whole after every statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: UnixListener, desk: Arc<Desk>) {
    let slots = Arc::new(Semaphore::new(MOST_AT_ONCE));
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                let own = Arc::clone(&desk);
                desk.tasks.spawn(async move {
                    let stop = own.stop.clone();
                    tokio::select! {
                        () = stop.cancelled() => {}
                        // Somebody who hangs up does not want the answer.
                        _ = serve(stream, &own) => {}
                    }
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a request by hand could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(stream: UnixStream, desk: &Arc<Desk>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut text = String::new();
    let mut lines = BufReader::new(read.take(LONGEST_LINE));
    tokio::time::timeout(ASKED_WITHIN, lines.read_line(&mut text)).await??;
    let answer = match serde_json::from_str(&text) {
        Ok(request) => desk.answer(request).await,
        Err(error) => Answer::Refused(format!("that is no request: {error}")),
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    write.write_all(&line).await
}

impl Desk {
    async fn answer(self: &Arc<Self>, request: Request) -> Answer {
        match request {
            Request::Apply { kind, args, id, for_seconds } => match self.fault(kind, args, id, for_seconds) {
                Ok(fault) => self.apply(fault, for_seconds).await,
                Err(reason) => Answer::Refused(reason),
            },
            Request::Undo { id } => match self.applied().iter().any(|a| a.id == id) {
                true => Answer::Undone(vec![self.undo(&id).await]),
                false => Answer::Refused(self.not_in(&id)),
            },
            Request::UndoAll => {
                lock(&self.timers).values().for_each(CancellationToken::cancel);
                let records = self.injector.undo_all().await;
                for record in &records {
                    self.observer.hear(&Event::Restored(record.clone()));
                }
                Answer::Undone(records)
            }
            Request::Status => Answer::Status { minute: self.minute(), applied: self.applied() },
        }
    }

    /// The fault that is asked for, from now on.
    fn fault(
        &self,
        kind: String,
        args: serde_json::Value,
        id: Option<String>,
        for_seconds: Option<f64>,
    ) -> Result<Fault, String> {
        if !faults::Kinds.names().contains(&kind.as_str()) {
            return Err(format!("there is no fault kind {kind}; there are {}", faults::Kinds.names().join(", ")));
        }
        let mistakes = faults::Kinds.check(&kind, &args);
        if !mistakes.is_empty() {
            let all: Vec<String> = mistakes.iter().map(|m| format!("{}: {}", m.message, m.remedy)).collect();
            return Err(all.join("; "));
        }
        let seconds = for_seconds.unwrap_or(LONGEST.as_secs_f64());
        if !(seconds > 0.0 && seconds <= LONGEST.as_secs_f64()) {
            return Err(format!("a fault by hand lasts more than 0 s and at most {} h", LONGEST.as_secs() / 3600));
        }
        let id = id.unwrap_or_else(|| {
            format!("{}-by-hand-{}", kind.replace('_', "-"), self.number.fetch_add(1, Ordering::SeqCst) + 1)
        });
        if self.applied().iter().any(|a| a.id == id) {
            return Err(format!("a fault {id} is in already; undo it, or give another --id"));
        }
        let from = self.minute();
        let until = from + self.clock.minutes_in(seconds);
        Ok(Fault { id, kind, from, until, args, proof: Vec::new() })
    }

    async fn apply(self: &Arc<Self>, fault: Fault, for_seconds: Option<f64>) -> Answer {
        let id = fault.id.clone();
        // A client that hangs up in the middle must not leave half an act: the task goes on without it.
        let desk = Arc::clone(self);
        let act = self.tasks.spawn(async move { desk.injector.apply(&fault, &desk.clock).await });
        let what = match act.await {
            Ok(Ok(applied)) => applied.what,
            Ok(Err(error)) => return Answer::Refused(error.to_string()),
            Err(error) => return Answer::Refused(format!("it broke: {error}")),
        };
        self.tell(&id, "applied by hand", &what);
        if let Some(seconds) = for_seconds {
            let undone = CancellationToken::new();
            lock(&self.timers).insert(id.clone(), undone.clone());
            let (desk, id) = (Arc::clone(self), id.clone());
            self.tasks.spawn(async move {
                let over = tokio::time::sleep(Duration::from_secs_f64(seconds));
                tokio::select! {
                    () = over => drop(desk.undo(&id).await),
                    () = undone.cancelled() => {}
                    // The end of the run undoes it.
                    () = desk.stop.cancelled() => {}
                }
            });
        }
        Answer::Applied { id, what }
    }

    fn not_in(&self, id: &str) -> String {
        let ids: Vec<String> = self.applied().into_iter().map(|a| a.id).collect();
        let there = if ids.is_empty() { "none is".to_owned() } else { format!("there are {}", ids.join(", ")) };
        format!("no fault {id} is in; {there}")
    }

    async fn undo(&self, id: &str) -> scenario::RestoreRecord {
        if let Some(timer) = lock(&self.timers).remove(id) {
            timer.cancel();
        }
        let record = self.injector.undo(id).await;
        self.tell(id, if record.restored { "undone by hand" } else { "NOT UNDONE" }, &record.seen);
        record
    }

    fn applied(&self) -> Vec<AppliedByHand> {
        let all = self.injector.applied().into_iter();
        all.map(|a| AppliedByHand { id: a.id, kind: a.kind, since: a.since }).collect()
    }

    fn minute(&self) -> f64 {
        self.clock.minute_at(unix_now())
    }

    fn tell(&self, id: &str, state: &'static str, seen: &str) {
        self.observer.hear(&Event::Fault { id: id.to_owned(), state, minute: self.minute(), seen: seen.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::protocol::Request;
    use serde_json::json;

    struct Deaf;

    impl Observer for Deaf {
        fn hear(&self, _: &Event) {}
    }

    /// A conductor without parts: it can refuse, and say what is in.
    fn control(folder: &Path) -> Control {
        let target = faults::Target::new("postgres://nobody@127.0.0.1:1/nothing");
        let injector = Injector::open(&folder.join("faults.journal"), target).expect("a journal");
        let clock = Clock { start_unix: unix_now(), speed: 10.0 };
        Control::listen(folder, Arc::new(injector), clock, Arc::new(Deaf)).expect("listens")
    }

    async fn ask(folder: &Path, line: &str) -> Answer {
        let (read, mut write) = UnixStream::connect(socket(folder)).await.expect("somebody listens").into_split();
        write.write_all(format!("{line}\n").as_bytes()).await.expect("sent");
        let mut text = String::new();
        BufReader::new(read).read_line(&mut text).await.expect("answered");
        serde_json::from_str(&text).expect("an answer")
    }

    fn line(request: &Request) -> String {
        serde_json::to_string(request).expect("JSON")
    }

    #[tokio::test]
    async fn what_makes_no_sense_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let _control = control(folder.path());
        let apply =
            |kind: &str, args, for_seconds| line(&Request::Apply { kind: kind.into(), args, id: None, for_seconds });
        let table = [
            ("nonsense".to_owned(), "that is no request"),
            (apply("drop_everything", json!({}), None), "there is no fault kind drop_everything; there are drop_index"),
            (apply("lock_table", json!({"tabel": "orders"}), None), "the argument table is missing"),
            (apply("kill_redis", json!({}), Some(-1.0)), "a fault by hand lasts more than 0 s"),
            (apply("kill_redis", json!({}), Some(1e9)), "a fault by hand lasts more than 0 s"),
        ];
        for (asked, reason) in table {
            let answer = ask(folder.path(), &asked).await;
            assert!(matches!(&answer, Answer::Refused(why) if why.contains(reason)), "{asked}: {answer:?}");
        }
        let answer = ask(folder.path(), &line(&Request::Undo { id: "lck".into() })).await;
        assert_eq!(answer, Answer::Refused("no fault lck is in; none is".into()));
        let answer = ask(folder.path(), &line(&Request::UndoAll)).await;
        assert_eq!(answer, Answer::Undone(Vec::new()), "nothing was put in");
        assert!(
            matches!(ask(folder.path(), &line(&Request::Status)).await, Answer::Status { applied, .. } if applied.is_empty())
        );
    }

    #[tokio::test]
    async fn the_socket_is_its_owners_alone_and_goes_with_the_conductor() {
        let folder = tempfile::tempdir().expect("a folder");
        // A dead conductor left one behind.
        std::fs::write(socket(folder.path()), "").expect("written");
        let control = control(folder.path());
        let mode = std::fs::metadata(socket(folder.path())).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(control);
        assert!(!socket(folder.path()).exists());
    }

    #[tokio::test]
    async fn a_closed_conductor_takes_no_orders_and_has_none_under_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let control = control(folder.path());
        let tasks = control.tasks.clone();
        // Nobody says anything on this connection: its task must not be waited for.
        let _silent = UnixStream::connect(socket(folder.path())).await.expect("somebody listens");
        control.close().await;
        assert!(tasks.is_empty());
        assert!(UnixStream::connect(socket(folder.path())).await.is_err());
    }
}
