//! The one run there is at a time: started once, stopped as often as anybody likes.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use scenario::{Clock, Scenario};
use tokio_util::sync::CancellationToken;

use crate::catalogue::Catalogue;
use crate::engine::{Limits, Plan, Run, RunState};
use crate::request::PrepareError;
use crate::services::{self, PerService, Service};
use crate::settings::Settings;
use crate::target::{AllowList, Destination, Target, TargetError};

/// Pause between two attempts to look the target's name up before a run that starts by itself.
const LOOKUP_PAUSE: Duration = Duration::from_secs(1);

/// Why a run did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// One is under way.
    #[error("a demo is running already")]
    Busy,
    /// Nothing may be sent there.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The scenario names a journey that is not there.
    #[error(transparent)]
    Journey(#[from] PrepareError),
    /// The system gives no thread.
    #[error("the engine can't be started: {0}")]
    Threads(#[source] std::io::Error),
}

/// Starts and stops runs against the services of one world.
#[derive(Debug)]
pub(crate) struct Generator {
    targets: PerService<Target>,
    allowed: AllowList,
    limits: Limits,
    run_id: Option<String>,
    pub(crate) seed: u64,
    pub(crate) catalogue: Catalogue,
    current: Mutex<Option<Arc<Run>>>,
}

impl Generator {
    pub(crate) fn new(settings: &Settings, allowed: AllowList, limits: Limits) -> Result<Self, TargetError> {
        for service in Service::ALL {
            allowed.check(settings.targets.of(service))?;
        }
        Ok(Self {
            targets: settings.targets.clone(),
            allowed,
            limits,
            run_id: settings.run_id.clone(),
            seed: settings.seed,
            catalogue: Catalogue::with(settings.scenario.clone()),
            current: Mutex::new(None),
        })
    }

    /// Where a service is.
    pub(crate) fn target(&self, service: Service) -> &Target {
        self.targets.of(service)
    }

    /// The service without which it has nobody to send to: the first that its own scenario's visitors talk to.
    pub(crate) fn front(&self) -> Service {
        let needed = self.catalogue.own().and_then(|scenario| services::needed(scenario).ok());
        needed.and_then(|needed| needed.first().copied()).unwrap_or(Service::Frontend)
    }

    /// Where a service's name leads, if all of it may be sent to.
    pub(crate) async fn addresses(&self, service: Service) -> Result<Vec<SocketAddr>, TargetError> {
        self.allowed.resolve(self.targets.of(service)).await
    }

    /// Where the visitors of `scenario` go; nowhere with what they have no need of, whose name may lead nowhere yet.
    async fn destinations(&self, scenario: &Scenario) -> Result<IndexMap<String, Destination>, StartError> {
        let mut destinations = IndexMap::new();
        for service in services::needed(scenario)? {
            let (target, addresses) = (self.targets.of(service).clone(), self.addresses(service).await?);
            let host = target.host.clone();
            let destination = Destination::new(target, addresses)
                .map_err(|error| TargetError::Tls { host, reason: error.to_string() })?;
            destinations.insert(service.name().to_owned(), destination);
        }
        Ok(destinations)
    }

    /// Starts `scenario`, unless a run is under way; one that was told to stop no longer counts, and what it still
    /// waits for is given up.
    pub(crate) async fn start(&self, scenario: Scenario, seed: u64, clock: Clock) -> Result<Arc<Run>, StartError> {
        let destinations = self.destinations(&scenario).await?;
        let plan = Plan::of_scenario(&scenario, destinations, seed, clock, self.run_id.clone(), self.limits)?;
        let mut current = self.lock();
        let is_free = current
            .as_ref()
            .is_none_or(|run| matches!(run.state(), RunState::Stopping | RunState::Stopped | RunState::Finished));
        if !is_free {
            return Err(StartError::Busy);
        }
        let run = Arc::new(Run::start(plan).map_err(StartError::Threads)?);
        if let Some(before) = current.replace(Arc::clone(&run)) {
            before.abandon();
        }
        drop(current);
        tracing::info!(
            scenario = run.plan().traffic.name,
            run = run.plan().run_id,
            seed,
            speed = clock.speed,
            "load run started"
        );
        Ok(run)
    }

    /// Starts `scenario` by the clock, as soon as its targets' names can be looked up: where services start together,
    /// a name may appear a little later than this one.
    pub(crate) async fn start_by_itself(&self, scenario: Scenario, clock: Clock, shutdown: &CancellationToken) {
        loop {
            match self.start(scenario.clone(), self.seed, clock).await {
                Err(StartError::Target(error @ TargetError::Resolve { .. })) => {
                    tracing::warn!(%error, "the run has to wait");
                }
                Err(error) => {
                    tracing::error!(%error, "the run does not start");
                    return;
                }
                Ok(_) => return,
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(LOOKUP_PAUSE) => {}
            }
        }
    }

    /// The run under way, or the last there was.
    pub(crate) fn current(&self) -> Option<Arc<Run>> {
        self.lock().clone()
    }

    /// Tells the run under way to stop. Returns it, or the last there was.
    pub(crate) fn stop(&self) -> Option<Arc<Run>> {
        let current = self.current();
        if let Some(run) = &current {
            run.stop();
        }
        current
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Run>>> {
        // It holds one pointer, which is replaced in one go.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
