//! Putting back what a process that is gone had done.

use std::fmt;
use std::path::Path;

use scenario::RestoreRecord;

use crate::journal::{self, Journal};
use crate::{FaultError, Injector, Target};

/// What a recovery did. Its display is for people.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recovery {
    /// Faults that are undone now, in the order in which it was done.
    pub undone: Vec<RestoreRecord>,
    /// Faults that are not, each with what to type by hand.
    pub failed: Vec<RestoreRecord>,
}

impl Recovery {
    /// Whether there was nothing to put back.
    pub fn nothing_to_do(&self) -> bool {
        self.undone.is_empty() && self.failed.is_empty()
    }
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nothing_to_do() {
            return write!(f, "nothing to do: every fault is undone");
        }
        let undone = self.undone.iter().map(|r| format!("undone  {}: {}", r.fault, r.seen));
        let failed = self.failed.iter().map(|r| format!("FAILED  {}: {}", r.fault, r.seen));
        f.write_str(&undone.chain(failed).collect::<Vec<_>>().join("\n"))
    }
}

/// Whether the journal at `journal` holds anything that may have to be put back. Takes no lock and changes nothing.
pub fn needs_recovery(journal: &Path) -> Result<bool, FaultError> {
    let contents = journal::read(journal)?;
    Ok(contents.open_acts().next().is_some() || !contents.corrupt.is_empty())
}

/// Undoes everything that the journal at `journal` says may not be undone. A journal that is not there is nothing to do.
///
/// Running it again is safe. A line that can't be read is reported as failed and hides no other.
///
/// # Errors
/// [`FaultError::Busy`] while a conductor has the journal.
pub async fn recover(journal: &Path, target: &Target) -> Result<Recovery, FaultError> {
    if !journal.exists() {
        return Ok(Recovery::default());
    }
    let journal = Journal::open(journal)?;
    let unreadable: Vec<RestoreRecord> =
        journal.contents().corrupt.iter().map(|(line, reason)| unreadable(&journal, *line, reason)).collect();
    let records = Injector::with(journal, target.clone()).undo_all().await;
    let (undone, mut failed): (Vec<_>, Vec<_>) = records.into_iter().partition(|r| r.restored);
    failed.extend(unreadable);
    Ok(Recovery { undone, failed })
}

fn unreadable(journal: &Journal, line: usize, reason: &str) -> RestoreRecord {
    let path = journal.path().display();
    RestoreRecord {
        fault: format!("line {line} of {path}"),
        restored: false,
        seen: format!("not a record ({reason}): see by hand what it was about, then remove the line"),
    }
}
