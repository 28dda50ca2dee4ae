//! `pause_service`: a process stands still and keeps everything it has, as in a long collection of garbage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment, PutBack};
use crate::{FaultError, ProcessId, ProcessSignal};

use super::kill_service::{running, signalled};

/// Stops the process of a service without ending it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseService {
    /// The service.
    service: String,
}

/// Who stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PausedUndo {
    process: String,
    /// The number alone may be another process's by then.
    id: ProcessId,
}

impl Kind for PauseService {
    const NAME: &'static str = "pause_service";
    const SUMMARY: &'static str = "stops the process of a service without ending it";
    type Undo = PausedUndo;

    fn example() -> Value {
        json!({"service": "payment-service"})
    }

    fn check(arguments: &mut Arguments<'_>) {
        arguments.service("service");
    }

    async fn capture(&self, _: &Moment<'_>, attempt: &Attempt<'_>) -> Result<PausedUndo, FaultError> {
        let (_, id) = running(&self.service, attempt)?;
        if id.is_stopped() {
            return Err(FaultError::refused(format!("{} stands still already: let it go on first", self.service)));
        }
        Ok(PausedUndo { process: self.service.clone(), id })
    }

    async fn act(&self, _: &Moment<'_>, undo: &PausedUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let (processes, id) = running(&undo.process, attempt)?;
        if id != undo.id {
            // The record says whom to wake: it must be the one that sleeps.
            return Err(FaultError::refused(format!("{} was started again in this moment", undo.process)));
        }
        signalled(processes, &undo.process, ProcessSignal::Pause).await?;
        Ok(format!("{} (process {}) stands still", undo.process, id.pid))
    }
}

impl PutBack for PausedUndo {
    async fn put_back(&self, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let Self { process, id } = self;
        let trouble = |reason: String| FaultError::Process { process: process.clone(), reason };
        if !id.is_alive() {
            return Ok(format!("process {} of {process} is gone", id.pid));
        }
        match attempt.processes().filter(|processes| processes.id(process) == Some(*id)) {
            Some(processes) => {
                signalled(processes, process, ProcessSignal::Resume).await?;
            }
            // Its conductor died: it may have its end pending, which it can't receive while it stands still.
            None => id.resume().map_err(|error| trouble(error.to_string()))?,
        }
        match id.is_stopped() {
            true => Err(trouble(format!("process {} still stands still", id.pid))),
            false => Ok(format!("{process} (process {}) goes on", id.pid)),
        }
    }

    fn by_hand(&self) -> String {
        format!("kill -CONT {}    # if that is still {}", self.id.pid, self.process)
    }
}
