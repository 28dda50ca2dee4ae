//! From options to a running service and back.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::connections;
use crate::admin::{self, Guard};
use crate::engine::Limits;
use crate::generator::Generator;
use crate::settings::{Settings, SettingsError};
use crate::target::{AllowList, TargetError};

/// Port of the service in every environment.
const PORT: u16 = 8010;
/// Longest wait for outstanding answers when the service is told to end: long enough for what is nearly there, short
/// enough for whoever waits for the process.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// How the service is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeOptions {
    /// Address to listen on. Anything but loopback needs `DOORBUSTER_ADMIN_TOKEN`.
    pub bind: IpAddr,
    /// Port to listen on; 8010 if none is given, any free one if 0.
    pub port: Option<u16>,
    /// Hosts that may be sent to besides loopback and the stage's own names: `HOST` or `HOST:PORT`.
    pub allow_targets: Vec<String>,
    /// Engine threads.
    pub workers: usize,
    /// Most arrivals under way at once; what is due beyond it is dropped and counted.
    pub max_in_flight: usize,
}

impl Default for ServeOptions {
    /// Loopback, port 8010, one engine thread, 20,000 arrivals under way.
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: None,
            allow_targets: Vec::new(),
            workers: limits.threads,
            max_in_flight: limits.max_in_flight,
        }
    }
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The environment can't be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Its target is not on the allow list.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// It would listen where others can reach it, and anybody could start load.
    #[error("{bind} is not loopback: set DOORBUSTER_ADMIN_TOKEN, which admin calls then have to show")]
    NoToken {
        /// The address that was asked for.
        bind: IpAddr,
    },
    /// The address can't be listened on.
    #[error("{address} can't be listened on: {source}")]
    Bind {
        /// Address and port.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Telemetry can't be set up.
    #[error("telemetry can't be set up: {0}")]
    Telemetry(#[from] telemetry::InitError),
}

/// The service `load-generator`: sets telemetry up, plays the scenario that the environment names by the clock, and
/// answers on its port until `shutdown` is cancelled.
///
/// # Errors
/// Before anything is sent: unusable environment, target or address, or a missing token.
pub async fn serve(options: ServeOptions, shutdown: CancellationToken) -> Result<(), ServeError> {
    let settings = Settings::from_env()?;
    let service = telemetry::Service::new("load-generator", env!("CARGO_PKG_VERSION"));
    let telemetry = telemetry::init(service)?;
    let generator = LoadGenerator::bind(&options, settings).await?;
    tracing::info!(address = %generator.local_addr(), "load-generator is up");
    generator.run(shutdown).await;
    // It blocks, for two seconds at most.
    let stopped = tokio::task::spawn_blocking(move || telemetry.shutdown()).await;
    if let Err(error) = stopped {
        tracing::warn!(%error, "telemetry did not end in good order");
    }
    Ok(())
}

/// The service without telemetry, bound and not yet answering. For tests and for embedding.
#[derive(Debug)]
pub struct LoadGenerator {
    listener: TcpListener,
    address: SocketAddr,
    generator: Arc<Generator>,
    guard: Guard,
    settings: Settings,
}

impl LoadGenerator {
    /// Checks everything and binds the port.
    ///
    /// # Errors
    /// A target that is not allowed, an address beyond loopback without a token, or one that can't be listened on.
    pub async fn bind(options: &ServeOptions, settings: Settings) -> Result<Self, ServeError> {
        let is_local = options.bind.is_loopback();
        if !is_local && settings.admin_token.is_none() {
            return Err(ServeError::NoToken { bind: options.bind });
        }
        let limits =
            Limits { threads: options.workers.max(1), max_in_flight: options.max_in_flight, ..Limits::default() };
        let generator = Generator::new(&settings, AllowList::stage_and(&options.allow_targets), limits)?;
        let address = SocketAddr::new(options.bind, options.port.unwrap_or(PORT));
        let bind_error = |source| ServeError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        Ok(Self {
            listener,
            address,
            generator: Arc::new(generator),
            guard: Guard::new(settings.admin_token.as_deref().filter(|_| !is_local)),
            settings,
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Plays and answers until `shutdown` is cancelled; then sends nothing more, and waits up to two seconds for
    /// outstanding answers.
    pub async fn run(self, shutdown: CancellationToken) {
        let router = admin::router(Arc::clone(&self.generator), self.guard, shutdown.clone());
        let serving = connections::serve(self.listener, router, shutdown.clone());
        let playing = async {
            match (self.settings.scenario, self.settings.clock) {
                (Some(scenario), Some(clock)) => self.generator.start_by_itself(scenario, clock, &shutdown).await,
                (None, Some(_)) => tracing::warn!("DEMO_MODE is on but no scenario is named: nothing starts by itself"),
                _ => {}
            }
        };
        let ending = async {
            shutdown.cancelled().await;
            let Some(run) = self.generator.stop() else {
                return;
            };
            let answered = tokio::time::timeout(LAST_ANSWERS, run.ended()).await;
            if answered.is_err() {
                run.abandon();
                run.ended().await;
            }
        };
        tokio::join!(serving, playing, ending);
    }
}
