//! Applies, proves and undoes the faults of one run.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use scenario::{Clock, Fault, Proof, RestoreRecord};

use crate::attempt::Attempt;
use crate::database::{bounded, retrying};
use crate::journal::{Act, Journal, Step};
use crate::kind::{Moment, PutBack};
use crate::kinds::{Deed, Undo};
use crate::proof::{self, Calibration, Seen};
use crate::{AppliedFault, FaultError, Target};

/// Looking costs milliseconds; whoever can't answer within this is no witness.
const PROVE_WITHIN: Duration = Duration::from_secs(10);
/// A fault that is not in after this is late for its scenario.
const APPLY_WITHIN: Duration = Duration::from_secs(10);
/// A database or a service that restarts is back by then; after it, somebody has to be told what to type.
const UNDO_WITHIN: Duration = Duration::from_secs(30);

/// Puts faults into a target and takes them out again. One journal, one injector: the journal is locked while this lives.
///
/// Futures of this type may be dropped at any point: what was begun stands in the journal, and [`Injector::undo_all`]
/// or [`crate::recover`] puts it back. Acts run one after the other.
#[derive(Debug)]
pub struct Injector {
    target: Target,
    journal: Mutex<Journal>,
    one_at_a_time: tokio::sync::Mutex<()>,
}

/// A fault that is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What was done, in words.
    pub what: String,
}

impl Injector {
    /// Opens the journal at `journal`, created if need be; its folder must be there.
    ///
    /// # Errors
    /// [`FaultError::Busy`] while another injector has it, [`FaultError::Unfinished`] when an earlier run left faults in.
    pub fn open(journal: &Path, target: Target) -> Result<Self, FaultError> {
        let journal = Journal::open(journal)?;
        let contents = journal.contents();
        if let Some((line, reason)) = contents.corrupt.first() {
            return Err(FaultError::Corrupt { path: journal.path().to_owned(), line: *line, reason: reason.clone() });
        }
        let faults: Vec<String> = contents.open_acts().map(|a| a.fault.clone()).collect();
        if !faults.is_empty() {
            return Err(FaultError::Unfinished { faults });
        }
        Ok(Self::with(journal, target))
    }

    pub(crate) fn with(journal: Journal, target: Target) -> Self {
        Self { target, journal: Mutex::new(journal), one_at_a_time: tokio::sync::Mutex::new(()) }
    }

    /// Applies `fault`. Its undo is on disk before anything is changed; the fault's times are those of `clock`.
    ///
    /// After an error the fault is not in: either nothing was changed, or it was put back, or (the error of a part that is
    /// away) it stands in the journal and [`Injector::undo_all`] will see to it.
    pub async fn apply(&self, fault: &Fault, clock: &Clock) -> Result<Applied, FaultError> {
        let _turn = self.one_at_a_time.lock().await;
        let deed = Deed::parse(&fault.kind, &fault.args)?;
        let open: Vec<Act> = self.journal().contents().open_acts().cloned().collect();
        if open.iter().any(|act| act.fault == fault.id) {
            return Err(FaultError::refused(format!(
                "a fault {} is in already: undo it first, or give this one another id",
                fault.id
            )));
        }
        let others: Vec<_> = open.into_iter().map(|act| act.undo).collect();
        let moment = Moment {
            fault: &fault.id,
            from_unix: clock.unix_at(fault.from),
            until_unix: clock.unix_at(fault.until),
            clock,
            others: &others,
        };
        let (deed, moment, target) = (&deed, &moment, &self.target);
        let undo =
            &retrying(APPLY_WITHIN, |number| async move { deed.capture(moment, &Attempt::act(target, number)).await })
                .await?;
        let act = self.journal().intend(&fault.id, undo.clone())?;
        let done =
            retrying(APPLY_WITHIN, |number| async move { deed.act(moment, undo, &Attempt::act(target, number)).await })
                .await;
        let noted = done.and_then(|what| self.journal().record(act, Step::Applied).map(|()| what));
        match noted {
            Ok(what) => {
                self.count_from_now(fault).await;
                tracing::info!(fault = fault.id, what, "fault applied");
                Ok(Applied { what })
            }
            Err(error) => {
                tracing::error!(fault = fault.id, %error, "fault could not be applied; putting back what may have been done");
                self.put_back(act, &fault.id, undo).await;
                Err(error)
            }
        }
    }

    /// Looks whether `proof` holds at this moment. `queries` are the scenario's statements by name.
    pub async fn prove(&self, proof: &Proof, queries: &IndexMap<String, String>) -> Result<Seen, FaultError> {
        bounded(PROVE_WITHIN, proof::look(&self.target, proof, queries)).await
    }

    /// Runs `statement` once, alone, and measures the machine's own share and the whole.
    pub async fn calibration(&self, statement: &str) -> Result<Calibration, FaultError> {
        proof::calibrate(&self.target, statement).await
    }

    /// The faults that are in, or may be, the first one first.
    pub fn applied(&self) -> Vec<AppliedFault> {
        let mut faults: Vec<_> = self.journal().contents().open_acts().map(AppliedFault::of).collect();
        faults.reverse();
        faults
    }

    /// Undoes the fault with id `fault`. When it can't be done within half a minute, the record says what to type by hand.
    pub async fn undo(&self, fault: &str) -> RestoreRecord {
        let _turn = self.one_at_a_time.lock().await;
        let act = self.journal().contents().open_acts().find(|a| a.fault == fault).cloned();
        match act {
            Some(act) => self.put_back(act.number, &act.fault, &act.undo).await,
            None => RestoreRecord { fault: fault.to_owned(), restored: true, seen: "nothing to undo".into() },
        }
    }

    /// Undoes whatever is not undone, the last one first. Empty when nothing is.
    pub async fn undo_all(&self) -> Vec<RestoreRecord> {
        let _turn = self.one_at_a_time.lock().await;
        let acts: Vec<Act> = self.journal().contents().open_acts().cloned().collect();
        let mut records = Vec::new();
        for act in acts {
            records.push(self.put_back(act.number, &act.fault, &act.undo).await);
        }
        records
    }

    /// The undo itself never depends on the journal's being writable: an act without its last record is looked at again.
    async fn put_back(&self, act: u64, fault: &str, undo: &Undo) -> RestoreRecord {
        self.note(act, fault, Step::Undoing);
        let target = &self.target;
        let attempt = |number| async move { undo.put_back(&Attempt::undo(target, number)).await };
        let outcome = retrying(UNDO_WITHIN, attempt).await;
        let fault = fault.to_owned();
        match outcome {
            Ok(seen) => {
                self.note(act, &fault, Step::Undone { seen: seen.clone() });
                tracing::info!(fault, seen, "fault undone");
                RestoreRecord { fault, restored: true, seen }
            }
            Err(error) => {
                let (reason, by_hand) = (error.to_string(), undo.by_hand());
                tracing::error!(fault, reason, "fault could not be undone");
                let seen = format!("{reason}\ntype by hand:\n{by_hand}");
                self.note(act, &fault, Step::UndoFailed { reason, by_hand });
                RestoreRecord { fault, restored: false, seen }
            }
        }
    }

    fn note(&self, act: u64, fault: &str, step: Step) {
        if let Err(error) = self.journal().record(act, step) {
            tracing::warn!(fault, %error, "the journal could not be written; the undo goes on");
        }
    }

    /// What a peak was before the fault proves nothing.
    async fn count_from_now(&self, fault: &Fault) {
        for proof in &fault.proof {
            if let Err(error) = proof::count_from_now(&self.target, proof).await {
                tracing::warn!(fault = fault.id, %error, "a peak could not be counted anew");
            }
        }
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The conductor applies and undoes in tasks of their own: this does not compile otherwise.
    #[expect(dead_code, reason = "it is enough that it compiles")]
    fn everything_can_be_done_in_a_task(injector: &Injector, fault: &Fault, clock: &Clock, proof: &Proof) {
        fn sent<T: Send>(_: T) {}
        sent(injector.apply(fault, clock));
        sent(injector.undo_all());
        sent(injector.undo("x"));
        let none = IndexMap::new();
        sent(injector.prove(proof, &none));
    }
}
