//! `kill_service`: the process of a service is gone, as after the kernel ran out of memory.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment, PutBack};
use crate::{FaultError, ProcessId, ProcessSignal, Processes};

/// A service starts in a tenth of a second, Redis too; this is for a machine that is busy.
const START_WITHIN: Duration = Duration::from_secs(15);
/// A process that was killed is gone after this; the kernel needs a tenth of it to take its memory back.
const DYING: Duration = Duration::from_millis(50);

/// Kills the process of a service.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KillService {
    /// The service.
    service: String,
}

/// Who was killed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KilledUndo {
    process: String,
    /// As it was; the next one has another.
    id: ProcessId,
}

impl KilledUndo {
    /// Looks for the process `process`, which must run.
    pub(super) fn capture(process: &str, attempt: &Attempt<'_>) -> Result<Self, FaultError> {
        let (_, id) = running(process, attempt)?;
        Ok(Self { process: process.to_owned(), id })
    }

    /// Kills it.
    pub(super) async fn kill(&self, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let words = |id: ProcessId| Ok(format!("killed {} (process {})", self.process, id.pid));
        let processes = whoever_runs(&self.process, attempt)?;
        // An earlier attempt may have got through.
        if processes.id(&self.process).is_none() {
            return words(self.id);
        }
        words(signalled(processes, &self.process, ProcessSignal::Kill).await?)
    }
}

/// Whoever runs the processes of this target.
pub(super) fn whoever_runs<'a>(process: &str, attempt: &Attempt<'a>) -> Result<&'a dyn Processes, FaultError> {
    attempt.processes().ok_or_else(|| {
        FaultError::refused(format!(
            "nobody here runs the process {process}: this kind works where Doorbuster started it"
        ))
    })
}

/// The process `process`, which must run, and who runs it.
pub(super) fn running<'a>(process: &str, attempt: &Attempt<'a>) -> Result<(&'a dyn Processes, ProcessId), FaultError> {
    let processes = whoever_runs(process, attempt)?;
    match processes.id(process) {
        Some(id) => Ok((processes, id)),
        None => Err(FaultError::refused(format!(
            "no process {process} of this stage runs: name one that does; what the stage was given, such as a Redis by \
             --redis-url, is not its to touch"
        ))),
    }
}

pub(super) async fn signalled(
    processes: &dyn Processes,
    process: &str,
    signal: ProcessSignal,
) -> Result<ProcessId, FaultError> {
    let sent = processes.signal(process, signal).await;
    sent.map_err(|reason| FaultError::Process { process: process.to_owned(), reason })
}

impl Kind for KillService {
    const NAME: &'static str = "kill_service";
    const SUMMARY: &'static str = "kills the process of a service";
    type Undo = KilledUndo;

    fn example() -> Value {
        json!({"service": "cart"})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.service("service");
    }

    async fn capture(&self, _: &Moment<'_>, attempt: &Attempt<'_>) -> Result<KilledUndo, FaultError> {
        KilledUndo::capture(&self.service, attempt)
    }

    async fn act(&self, _: &Moment<'_>, undo: &KilledUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        undo.kill(attempt).await
    }
}

impl PutBack for KilledUndo {
    async fn put_back(&self, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let process = &self.process;
        let Some(processes) = attempt.processes() else {
            return Ok(format!("the stage that ran {process} is gone: there is nothing to start again"));
        };
        if processes.id(process) == Some(self.id) {
            // Whoever sent the signal may not have waited for its effect.
            sleep(DYING).await;
        }
        match processes.id(process) {
            Some(id) if id == self.id => {
                return Ok(format!("{process} still runs as process {}: it was not killed", id.pid));
            }
            // It runs again, or does not yet: either way it is back only when it answers, which `start` waits for.
            _ => {}
        }
        let trouble = |reason: String| FaultError::Process { process: process.clone(), reason };
        let started = timeout(START_WITHIN, processes.start(process)).await;
        let said = started.unwrap_or_else(|_| Err(format!("it did not start within {} s", START_WITHIN.as_secs())));
        let said = said.map_err(trouble)?;
        match processes.id(process) {
            Some(_) => Ok(said),
            None => Err(trouble(format!("it ended again at once: {said}"))),
        }
    }

    fn by_hand(&self) -> String {
        format!("end the stage (Ctrl-C where it runs) and start it again: {} is one of its processes", self.process)
    }
}
