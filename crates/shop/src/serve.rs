//! Running one of the shop's services.

use chassis::{Assembly, Running, ServeError, ServeOptions, Service};
use tokio_util::sync::CancellationToken;

use crate::ServiceName;
use crate::config::Config;
use crate::services::{ads, cart, checkout, currency, frontend, payment, product_catalog, recommendation, shipping};

/// Runs a service of this process until `shutdown` is cancelled and requests in flight are done (at most 5 s), configured by
/// the environment, with telemetry of its own; see [`chassis::serve`].
///
/// # Errors
/// Variables that can't be used, all of them at once, before anything is started; or what [`chassis::serve`] says.
pub async fn serve(name: ServiceName, options: ServeOptions, shutdown: CancellationToken) -> Result<(), ServeError> {
    // Before telemetry, so that a mistake in the configuration is said once, by whoever called.
    let config = Config::from_vars(&|name| std::env::var(name).ok())?;
    chassis::serve(place(name), options, &config.common, || assemble(name, &config), shutdown).await
}

/// Starts a service inside a process that has telemetry of its own, or none. `vars` are its environment.
///
/// Returns as soon as it listens.
///
/// # Errors
/// Variables that can't be used, all of them; or an address that can't be had.
pub async fn start(
    name: ServiceName,
    options: ServeOptions,
    vars: &dyn Fn(&str) -> Option<String>,
    shutdown: CancellationToken,
) -> Result<Running, ServeError> {
    let config = Config::from_vars(vars)?;
    chassis::start(place(name), options, &config.common, assemble(name, &config), shutdown).await
}

fn place(name: ServiceName) -> Service {
    Service { name: name.name(), port: name.port() }
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
