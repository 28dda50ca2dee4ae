//! The Stage page of the console, and the snapshot for whoever watches.

use scenario::{ProofRecord, Verdict};

use super::Performance;
use crate::cast::console_url;
use crate::{Event, play, snapshot};

impl Performance<'_> {
    /// The last word on the Stage page.
    pub(crate) async fn show_verdict(&mut self, verdict: Option<&Verdict>) {
        if self.has_panicked {
            return;
        }
        self.show("finished", verdict).await;
    }

    pub(super) async fn show(&mut self, status: &str, verdict: Option<&Verdict>) {
        let minute = self.minute();
        let applied: Vec<String> = self.applied.iter().map(|f| self.scenario.faults[*f].id.clone()).collect();
        let snapshot = snapshot::take(
            self.scenario,
            self.clock,
            minute,
            &self.load,
            self.prediction,
            &self.alerts,
            applied,
            self.proofs.count(),
        );
        self.observer.hear(&Event::Tick(snapshot.clone()));
        let proofs: Vec<(ProofRecord, bool)> =
            self.proofs.records(self.scenario).into_iter().zip(self.proofs.looked_at()).collect();
        let play = play::of(play::Scene {
            scenario: self.scenario,
            run_id: &self.run_id,
            clock: self.clock,
            minute,
            status,
            prediction: self.prediction,
            snapshot: &snapshot,
            proofs: &proofs,
            load: &self.load,
            verdict,
        });
        let url = format!("{}/api/stage", console_url(self.options));
        // The page is for people; a run does not depend on it.
        let _ = self.client.post(url).json(&play).send().await;
    }
}
