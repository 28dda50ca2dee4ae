//! The processes of each world: which there are, where they listen, what they are told through the environment.

use indexmap::IndexMap;
use scenario::{Clock, Scenario, World};

use crate::Options;

/// A service: its name for `doorbuster serve`, its port, and the variable by which others find it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    /// Name, as in the service catalogue.
    pub(crate) name: &'static str,
    /// Port without offset.
    pub(crate) port: u16,
    /// Variable that carries its URL.
    pub(crate) url_variable: &'static str,
}

/// The frontend's name; it knows what failed checkouts would have paid.
pub(crate) const FRONTEND: &str = "frontend";
/// The load generator's name; measurements come from it.
pub(crate) const LOAD_GENERATOR: &str = "load-generator";

/// The shop's, the load generator last: it needs the others.
const SHOP: [Service; 10] = [
    Service { name: "recommendation", port: 8011, url_variable: "RECOMMENDATION_URL" },
    Service { name: "ad-service", port: 8012, url_variable: "AD_URL" },
    Service { name: "cart", port: 8013, url_variable: "CART_URL" },
    Service { name: "product-catalog", port: 8014, url_variable: "PRODUCT_CATALOG_URL" },
    Service { name: "currency", port: 8015, url_variable: "CURRENCY_URL" },
    Service { name: "checkout", port: 8016, url_variable: "CHECKOUT_URL" },
    Service { name: "payment-service", port: 8017, url_variable: "PAYMENT_SERVICE_URL" },
    Service { name: FRONTEND, port: 8018, url_variable: "FRONTEND_URL" },
    Service { name: "shipping", port: 8019, url_variable: "SHIPPING_URL" },
    LOAD,
];

/// The inbox's.
const INBOX: [Service; 2] = [Service { name: "inbox", port: 8000, url_variable: "INBOX_URL" }, LOAD];

/// Every world has it.
const LOAD: Service = Service { name: LOAD_GENERATOR, port: 8010, url_variable: "LOAD_GENERATOR_URL" };

/// The services of `world`, the load generator last.
pub(crate) fn of(world: World) -> &'static [Service] {
    match world {
        World::Shop => &SHOP,
        World::Inbox => &INBOX,
    }
}

/// The services of all worlds; the load generator stands in each.
pub(crate) fn all() -> impl Iterator<Item = &'static Service> {
    SHOP.iter().chain(&INBOX)
}

/// The console's HTTP port, without offset.
pub(crate) const CONSOLE_PORT: u16 = 8080;
/// The console's OTLP/gRPC port, without offset.
pub(crate) const OTLP_GRPC_PORT: u16 = 4317;
/// The console's OTLP/HTTP port, without offset.
pub(crate) const OTLP_HTTP_PORT: u16 = 4318;

/// Every fixed port of a stage for `world` with who listens there, offset added.
pub(crate) fn fixed_ports(world: World, offset: u16) -> Vec<(&'static str, u16)> {
    let console =
        [("console", CONSOLE_PORT), ("console, OTLP/gRPC", OTLP_GRPC_PORT), ("console, OTLP/HTTP", OTLP_HTTP_PORT)];
    let services = of(world).iter().map(|s| (s.name, s.port));
    services.chain(console).map(|(name, port)| (name, port + offset)).collect()
}

/// The base URL of a service on this stage.
pub(crate) fn url_of(name: &str, offset: u16) -> String {
    let port = all().find(|s| s.name == name).map_or(CONSOLE_PORT, |s| s.port);
    format!("http://127.0.0.1:{}", port + offset)
}

/// What the backing services are reached by.
#[derive(Debug, Clone)]
pub(crate) struct Backing {
    /// PostgreSQL.
    pub(crate) database_url: String,
    /// Redis.
    pub(crate) redis_url: String,
}

/// The environment that all services share.
///
/// It carries the clock, the phases and the flag's targeting, and nothing else of the scenario.
pub(crate) fn environment(options: &Options, backing: Option<&Backing>, clock: Clock) -> IndexMap<String, String> {
    let mut variables = IndexMap::new();
    let mut set = |name: &str, value: String| variables.insert(name.to_owned(), value);
    for service in of(options.scenario.world) {
        set(service.url_variable, url_of(service.name, options.port_offset));
    }
    // One set for the conductor would name all services alike.
    set("OTEL_SERVICE_NAME", String::new());
    if let Some(backing) = backing {
        set("DATABASE_URL", backing.database_url.clone());
        set("REDIS_URL", backing.redis_url.clone());
    }
    set("DEMO_MODE", options.scenario.name.clone());
    set("DEMO_START_TIMESTAMP", format!("{:.3}", clock.start_unix));
    set("DEMO_SPEED", clock.speed.to_string());
    set("DEMO_PHASES", phases(&options.scenario));
    set("FEATURE_RECOMMENDATIONS", "traffic.type=demo".to_owned());
    for queue in &options.scenario.queues {
        let name = queue.name.to_uppercase().replace('-', "_");
        set(&format!("POOL_{name}_SIZE"), queue.connections.to_string());
        set(&format!("POOL_{name}_ACQUIRE_TIMEOUT_MS"), queue.acquire_timeout_ms.to_string());
    }
    let grpc = format!("http://127.0.0.1:{}", OTLP_GRPC_PORT + options.port_offset);
    match &options.otlp_endpoint {
        Some(endpoint) => {
            set("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.clone());
            set("DOORBUSTER_CONSOLE_OTLP_ENDPOINT", grpc);
        }
        None => {
            set("OTEL_EXPORTER_OTLP_ENDPOINT", grpc);
            set("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc".to_owned());
        }
    }
    variables
}

fn phases(scenario: &Scenario) -> String {
    scenario.phases.iter().map(|p| format!("{}:{}", p.name, p.from)).collect::<Vec<_>>().join(",")
}
