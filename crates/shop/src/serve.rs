//! Running a service: configuration, telemetry, listener, routes, drain.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use telemetry::http_server::HttpServer;
use telemetry::{KeyValue, attr};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::ServiceName;
use crate::chassis::{Assembly, Config, ConfigError, Guard, serve_connections, wrap};
use crate::demo_clock::DemoClock;
use crate::services::{ads, cart, checkout, currency, frontend, payment, product_catalog, recommendation, shipping};

/// Where a service listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServeOptions {
    /// Address; loopback by default.
    pub bind: IpAddr,
    /// Port; `None` is the service's own, 0 one that the system picks.
    pub port: Option<u16>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self { bind: IpAddr::V4(Ipv4Addr::LOCALHOST), port: None }
    }
}

/// Why a service can't run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Variables that can't be used, all of them.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Telemetry can't be set up as the variables say.
    #[error("telemetry can't be set up: {0}")]
    Telemetry(#[from] telemetry::InitError),
    /// The address is taken, or not ours.
    #[error("{service} can't listen on {address}: {source}; end what listens there, or give another port with --port")]
    Listen {
        /// The service that wanted it.
        service: ServiceName,
        /// What it wanted.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

/// A service that is serving.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens; the real port, also where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it has drained. Does not stop it: cancel the token that [`start`] was given.
    pub async fn finished(self) {
        if let Err(panicked) = self.task.await {
            tracing::error!(%panicked, "the server failed");
        }
    }
}

/// Runs a service of this process until `shutdown` is cancelled and requests in flight are done (at most 5 s).
///
/// Sets up this process's telemetry, reads the configuration from the environment, announces the bound address in the
/// log. Dependencies need not be up: `/ready` says which one is missing, and they are connected to when they are there.
pub async fn serve(name: ServiceName, options: ServeOptions, shutdown: CancellationToken) -> Result<(), ServeError> {
    let var = |name: &str| std::env::var(name).ok();
    // Before telemetry, so that a mistake in the configuration is said once, by whoever called.
    let config = Config::from_vars(&var)?;
    let telemetry = telemetry::init(telemetry::Service::new(name.name(), env!("CARGO_PKG_VERSION")))?;
    let served = match run(name, options, config, shutdown).await {
        Ok(running) => {
            running.finished().await;
            Ok(())
        }
        Err(error) => Err(error),
    };
    telemetry.shutdown();
    served
}

/// Starts a service inside a process that has telemetry of its own, or none. `vars` are its environment.
///
/// Returns as soon as it listens.
pub async fn start(
    name: ServiceName,
    options: ServeOptions,
    vars: &dyn Fn(&str) -> Option<String>,
    shutdown: CancellationToken,
) -> Result<Running, ServeError> {
    run(name, options, Config::from_vars(vars)?, shutdown).await
}

async fn run(
    name: ServiceName,
    options: ServeOptions,
    config: Config,
    shutdown: CancellationToken,
) -> Result<Running, ServeError> {
    let wanted = SocketAddr::new(options.bind, options.port.unwrap_or(name.port()));
    let failed = |source| ServeError::Listen { service: name, address: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let guard = Guard::new(options.bind, config.admin_token.as_deref());
    let router = wrap(name, assemble(name, &config), guard, shutdown.clone()).layer(traced(config.clock));
    tracing::info!(service = name.name(), %address, "listening");
    let task = tokio::spawn(serve_connections(listener, router, shutdown));
    Ok(Running { address, task })
}

fn assemble(name: ServiceName, config: &Config) -> Assembly {
    match name {
        ServiceName::Recommendation => recommendation::assemble(config),
        ServiceName::AdService => Assembly::new(ads::routes()),
        ServiceName::Cart => cart::assemble(config),
        ServiceName::ProductCatalog => product_catalog::assemble(config),
        ServiceName::Currency => Assembly::new(currency::routes()),
        ServiceName::Checkout => checkout::assemble(config),
        ServiceName::PaymentService => Assembly::new(payment::routes()),
        ServiceName::Frontend => frontend::assemble(config),
        ServiceName::Shipping => Assembly::new(shipping::routes()),
    }
}

/// A server span per request, with the scenario minute and phase on it.
fn traced(clock: Option<DemoClock>) -> HttpServer {
    let Some(clock) = clock.map(Arc::new) else {
        return HttpServer::new();
    };
    HttpServer::new().with_entry_attributes(move |_| {
        let moment = clock.at(std::time::SystemTime::now());
        let mut attributes = vec![KeyValue::new(attr::DEMO_MINUTE, moment.whole_minute())];
        attributes.extend(moment.phase.map(|phase| KeyValue::new(attr::DEMO_PHASE, phase)));
        attributes
    })
}
