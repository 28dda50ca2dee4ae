//! Running a service: telemetry, listener, routes, drain.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use telemetry::http_server::HttpServer;
use telemetry::{KeyValue, attr};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Assembly;
use crate::admin::Guard;
use crate::config::{Common, ConfigError};
use crate::demo_clock::DemoClock;
use crate::layers::wrap;
use crate::server::serve_connections;

/// What a service is called and where it listens unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Name in the service catalogue, in `doorbuster serve NAME` and in `service.name`.
    pub name: &'static str,
    /// Its port.
    pub port: u16,
}

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
        service: &'static str,
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
/// Sets up this process's telemetry first, then puts the service together with `assemble`, and announces the bound address
/// in the log. Dependencies need not be up: `/ready` says which one is missing.
///
/// # Errors
/// Telemetry that can't be set up, or an address that can't be had.
pub async fn serve(
    service: Service,
    options: ServeOptions,
    common: &Common,
    assemble: impl FnOnce() -> Assembly,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let telemetry = telemetry::init(telemetry::Service::new(service.name, env!("CARGO_PKG_VERSION")))?;
    let served = match start(service, options, common, assemble(), shutdown).await {
        Ok(running) => {
            running.finished().await;
            Ok(())
        }
        Err(error) => Err(error),
    };
    telemetry.shutdown();
    served
}

/// Starts a service inside a process that has telemetry of its own, or none. Returns as soon as it listens.
///
/// # Errors
/// The address can't be had.
pub async fn start(
    service: Service,
    options: ServeOptions,
    common: &Common,
    assembly: Assembly,
    shutdown: CancellationToken,
) -> Result<Running, ServeError> {
    let wanted = SocketAddr::new(options.bind, options.port.unwrap_or(service.port));
    let failed = |source| ServeError::Listen { service: service.name, address: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let guard = Guard::new(options.bind, common.admin_token.as_deref());
    let traced = traced(assembly.traced.clone(), common.clock.clone());
    let router = wrap(service.name, assembly, guard, shutdown.clone()).layer(traced);
    tracing::info!(service = service.name, %address, "listening");
    let task = tokio::spawn(serve_connections(listener, router, shutdown));
    Ok(Running { address, task })
}

/// A server span per request, with the scenario minute and phase on it.
fn traced(layer: HttpServer, clock: Option<DemoClock>) -> HttpServer {
    let Some(clock) = clock.map(Arc::new) else {
        return layer;
    };
    layer.with_entry_attributes(move |_| {
        let moment = clock.at(std::time::SystemTime::now());
        let mut attributes = vec![KeyValue::new(attr::DEMO_MINUTE, moment.whole_minute())];
        attributes.extend(moment.phase.map(|phase| KeyValue::new(attr::DEMO_PHASE, phase)));
        attributes
    })
}
