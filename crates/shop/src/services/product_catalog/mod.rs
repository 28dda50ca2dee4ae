//! product-catalog: browsing, single products, and recommendations.
//!
//! Two pools keep the two kinds of reading apart (a bulkhead): when the recommendation statement gets slow and its pool runs
//! dry, browsing does not notice. A connection is held for a statement and never while another service is asked.

mod products;
mod recommendations;
mod statements;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use chassis::Assembly;
use chassis::input::Fields;
use telemetry::http_client::Client;
use telemetry::sql::Pool;

use crate::ServiceName;
use crate::config::Config;
use crate::database::Planning;
use crate::domain::Money;
use crate::peers::Service;
use crate::plans::Plans;
use crate::pool::{database_dependency, open_pool, open_warm_pool};

/// Longest that ranking may take; it is one statement on an index.
const RECOMMENDATION_TIMEOUT: Duration = Duration::from_secs(2);

/// What the handlers share.
struct Catalog {
    browse: Pool,
    recommendations: Pool,
    plans: Plans,
    ranking: Service,
}

pub(crate) fn assemble(config: &Config) -> Assembly {
    let catalog = Catalog {
        browse: open_pool("browse", &config.database, config.browse_pool, Planning::Cached),
        recommendations: open_warm_pool(
            "recommendations",
            &config.database,
            config.recommendations_pool,
            Planning::EachTime,
        ),
        plans: Plans::new(config),
        ranking: Service::new(ServiceName::Recommendation, config, &Client::new(), RECOMMENDATION_TIMEOUT),
    };
    let dependencies = [database_dependency(config), catalog.ranking.dependency()];
    let pools = [catalog.recommendations.clone(), catalog.browse.clone()];
    let routes = Router::new()
        .route("/products", get(products::list))
        .route("/products/recommendations", get(recommendations::recommend))
        .route("/products/{product_id}", get(products::show))
        .with_state(Arc::new(catalog));
    Assembly::new(routes).needs(dependencies).with_pools(pools)
}

/// Prices from and to, in cents as the database has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PriceRange {
    min_cents: i32,
    max_cents: i32,
}

impl PriceRange {
    /// Reads `price_min` and `price_max`, both optional. `None` means that a mistake was noted.
    fn read(fields: &mut Fields) -> Option<Self> {
        let (min, max) = (fields.optional::<Money>("price_min"), fields.optional::<Money>("price_max"));
        // A product can't cost more than the column holds, so a larger bound means the same.
        let cents = |price: Money| i32::try_from(price.cents()).unwrap_or(i32::MAX);
        let range = Self { min_cents: min?.map_or(0, cents), max_cents: max?.map_or(i32::MAX, cents) };
        if range.min_cents > range.max_cents {
            fields.note("price_min", "must not be over price_max");
            return None;
        }
        Some(range)
    }
}
