//! Applies, proves and undoes the faults of one run.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use scenario::{Clock, Fault, Proof, RestoreRecord};

use crate::database::{Purpose, connect, fence, retrying};
use crate::journal::{Act, Journal, Step};
use crate::kind::{Deed, Moment, PutBack};
use crate::proof::{self, Calibration, Seen};
use crate::{FaultError, Target};

/// A fault that is not in after this is late for its scenario.
const APPLY_WITHIN: Duration = Duration::from_secs(10);
/// A database that restarts is back by then; after it, somebody has to be told what to type.
pub(crate) const UNDO_WITHIN: Duration = Duration::from_secs(30);

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
    /// After an error the fault is not in: either nothing was changed, or it was put back, or (the error of a database
    /// that is away) it stands in the journal and [`Injector::undo_all`] will see to it.
    pub async fn apply(&self, fault: &Fault, clock: &Clock) -> Result<Applied, FaultError> {
        let _turn = self.one_at_a_time.lock().await;
        let deed = Deed::parse(&fault.kind, &fault.args)?;
        let others: Vec<_> = self.journal().contents().open_acts().map(|a| a.undo.clone()).collect();
        let moment = Moment {
            target: &self.target,
            fault: &fault.id,
            from_unix: clock.unix_at(fault.from),
            until_unix: clock.unix_at(fault.until),
            clock,
            others: &others,
        };
        let undo = retrying(APPLY_WITHIN, async |attempt| {
            let mut connection = connect(&self.target, Purpose::Act(attempt)).await?;
            deed.capture(&moment, &mut connection).await
        })
        .await?;
        let act = self.journal().intend(&fault.id, undo.clone())?;
        let done = retrying(APPLY_WITHIN, async |attempt| {
            let mut connection = connect(&self.target, Purpose::Act(attempt)).await?;
            deed.act(&moment, &undo, &mut connection).await
        })
        .await;
        let noted = done.and_then(|what| self.journal().record(act, Step::Applied).map(|()| what));
        match noted {
            Ok(what) => {
                self.count_waiters_from_now(fault).await;
                tracing::info!(fault = fault.id, what, "fault applied");
                Ok(Applied { what })
            }
            Err(error) => {
                tracing::error!(fault = fault.id, %error, "fault could not be applied; putting back what may have been done");
                let undone = Act { number: act, fault: fault.id.clone(), state: crate::journal::State::Intended, undo };
                self.put_back(&undone).await;
                Err(error)
            }
        }
    }

    /// Looks whether `proof` holds at this moment. `queries` are the scenario's statements by name.
    pub async fn prove(&self, proof: &Proof, queries: &IndexMap<String, String>) -> Result<Seen, FaultError> {
        proof::look(&self.target, proof, queries).await
    }

    /// Runs `statement` once, alone, and measures the machine's own share and the whole.
    pub async fn calibration(&self, statement: &str) -> Result<Calibration, FaultError> {
        proof::calibrate(&self.target, statement).await
    }

    /// Undoes the fault with id `fault`. When it can't be done within half a minute, the record says what to type by hand.
    pub async fn undo(&self, fault: &str) -> RestoreRecord {
        let _turn = self.one_at_a_time.lock().await;
        let act = self.journal().contents().open_acts().find(|a| a.fault == fault).cloned();
        match act {
            Some(act) => self.put_back(&act).await,
            None => RestoreRecord { fault: fault.to_owned(), restored: true, seen: "nothing to undo".into() },
        }
    }

    /// Undoes whatever is not undone, the last one first. Empty when nothing is.
    pub async fn undo_all(&self) -> Vec<RestoreRecord> {
        let _turn = self.one_at_a_time.lock().await;
        let acts: Vec<Act> = self.journal().contents().open_acts().cloned().collect();
        let mut records = Vec::new();
        for act in acts {
            records.push(self.put_back(&act).await);
        }
        records
    }

    /// The undo itself never depends on the journal's being writable: an act without its last record is looked at again.
    async fn put_back(&self, act: &Act) -> RestoreRecord {
        self.note(act, Step::Undoing);
        let outcome = retrying(UNDO_WITHIN, async |attempt| {
            let mut connection = connect(&self.target, Purpose::Act(attempt)).await?;
            fence(&mut connection).await?;
            act.undo.put_back(&mut connection).await
        })
        .await;
        match outcome {
            Ok(seen) => {
                self.note(act, Step::Undone { seen: seen.clone() });
                tracing::info!(fault = act.fault, seen, "fault undone");
                RestoreRecord { fault: act.fault.clone(), restored: true, seen }
            }
            Err(error) => {
                let (reason, by_hand) = (error.to_string(), act.undo.by_hand());
                tracing::error!(fault = act.fault, reason, "fault could not be undone");
                self.note(act, Step::UndoFailed { reason: reason.clone(), by_hand: by_hand.clone() });
                RestoreRecord {
                    fault: act.fault.clone(),
                    restored: false,
                    seen: format!("{reason}\ntype by hand:\n{by_hand}"),
                }
            }
        }
    }

    fn note(&self, act: &Act, step: Step) {
        if let Err(error) = self.journal().record(act.number, step) {
            tracing::warn!(fault = act.fault, %error, "the journal could not be written; the undo goes on");
        }
    }

    /// Waiters that a pool had before the fault prove nothing.
    async fn count_waiters_from_now(&self, fault: &Fault) {
        for proof in &fault.proof {
            if let Proof::PoolWaiters { pool, .. } = proof
                && let Err(error) = proof::reset_waiters(&self.target, pool).await
            {
                tracing::warn!(fault = fault.id, %error, "the pool's waiters could not be counted anew");
            }
        }
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
