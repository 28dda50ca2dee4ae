//! Whether statements that wait for a target reach it on this machine, looked at while the fault is in.

use std::sync::Arc;
use std::time::Duration;

use faults::{Calibration, FaultError, Injector};
use scenario::{Curve, Scenario};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The kind of fault that has a target.
const STORAGE_WAIT: &str = "storage_wait";
/// The kind without which it does not wait.
const DROP_INDEX: &str = "drop_index";
/// Between two looks: each holds a session of its own for a whole service time.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// A wait ends at its target or because the index is there, so a statement under this share of its target did not wait.
const DID_NOT_WAIT: f64 = 0.9;

/// One statement, run alone beside the shop's own while its fault was in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibrationLook {
    /// The fault's id.
    pub fault: String,
    /// Scenario minute.
    pub minute: f64,
    /// What the scenario asks for, in milliseconds.
    pub target_ms: f64,
    /// Until its rows were found and sorted, in milliseconds: what this machine takes. Over the target it is overshoot.
    pub scan_ms: f64,
    /// All of it, the wait included, in milliseconds.
    pub total_ms: f64,
}

impl CalibrationLook {
    /// How much longer than the target the scan alone took, in milliseconds; none if it was not.
    pub fn overshoot_ms(&self) -> Option<f64> {
        self.measured().overshoot_ms(self.target_ms)
    }

    /// How far the whole is from the target, as a share of it.
    pub fn deviation(&self) -> f64 {
        self.measured().deviation(self.target_ms)
    }

    fn measured(&self) -> Calibration {
        Calibration { scan_ms: self.scan_ms, total_ms: self.total_ms }
    }
}

/// A fault with a target whose statement the scenario names: a query called like the fault's queue.
#[derive(Debug)]
struct Subject {
    fault: String,
    statement: String,
    target_ms: Curve,
    /// Faults that drop the index whose absence makes it wait; empty where somebody else does.
    dropped_by: Vec<String>,
}

impl Subject {
    fn waits(&self, applied: &[&str]) -> bool {
        let is_in = |fault: &String| applied.contains(&fault.as_str());
        is_in(&self.fault) && (self.dropped_by.is_empty() || self.dropped_by.iter().any(is_in))
    }
}

/// Of the arguments of `storage_wait`, what matters here.
#[derive(Deserialize)]
struct Target {
    queue: String,
    while_missing: String,
    service_time_ms: Curve,
}

/// Of the arguments of `drop_index`, what matters here.
#[derive(Deserialize)]
struct Dropped {
    indexes: Vec<String>,
}

/// Faults that drop `index`.
fn dropped_by(scenario: &Scenario, index: &String) -> Vec<String> {
    let drops = scenario.faults.iter().filter(|f| f.kind == DROP_INDEX);
    let drops = drops.filter(|f| Dropped::deserialize(&f.args).is_ok_and(|d| d.indexes.contains(index)));
    drops.map(|f| f.id.clone()).collect()
}

/// Looks at one statement at a time, beside the run.
#[derive(Debug)]
pub(crate) struct Calibrator {
    injector: Arc<Injector>,
    subjects: Vec<Subject>,
    next: usize,
    last: Option<Instant>,
    looking: Option<Looking>,
    looks: Vec<CalibrationLook>,
}

#[derive(Debug)]
struct Looking {
    subject: usize,
    minute: f64,
    task: JoinHandle<Result<Calibration, FaultError>>,
}

impl Calibrator {
    pub(crate) fn new(scenario: &Scenario, injector: Arc<Injector>) -> Self {
        let waits = scenario.faults.iter().filter(|f| f.kind == STORAGE_WAIT);
        let subjects = waits.filter_map(|fault| {
            let target = Target::deserialize(&fault.args).ok()?;
            let statement = scenario.queries.get(&target.queue)?.clone();
            let dropped_by = dropped_by(scenario, &target.while_missing);
            Some(Subject { fault: fault.id.clone(), statement, target_ms: target.service_time_ms, dropped_by })
        });
        Self { injector, subjects: subjects.collect(), next: 0, last: None, looking: None, looks: Vec::new() }
    }

    /// What was found so far.
    pub(crate) fn looks(&self) -> &[CalibrationLook] {
        &self.looks
    }

    /// Takes in a look that is done, and begins the next one if it is time. Returns words where the machine is too slow
    /// for the target and that was not said of this fault before. Does not wait for a statement.
    pub(crate) async fn look(&mut self, minute: f64, applied: &[&str]) -> Option<String> {
        let said = if self.looking.as_ref().is_some_and(|looking| looking.task.is_finished()) {
            let looking = self.looking.take()?;
            // An index that came back meanwhile ended the wait.
            if self.subjects[looking.subject].waits(applied) { self.take_in(looking).await } else { None }
        } else {
            None
        };
        let is_time = self.last.is_none_or(|last| last.elapsed() >= LOOK_EVERY);
        if self.looking.is_none() && is_time {
            self.begin(minute, applied);
        }
        said
    }

    fn begin(&mut self, minute: f64, applied: &[&str]) {
        let order = (0..self.subjects.len()).map(|n| (self.next + n) % self.subjects.len());
        let Some(subject) = order.clone().find(|n| self.subjects[*n].waits(applied)) else { return };
        self.next = subject + 1;
        self.last = Some(Instant::now());
        let (injector, statement) = (Arc::clone(&self.injector), self.subjects[subject].statement.clone());
        let task = tokio::spawn(async move { injector.calibration(&statement).await });
        self.looking = Some(Looking { subject, minute, task });
    }

    async fn take_in(&mut self, looking: Looking) -> Option<String> {
        let subject = &self.subjects[looking.subject];
        // A look that failed says nothing about the machine; proofs say whether the fault is in.
        let Ok(Ok(found)) = looking.task.await else { return None };
        // It ended long before its target: it did not wait, because somebody made the index. Proofs say so.
        if found.total_ms < DID_NOT_WAIT * subject.target_ms.at(looking.minute) {
            return None;
        }
        let look = CalibrationLook {
            fault: subject.fault.clone(),
            minute: looking.minute,
            target_ms: subject.target_ms.at(looking.minute),
            scan_ms: found.scan_ms,
            total_ms: found.total_ms,
        };
        let first = !self.looks.iter().any(|l| l.fault == look.fault && l.overshoot_ms().is_some());
        let said = look.overshoot_ms().filter(|_| first).map(|over| {
            format!(
                "overshoot: the scan alone took {:.0} ms, {over:.0} ms more than the target of {}: this machine is slower than the scenario asks",
                look.scan_ms, look.fault
            )
        });
        self.looks.push(look);
        said
    }
}

impl Drop for Calibrator {
    fn drop(&mut self) {
        if let Some(looking) = &self.looking {
            looking.task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(target_ms: f64, scan_ms: f64, total_ms: f64) -> CalibrationLook {
        CalibrationLook { fault: "slow-storage".into(), minute: 20.0, target_ms, scan_ms, total_ms }
    }

    #[test]
    fn a_statement_waits_while_both_the_wait_and_the_missing_index_are_in() {
        let subject = |dropped_by: &[&str]| Subject {
            fault: "wait".into(),
            statement: String::new(),
            target_ms: Curve::new(vec![(0.0, 1.0)]).expect("a curve"),
            dropped_by: dropped_by.iter().map(ToString::to_string).collect(),
        };
        let table = [
            (&["index"][..], &["wait", "index"][..], true),
            (&["index"], &["wait"], false),
            (&["index"], &["index"], false),
            (&[], &["wait"], true),
        ];
        for (dropped_by, applied, waits) in table {
            assert_eq!(subject(dropped_by).waits(applied), waits, "{dropped_by:?} {applied:?}");
        }
    }

    #[test]
    fn overshoot_is_the_scan_beyond_the_target_and_never_the_wait() {
        assert_eq!(look(520.0, 40.0, 530.0).overshoot_ms(), None);
        assert_eq!(look(520.0, 700.0, 705.0).overshoot_ms(), Some(180.0));
        assert!((look(500.0, 40.0, 510.0).deviation() - 0.02).abs() < 1e-9);
    }
}
