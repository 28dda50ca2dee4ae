//! The scenario's minutes as they pass: cues at their time, proofs, alerts, measurements.

use std::sync::Arc;
use std::time::Duration;

use console::api::Alert;
use faults::Injector;
use indexmap::IndexMap;
use parts::Child;
use scenario::{AlertEvent, Clock, Evidence, LoadReport, Prediction, ProofRecord, RestoreRecord, Scenario, Verdict};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::cast::console_url;
use crate::conductor::unix_now;
use crate::footprint::{self, Footprint};
use crate::load_client::{get_json, measurements};
use crate::proofs::Proofs;
use crate::run_folder::Ended;
use crate::timeline::{Act, Cue, cues};
use crate::{Event, Observer, Options, play, services, snapshot};

/// Alerts are heard of this soon.
const TICK: Duration = Duration::from_millis(250);
/// Measurements, proofs and the Stage page: every so many ticks.
const TICKS_PER_LOOK: u64 = 4;
/// Memory: every so many ticks.
const TICKS_PER_FOOTPRINT: u64 = 20;
/// After the last minute, answers that are still due are waited for so long.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_secs(25);

/// A run in progress.
pub(crate) struct Performance<'a> {
    options: &'a Options,
    scenario: &'a Scenario,
    clock: Clock,
    prediction: &'a Prediction,
    injector: Injector,
    client: reqwest::Client,
    observer: Arc<dyn Observer>,
    begun: Instant,
    run_id: String,
    cues: Vec<Cue>,
    applied: Vec<usize>,
    proofs: Proofs,
    alerts: Vec<AlertEvent>,
    alert_seq: u64,
    load: LoadReport,
    restored: Vec<RestoreRecord>,
    breakages: Vec<String>,
    first_trace: Option<Duration>,
    footprints: IndexMap<String, Footprint>,
}

impl<'a> Performance<'a> {
    #[expect(clippy::too_many_arguments, reason = "it is made once, from what the conductor set up")]
    pub(crate) fn new(
        options: &'a Options,
        clock: Clock,
        prediction: &'a Prediction,
        injector: Injector,
        client: reqwest::Client,
        observer: Arc<dyn Observer>,
        begun: Instant,
        run_id: String,
    ) -> Self {
        let scenario = &options.scenario;
        Self {
            options,
            scenario,
            clock,
            prediction,
            injector,
            client,
            observer,
            begun,
            run_id,
            cues: cues(scenario),
            applied: Vec::new(),
            proofs: Proofs::of(scenario),
            alerts: Vec::new(),
            alert_seq: 0,
            load: LoadReport::default(),
            restored: Vec::new(),
            breakages: Vec::new(),
            first_trace: None,
            footprints: IndexMap::new(),
        }
    }

    /// Plays to the last minute, or until interrupted or broken.
    pub(crate) async fn play(&mut self, children: &[&Child], interrupt: &CancellationToken) -> Ended {
        let mut ticker = interval(TICK);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut ticks: u64 = 0;
        let mut over_since: Option<Instant> = None;
        loop {
            tokio::select! {
                () = interrupt.cancelled() => return Ended::Interrupted,
                () = tokio::time::sleep(self.until_next_cue()) => {
                    self.play_cues(self.minute()).await;
                    continue;
                }
                _ = ticker.tick() => ticks += 1,
            }
            let minute = self.minute();
            self.hear_alerts().await;
            if self.first_trace.is_none() {
                self.look_for_the_first_trace().await;
            }
            if ticks.is_multiple_of(TICKS_PER_LOOK) {
                self.measure().await;
                self.prove(minute).await;
                self.show("running", None).await;
            }
            if ticks.is_multiple_of(TICKS_PER_FOOTPRINT) {
                self.weigh(minute);
            }
            if self.note_deaths(children) {
                return Ended::Broke;
            }
            if minute >= self.scenario.minutes {
                let since = *over_since.get_or_insert_with(Instant::now);
                if self.load.finished || since.elapsed() > LAST_ANSWERS_WITHIN {
                    return Ended::Finished;
                }
            }
        }
    }

    /// Takes note that playing ended in a panic.
    pub(crate) fn note_panic(&mut self, panic: &(dyn std::any::Any + Send)) -> Ended {
        let words =
            panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let breakage = format!("the conductor panicked: {}", words.unwrap_or("without a word"));
        self.observer.hear(&Event::Note(breakage.clone()));
        self.breakages.push(breakage);
        Ended::Broke
    }

    /// Undoes whatever is still applied, and looks at everything that was ever applied.
    pub(crate) async fn restore(&mut self) -> Vec<RestoreRecord> {
        self.show("restoring", None).await;
        for fault in std::mem::take(&mut self.applied).into_iter().rev() {
            self.end_proofs(fault).await;
        }
        for record in self.injector.undo_all().await {
            self.observer.hear(&Event::Restored(record.clone()));
            // A fault whose undo failed at its minute was tried again: the later word counts.
            self.restored.retain(|r| r.fault != record.fault);
            self.restored.push(record);
        }
        self.restored.clone()
    }

    /// Everything that was measured.
    pub(crate) fn evidence(&self) -> Evidence {
        Evidence {
            load: self.load.clone(),
            alerts: self.alerts.clone(),
            proofs: self.proofs.records(self.scenario),
            restored: self.restored.clone(),
            breakages: self.breakages.clone(),
        }
    }

    pub(crate) fn first_trace_seconds(&self) -> Option<f64> {
        self.first_trace.map(|took| took.as_secs_f64())
    }

    pub(crate) fn footprint_by_phase(&self) -> &IndexMap<String, Footprint> {
        &self.footprints
    }

    /// The last word on the Stage page.
    pub(crate) async fn show_verdict(&mut self, verdict: Option<&Verdict>) {
        self.show("finished", verdict).await;
    }

    fn minute(&self) -> f64 {
        self.clock.minute_at(unix_now())
    }

    /// How long until something is to be done to a fault; an hour at the most.
    fn until_next_cue(&self) -> Duration {
        let seconds = self.cues.first().map_or(f64::MAX, |cue| self.clock.unix_at(cue.minute) - unix_now());
        Duration::from_secs_f64(seconds.clamp(0.0, 3600.0))
    }

    async fn play_cues(&mut self, minute: f64) {
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

    async fn prove(&mut self, minute: f64) {
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

    async fn hear_alerts(&mut self) {
        let url = format!("{}/api/alerts?since={}", console_url(self.options), self.alert_seq);
        // A console that does not answer now is asked again in a moment; one that died is a breakage of its own.
        let Ok(heard) = get_json::<Vec<Alert>>(&self.client, &url).await else { return };
        for alert in heard {
            self.alert_seq = self.alert_seq.max(alert.seq);
            let event = play::alert_event(&alert, self.clock);
            self.observer.hear(&Event::Alert { event: event.clone(), summary: alert.summary });
            self.alerts.push(event);
        }
    }

    async fn look_for_the_first_trace(&mut self) {
        let url = format!("{}/api/health", console_url(self.options));
        let Ok(health) = get_json::<console::api::Health>(&self.client, &url).await else { return };
        if health.spans_received > 0 {
            let took = self.begun.elapsed();
            self.first_trace = Some(took);
            self.observer.hear(&Event::FirstTrace(took));
        }
    }

    async fn measure(&mut self) {
        let base = services::url_of(services::LOAD_GENERATOR, self.options.port_offset);
        if let Ok(report) = measurements(&self.client, &base).await {
            self.load = report;
        }
    }

    async fn show(&mut self, status: &str, verdict: Option<&Verdict>) {
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

    fn weigh(&mut self, minute: f64) {
        let Some(phase) = self.scenario.phase_at(minute) else { return };
        let Some(now) = footprint::measure(std::process::id()) else { return };
        let kept = self.footprints.entry(phase.name.clone()).or_default();
        if now.total_mib > kept.total_mib {
            *kept = now;
        }
    }

    /// True if the run can't go on.
    fn note_deaths(&mut self, children: &[&Child]) -> bool {
        let mut fatal = false;
        for exit in children.iter().filter_map(|c| c.exit()) {
            let known = self.breakages.iter().any(|b| b.starts_with(&format!("{} ended", exit.name)));
            fatal |= exit.name == services::LOAD_GENERATOR || exit.name == "postgresql";
            if !known {
                self.breakages.push(exit.to_string());
                self.observer.hear(&Event::Note(exit.to_string()));
            }
        }
        fatal
    }
}
