//! The scenario's minutes as they pass: cues at their time, proofs, alerts, measurements.
//!
//! The loop is here; what it does to faults is in `acts`, what it looks at in `look`, the Stage page in `show`.
mod acts;
mod look;
mod show;

use std::sync::Arc;
use std::time::Duration;

use console::api::Alert;
use faults::Injector;
use indexmap::IndexMap;
use parts::Exit;
use scenario::{AlertEvent, Clock, Evidence, LoadReport, Prediction, RestoreRecord, Scenario};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::calibration::Calibrator;
use crate::conductor::unix_now;
use crate::footprint::{Footprint, Meter};
use crate::load_client::CheckoutStats;
use crate::proofs::Proofs;
use crate::run_folder::{Ended, RunIncident};
use crate::timeline::{Cue, cues};
use crate::{CalibrationLook, Event, Observer, Options, services};

/// Alerts are heard of this soon.
const TICK: Duration = Duration::from_millis(250);
/// Measurements, proofs and the Stage page: every so many ticks.
const TICKS_PER_LOOK: u64 = 4;
/// Memory and processors: every so many ticks.
const TICKS_PER_FOOTPRINT: u64 = 20;
/// After the last minute, answers that are still due are waited for so long.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_secs(25);

/// A run in progress.
pub(crate) struct Performance<'a> {
    options: &'a Options,
    scenario: &'a Scenario,
    clock: Clock,
    prediction: &'a Prediction,
    injector: Arc<Injector>,
    client: reqwest::Client,
    observer: Arc<dyn Observer>,
    begun: Instant,
    run_id: String,
    cues: Vec<Cue>,
    applied: Vec<usize>,
    proofs: Proofs,
    calibrator: Calibrator,
    alerts: Vec<AlertEvent>,
    /// The same as the console told them.
    heard: Vec<Alert>,
    alert_seq: u64,
    load: LoadReport,
    restored: Vec<RestoreRecord>,
    breakages: Vec<String>,
    /// A defect of our own ended the playing: nothing but undoing is safe.
    has_panicked: bool,
    first_trace: Option<Duration>,
    meter: Meter,
    footprints: IndexMap<String, Footprint>,
    checkouts: Option<CheckoutStats>,
    incidents: Vec<RunIncident>,
}

impl<'a> Performance<'a> {
    #[expect(clippy::too_many_arguments, reason = "it is made once, from what the conductor set up")]
    pub(crate) fn new(
        options: &'a Options,
        clock: Clock,
        prediction: &'a Prediction,
        injector: Arc<Injector>,
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
            calibrator: Calibrator::new(scenario, Arc::clone(&injector)),
            injector,
            client,
            observer,
            begun,
            run_id,
            cues: cues(scenario),
            applied: Vec::new(),
            proofs: Proofs::of(scenario),
            alerts: Vec::new(),
            heard: Vec::new(),
            alert_seq: 0,
            load: LoadReport::default(),
            restored: Vec::new(),
            breakages: Vec::new(),
            has_panicked: false,
            first_trace: None,
            meter: Meter::new(std::process::id()),
            footprints: IndexMap::new(),
            checkouts: None,
            incidents: Vec::new(),
        }
    }

    /// Plays to the last minute, or until interrupted or broken. `broken` tells which processes have ended unasked.
    pub(crate) async fn play(&mut self, broken: &dyn Fn() -> Vec<Exit>, interrupt: &CancellationToken) -> Ended {
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
                self.calibrate(minute).await;
                self.show("running", None).await;
            }
            if ticks.is_multiple_of(TICKS_PER_FOOTPRINT) {
                self.weigh(minute);
            }
            if self.note_deaths(broken()) {
                return Ended::Broke;
            }
            if minute >= self.scenario.minutes {
                let since = *over_since.get_or_insert_with(Instant::now);
                if self.load.finished || since.elapsed() > LAST_ANSWERS_WITHIN {
                    self.measure_all().await;
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
        self.has_panicked = true;
        Ended::Broke
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

    /// Every change of every monitor, as the console told it.
    pub(crate) fn heard(&self) -> &[Alert] {
        &self.heard
    }

    pub(crate) fn first_trace_seconds(&self) -> Option<f64> {
        self.first_trace.map(|took| took.as_secs_f64())
    }

    pub(crate) fn footprint_by_phase(&self) -> &IndexMap<String, Footprint> {
        &self.footprints
    }

    /// How long statements took that wait for a target, and what the machine's own share was.
    pub(crate) fn calibration_looks(&self) -> &[CalibrationLook] {
        self.calibrator.looks()
    }

    /// What failed checkouts cost; none where the frontend could not be asked.
    pub(crate) fn checkouts(&self) -> Option<&CheckoutStats> {
        self.checkouts.as_ref()
    }

    /// What the console made of the alerts.
    pub(crate) fn incidents(&self) -> &[RunIncident] {
        &self.incidents
    }

    fn minute(&self) -> f64 {
        self.clock.minute_at(unix_now())
    }

    /// True if the run can't go on.
    fn note_deaths(&mut self, broken: Vec<Exit>) -> bool {
        let mut fatal = false;
        for exit in broken {
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
