//! A service put together, before the chassis closes around it.

use axum::Router;
use telemetry::sql::Pool;

use super::{Dependencies, Dependency};

/// What a service brings along.
#[derive(Debug)]
pub(crate) struct Assembly {
    pub(crate) routes: Router,
    /// What it can't work without.
    pub(crate) dependencies: Dependencies,
    /// Its connection pools, as they are to be listed.
    pub(crate) pools: Vec<Pool>,
}

impl Assembly {
    /// A service that stands alone.
    pub(crate) fn new(routes: Router) -> Self {
        Self { routes, dependencies: Dependencies::new(), pools: Vec::new() }
    }

    pub(crate) fn needs(mut self, dependencies: impl IntoIterator<Item = Dependency>) -> Self {
        self.dependencies.extend(dependencies);
        self
    }

    pub(crate) fn with_pools(mut self, pools: impl IntoIterator<Item = Pool>) -> Self {
        self.pools.extend(pools);
        self
    }
}
