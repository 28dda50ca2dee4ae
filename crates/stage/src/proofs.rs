//! Keeps track of what each applied fault must still show. Pure bookkeeping; who looks is the conductor.

use scenario::{ProofRecord, Scenario};

/// One proof of one fault, and what was seen of it last.
#[derive(Debug, Clone)]
struct Tracked {
    fault: usize,
    proof: usize,
    claim: String,
    last: Option<Seen>,
    settled: bool,
}

#[derive(Debug, Clone)]
struct Seen {
    holds: bool,
    seen: String,
    minute: f64,
}

/// What stands for the sight of a proof at which nobody looked.
pub(crate) const NEVER_LOOKED_AT: &str = "never looked at";

/// All proofs of a scenario.
///
/// A state (a plan, an index) must hold when it is first looked at after the fault and again just before its undo: one that
/// somebody healed half-way is not proved. A peak (waiters of a pool) has to be seen once.
#[derive(Debug, Clone)]
pub(crate) struct Proofs(Vec<Tracked>);

impl Proofs {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let all = scenario.faults.iter().enumerate().flat_map(|(fault, f)| {
            f.proof.iter().enumerate().map(move |(proof, p)| Tracked {
                fault,
                proof,
                claim: p.claim(),
                last: None,
                settled: false,
            })
        });
        Self(all.collect())
    }

    /// Proofs of `fault` that are worth looking at now, as indexes into its `proof` list.
    pub(crate) fn open(&self, scenario: &Scenario, fault: usize) -> Vec<usize> {
        let mine = self.0.iter().filter(|t| t.fault == fault && !t.settled);
        let held = |t: &Tracked| t.last.as_ref().is_some_and(|last| last.holds);
        let worth = |t: &&Tracked| !(held(t) && scenario.faults[fault].proof[t.proof].holds_at_some_moment());
        mine.filter(worth).map(|t| t.proof).collect()
    }

    /// Takes note of a look. Returns the record if this is the first time that the proof holds.
    pub(crate) fn note(
        &mut self,
        scenario: &Scenario,
        fault: usize,
        proof: usize,
        holds: bool,
        seen: String,
        minute: f64,
    ) -> Option<ProofRecord> {
        let tracked = self.0.iter_mut().find(|t| t.fault == fault && t.proof == proof)?;
        let first = holds && !tracked.last.as_ref().is_some_and(|l| l.holds);
        tracked.last = Some(Seen { holds, seen, minute });
        first.then(|| record(scenario, tracked))
    }

    /// Ends the proofs of `fault`: what was seen last counts. Returns those that fail.
    pub(crate) fn settle(&mut self, scenario: &Scenario, fault: usize) -> Vec<ProofRecord> {
        let mine = self.0.iter_mut().filter(|t| t.fault == fault && !t.settled);
        mine.map(|t| {
            t.settled = true;
            record(scenario, t)
        })
        .filter(|r| !r.holds)
        .collect()
    }

    /// Those that hold, and all.
    pub(crate) fn count(&self) -> (usize, usize) {
        (self.0.iter().filter(|t| t.last.as_ref().is_some_and(|l| l.holds)).count(), self.0.len())
    }

    /// Every proof, as seen last.
    pub(crate) fn records(&self, scenario: &Scenario) -> Vec<ProofRecord> {
        self.0.iter().map(|t| record(scenario, t)).collect()
    }

    /// Whether a proof was looked at, in the order of [`Proofs::records`].
    pub(crate) fn looked_at(&self) -> Vec<bool> {
        self.0.iter().map(|t| t.last.is_some()).collect()
    }
}

fn record(scenario: &Scenario, tracked: &Tracked) -> ProofRecord {
    let fault = &scenario.faults[tracked.fault];
    let (holds, seen, minute) = match &tracked.last {
        Some(last) => (last.holds, last.seen.clone(), last.minute),
        None => (false, NEVER_LOOKED_AT.to_owned(), fault.from),
    };
    ProofRecord { fault: fault.id.clone(), claim: tracked.claim.clone(), holds, seen, minute }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn black_friday() -> Scenario {
        let text = scenario::shipped().iter().find(|(name, _)| *name == "black-friday").expect("shipped").1;
        scenario::parse(text, &faults::Kinds).expect("the shipped file is right")
    }

    /// Positions of the faults that drop the index and hold the statement.
    fn index_and_wait(scenario: &Scenario) -> (usize, usize) {
        let position = |id| scenario.faults.iter().position(|f| f.id == id).expect("the shipped file has it");
        (position("missing-index"), position("slow-storage"))
    }

    #[test]
    fn a_proof_that_nobody_looked_at_does_not_hold() {
        let scenario = black_friday();
        let proofs = Proofs::of(&scenario);
        assert!(proofs.records(&scenario).iter().all(|r| !r.holds && r.seen == NEVER_LOOKED_AT));
    }

    #[test]
    fn a_state_that_was_healed_before_the_undo_does_not_hold() {
        let scenario = black_friday();
        let (index, _) = index_and_wait(&scenario);
        let mut proofs = Proofs::of(&scenario);
        assert!(proofs.note(&scenario, index, 0, true, "gone".into(), 15.1).is_some());
        proofs.note(&scenario, index, 0, false, "it is back".into(), 29.9);
        let failed = proofs.settle(&scenario, index);
        assert!(failed.iter().any(|r| r.seen == "it is back"), "{failed:?}");
    }

    #[test]
    fn every_fault_is_asked_for_its_own_proofs_only() {
        let scenario = black_friday();
        let (index, wait) = index_and_wait(&scenario);
        let proofs = Proofs::of(&scenario);
        assert_eq!((proofs.open(&scenario, index), proofs.open(&scenario, wait)), (vec![0, 1], vec![0]));
    }

    #[test]
    fn a_peak_counts_once_it_was_seen() {
        let scenario = black_friday();
        let (_, wait) = index_and_wait(&scenario);
        let mut proofs = Proofs::of(&scenario);
        assert!(proofs.note(&scenario, wait, 0, true, "31 waited".into(), 16.0).is_some());
        assert!(proofs.open(&scenario, wait).is_empty(), "there is nothing left to look for");
        assert!(proofs.settle(&scenario, wait).is_empty());
    }
}
