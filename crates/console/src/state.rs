//! What the console's tasks share.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use detect::{Incidents, Transition, UnixMs};
use store::{Recovered, Store};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::alert_log::AlertLog;
use crate::api::{Alert, FinishedRun, Health, Lately, Monitors, StagePlay};
use crate::clock::{self, Clock};
use crate::losses::Losses;
use crate::options::OpenRun;
use crate::story::ListingCache;

/// Shared by every task of one console.
#[derive(Debug, Clone)]
pub(crate) struct State {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    alerts: Mutex<AlertLog>,
    monitors: Mutex<Monitors>,
    incidents: Mutex<Incidents>,
    play: Mutex<Option<StagePlay>>,
    /// The latest message of the Stage page's stream.
    stage: watch::Sender<Arc<str>>,
    refused: AtomicU64,
    invalid: AtomicU64,
    losses: Mutex<Losses>,
    started: Instant,
    setting: Setting,
    listing: ListingCache,
    /// One export at a time.
    exporting: Arc<tokio::sync::Mutex<()>>,
    /// What an earlier console left in the data folder.
    recovered: OnceLock<Recovered>,
    shutdown: CancellationToken,
}

/// What does not change while a console runs.
#[derive(Debug, Default)]
pub(crate) struct Setting {
    pub(crate) ports: Ports,
    pub(crate) runs_dir: PathBuf,
    pub(crate) export_to: Option<PathBuf>,
    /// The finished run that is looked at.
    pub(crate) opened: Option<Arc<OpenRun>>,
    /// What every page says of it.
    pub(crate) finished_run: Option<FinishedRun>,
}

/// Where the console listens; 0 where it does not.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ports {
    pub(crate) otlp_grpc: u16,
    pub(crate) otlp_http: u16,
}

/// What is behind a lock stays whole even if a task panicked with it: each change is one assignment or one push.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The incidents of a finished run: its alerts once more. Runs of earlier versions do not say which services their monitors
/// are about, so each of their monitors has incidents of its own.
fn replayed(alerts: &[Alert], monitors: &Monitors) -> Incidents {
    let mut incidents = Incidents::default();
    for alert in alerts {
        let transition = Transition {
            at: UnixMs(alert.at_unix_ms),
            key: alert.monitor.clone(),
            group: alert.traffic_type.clone(),
            state: alert.state,
            value: alert.value,
            threshold: alert.threshold,
            summary: alert.summary.clone(),
        };
        incidents.step(&[transition], &monitors.monitors, &monitors.flows);
    }
    incidents
}

impl State {
    /// A console in which nothing has happened yet, or everything that it was opened on.
    pub(crate) fn new(store: Store, setting: Setting, shutdown: CancellationToken) -> Self {
        let opened = setting.opened.as_deref().map(|opened| &opened.story);
        let play = opened.map(|story| story.play.clone());
        let alerts = opened.map(|story| AlertLog::of(&story.alerts)).unwrap_or_default();
        let monitors = opened.map(|story| story.detection.clone()).unwrap_or_default();
        let incidents = opened.map(|story| replayed(&story.alerts, &monitors)).unwrap_or_default();
        Self {
            inner: Arc::new(Inner {
                store,
                alerts: Mutex::new(alerts),
                monitors: Mutex::new(monitors),
                incidents: Mutex::new(incidents),
                play: Mutex::new(play),
                stage: watch::Sender::new("".into()),
                refused: AtomicU64::new(0),
                invalid: AtomicU64::new(0),
                losses: Mutex::default(),
                started: Instant::now(),
                setting,
                listing: ListingCache::default(),
                exporting: Arc::default(),
                recovered: OnceLock::new(),
                shutdown,
            }),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// What every page and every window of time takes for now.
    pub(crate) fn now(&self) -> UnixMs {
        let clock =
            self.inner.setting.finished_run.as_ref().map_or(Clock::Live, |run| Clock::At(UnixMs(run.at_unix_ms)));
        clock.now()
    }

    /// Where past runs are.
    pub(crate) fn runs_dir(&self) -> &Path {
        &self.inner.setting.runs_dir
    }

    pub(crate) fn listing(&self) -> &ListingCache {
        &self.inner.listing
    }

    /// The finished run that is looked at.
    pub(crate) fn opened(&self) -> Option<&Arc<OpenRun>> {
        self.inner.setting.opened.as_ref()
    }

    /// What every page says of it.
    pub(crate) fn finished_run(&self) -> Option<&FinishedRun> {
        self.inner.setting.finished_run.as_ref()
    }

    /// The only folder that telemetry may be written to.
    pub(crate) fn export_to(&self) -> Option<&PathBuf> {
        self.inner.setting.export_to.as_ref()
    }

    /// Held while telemetry is written.
    pub(crate) fn exporting(&self) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(&self.inner.exporting)
    }

    /// Keeps what an earlier console left, to be told in its health; only the first counts.
    pub(crate) fn set_recovered(&self, recovered: Recovered) {
        self.inner.recovered.set(recovered).ok();
    }

    /// Cancelled when the console is to end.
    pub(crate) fn shutdown(&self) -> &CancellationToken {
        &self.inner.shutdown
    }

    pub(crate) fn alerts(&self) -> MutexGuard<'_, AlertLog> {
        lock(&self.inner.alerts)
    }

    pub(crate) fn monitors(&self) -> Monitors {
        lock(&self.inner.monitors).clone()
    }

    pub(crate) fn set_monitors(&self, monitors: Monitors) {
        *lock(&self.inner.monitors) = monitors;
    }

    pub(crate) fn incidents(&self) -> MutexGuard<'_, Incidents> {
        lock(&self.inner.incidents)
    }

    pub(crate) fn play(&self) -> Option<StagePlay> {
        lock(&self.inner.play).clone()
    }

    pub(crate) fn set_play(&self, play: StagePlay) {
        *lock(&self.inner.play) = Some(play);
    }

    /// The Stage page's stream: always the latest message, whoever is slow skips some.
    pub(crate) fn stage(&self) -> &watch::Sender<Arc<str>> {
        &self.inner.stage
    }

    /// A message was turned away because too many came at once.
    pub(crate) fn count_refused(&self) {
        self.inner.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// A message could not be read.
    pub(crate) fn count_invalid(&self) {
        self.inner.invalid.fetch_add(1, Ordering::Relaxed);
    }

    /// Remembers how the counters stand; to be called once a second.
    pub(crate) fn note_losses(&self) {
        let counters = self.counters(self.inner.store.stats().spans_rejected);
        lock(&self.inner.losses).note(clock::now(), counters);
    }

    fn counters(&self, spans_rejected: u64) -> Lately {
        Lately {
            seconds: 0.0,
            requests_refused: self.inner.refused.load(Ordering::Relaxed),
            requests_invalid: self.inner.invalid.load(Ordering::Relaxed),
            spans_rejected,
        }
    }

    pub(crate) fn health(&self) -> Health {
        let store = self.inner.store.stats();
        let uptime_seconds = self.inner.started.elapsed().as_secs_f64();
        let counters = self.counters(store.spans_rejected);
        Health {
            status: "ok".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            uptime_seconds,
            spans_received: store.spans_received,
            spans_dropped: store.spans_rejected,
            requests_refused: counters.requests_refused,
            requests_invalid: counters.requests_invalid,
            lately: lock(&self.inner.losses).lately(clock::now(), uptime_seconds, counters),
            otlp_grpc_port: self.inner.setting.ports.otlp_grpc,
            otlp_http_port: self.inner.setting.ports.otlp_http,
            at_unix_ms: self.now().0,
            finished_run: self.inner.setting.finished_run.clone(),
            recovered: self.inner.recovered.get().copied(),
            store,
        }
    }
}
