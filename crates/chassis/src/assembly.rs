//! A service put together, before the chassis closes around it.

use std::time::Duration;

use axum::Router;
use telemetry::http_server::HttpServer;
use telemetry::sql::Pool;

use crate::{BodyLimits, Dependencies, Dependency};

/// Longest that a request may take here unless a service says otherwise; every call and statement inside has a shorter bound
/// of its own, so this only ever ends what slipped through them.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// What a service brings along.
#[derive(Debug)]
pub struct Assembly {
    pub(crate) routes: Router,
    /// What it can't work without.
    pub(crate) dependencies: Dependencies,
    /// Its connection pools, as they are to be listed.
    pub(crate) pools: Vec<Pool>,
    pub(crate) body_limits: BodyLimits,
    pub(crate) request_timeout: Duration,
    pub(crate) traced: HttpServer,
}

impl Assembly {
    /// A service that stands alone.
    pub fn new(routes: Router) -> Self {
        Self {
            routes,
            dependencies: Dependencies::new(),
            pools: Vec::new(),
            body_limits: BodyLimits::default(),
            request_timeout: REQUEST_TIMEOUT,
            traced: HttpServer::new(),
        }
    }

    /// Adds what it can't work without.
    pub fn needs(mut self, dependencies: impl IntoIterator<Item = Dependency>) -> Self {
        self.dependencies.extend(dependencies);
        self
    }

    /// Adds its connection pools.
    pub fn with_pools(mut self, pools: impl IntoIterator<Item = Pool>) -> Self {
        self.pools.extend(pools);
        self
    }

    /// Other bounds for bodies than the default.
    pub fn with_body_limits(mut self, limits: BodyLimits) -> Self {
        self.body_limits = limits;
        self
    }

    /// Another bound for a whole request than 15 s.
    pub fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// Its errors are told apart by their code: `error.type` on the server's span and metric.
    pub fn naming_errors(mut self) -> Self {
        self.traced = self.traced.naming_errors();
        self
    }
}
