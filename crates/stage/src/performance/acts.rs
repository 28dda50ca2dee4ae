//! What is done to faults: applied and undone at their minutes, proved while they are in.

use std::time::Duration;

use scenario::RestoreRecord;

use super::Performance;
use crate::Event;
use crate::conductor::unix_now;
use crate::timeline::Act;

impl Performance<'_> {
    /// Undoes whatever is still applied, and looks at everything that was ever applied. May be called again.
    pub(crate) async fn restore(&mut self) {
        let applied = std::mem::take(&mut self.applied);
        // What panicked once would panic again, and nothing may stand before the undo.
        if !self.has_panicked {
            self.show("restoring", None).await;
            for fault in applied.into_iter().rev() {
                self.end_proofs(fault).await;
            }
        }
        for record in self.injector.undo_all().await {
            self.observer.hear(&Event::Restored(record.clone()));
            // A fault whose undo failed at its minute was tried again: the later word counts.
            self.restored.retain(|r| r.fault != record.fault);
            self.restored.push(record);
        }
    }

    /// What was put back so far.
    pub(crate) fn restored(&self) -> &[RestoreRecord] {
        &self.restored
    }

    /// How long until something is to be done to a fault; an hour at the most.
    pub(super) fn until_next_cue(&self) -> Duration {
        let seconds = self.cues.first().map_or(f64::MAX, |cue| self.clock.unix_at(cue.minute) - unix_now());
        Duration::from_secs_f64(seconds.clamp(0.0, 3600.0))
    }

    pub(super) async fn play_cues(&mut self, minute: f64) {
        while self.cues.first().is_some_and(|cue| cue.minute <= minute) {
            let cue = self.cues.remove(0);
            let fault = &self.scenario.faults[cue.fault];
            let (state, seen) = match cue.act {
                Act::Apply => match self.injector.apply(fault, &self.clock).await {
                    Ok(applied) => {
                        self.applied.push(cue.fault);
                        ("applied", applied.what)
                    }
                    Err(error) => {
                        self.breakages.push(format!("fault {} was not applied: {error}", fault.id));
                        ("failed", error.to_string())
                    }
                },
                Act::Undo if !self.applied.contains(&cue.fault) => continue,
                Act::Undo => {
                    self.end_proofs(cue.fault).await;
                    self.applied.retain(|f| *f != cue.fault);
                    let record = self.injector.undo(&fault.id).await;
                    let state = if record.restored { "undone" } else { "NOT UNDONE" };
                    self.restored.push(record.clone());
                    (state, record.seen)
                }
            };
            self.observer.hear(&Event::Fault { id: fault.id.clone(), state, minute: self.minute(), seen });
        }
    }

    pub(super) async fn prove(&mut self, minute: f64) {
        for fault in self.applied.clone() {
            for proof in self.proofs.open(self.scenario, fault) {
                self.look_at(fault, proof, minute).await;
            }
        }
    }

    async fn end_proofs(&mut self, fault: usize) {
        let minute = self.minute();
        for proof in self.proofs.open(self.scenario, fault) {
            self.look_at(fault, proof, minute).await;
        }
        for failed in self.proofs.settle(self.scenario, fault) {
            self.observer.hear(&Event::Proof(failed));
        }
    }

    async fn look_at(&mut self, fault: usize, proof: usize, minute: f64) {
        let wanted = &self.scenario.faults[fault].proof[proof];
        let (holds, seen) = match self.injector.prove(wanted, &self.scenario.queries).await {
            Ok(sight) => (sight.holds, sight.seen),
            Err(error) => (false, error.to_string()),
        };
        if let Some(record) = self.proofs.note(self.scenario, fault, proof, holds, seen, minute) {
            self.observer.hear(&Event::Proof(record));
        }
    }
}
