//! product-catalog: browsing, single products, and recommendations.
//!
//! Two pools keep the two kinds of reading apart (a bulkhead): when the recommendation statement gets slow and its pool runs
//! dry, browsing does not notice. A connection is held for a statement and never while another service is asked.

mod explain;
mod plan;
mod products;
mod recommendations;
mod statements;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use telemetry::http_client::Client;
use telemetry::sql::Pool;

use crate::ServiceName;
use crate::chassis::{
    ApiError, Config, Dependencies, PoolSize, Query, Service, database_dependency, open_pool, open_raw, open_warm_pool,
};
use crate::database::Planning;
use crate::domain::Money;
use crate::input::{Field, Fields, Raw};
use explain::Plans;

/// Longest that ranking may take; it is one statement on an index.
const RECOMMENDATION_TIMEOUT: Duration = Duration::from_secs(2);
/// One connection explains: a plan is asked for every two seconds per statement and category.
const EXPLAIN_POOL: PoolSize = PoolSize { connections: 1, acquire_timeout: Duration::from_secs(1) };

/// What the handlers share.
struct Catalog {
    browse: Pool,
    recommendations: Pool,
    plans: Plans,
    ranking: Service,
}

pub(crate) fn assemble(config: &Config) -> (Router, Dependencies) {
    let explain = open_raw("explain", &config.database, EXPLAIN_POOL, Planning::EachTime);
    let catalog = Catalog {
        browse: open_pool("browse", &config.database, config.browse_pool, Planning::Cached),
        recommendations: open_warm_pool(
            "recommendations",
            &config.database,
            config.recommendations_pool,
            Planning::EachTime,
        ),
        plans: Plans::new(explain.clone()),
        ranking: Service::new(ServiceName::Recommendation, config, &Client::new(), RECOMMENDATION_TIMEOUT),
    };
    let dependencies = vec![database_dependency(explain), catalog.ranking.dependency()];
    let routes = Router::new()
        .route("/products", get(products::list))
        .route("/products/recommendations", get(recommendations::recommend))
        .route("/products/{product_id}", get(products::show))
        .route("/admin/pool-stats", get(pool_stats))
        .with_state(Arc::new(catalog));
    (routes, dependencies)
}

/// `true` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Switch(bool);

impl Field for Switch {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        match raw.text()? {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err("must be `true` or `false`".to_owned()),
        }
    }
}

/// How crowded both pools are; `?reset=true` starts `pending_max` anew.
async fn pool_stats(State(catalog): State<Arc<Catalog>>, Query(mut fields): Query) -> Result<Json<Value>, ApiError> {
    let read = (fields.optional::<Switch>("reset"),);
    let (reset,) = fields.finish(read)?;
    let reset = reset == Some(Switch(true));
    Ok(Json(json!({"pools": [catalog.recommendations.stats(reset), catalog.browse.stats(reset)]})))
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
