//! Recommendations: the best-loved products of a category, ranked for a user.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chassis::{ApiError, Query};
use serde_json::{Map, Value, json};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, Row};
use telemetry::sql::SqlError;

use super::statements::RECOMMEND;
use super::{Catalog, PriceRange};
use crate::domain::{Category, Money, ProductId, UserId};

/// `GET /products/recommendations?category=&user_id=&price_min=&price_max=`
///
/// A connection, the statement, the connection given back, then the recommendation service.
pub(super) async fn recommend(
    State(catalog): State<Arc<Catalog>>,
    Query(mut fields): Query,
) -> Result<Json<Value>, ApiError> {
    let read =
        (fields.required::<Category>("category"), fields.optional::<UserId>("user_id"), PriceRange::read(&mut fields));
    let (category, user, prices) = fields.finish(read)?;
    let user = user.unwrap_or_else(UserId::guest);
    let candidates = candidates(&catalog, category, prices).await.map_err(ApiError::from)?;
    let request = json!({"user_id": user.as_str(), "category": category.name(), "candidates": candidates});
    let ranked: Map<String, Value> = catalog.ranking.post("/recommend", "/recommend", &request).await?;
    Ok(Json(json!({
        "category": category.name(),
        "user_id": user.as_str(),
        "recommendations": ranked.get("recommendations"),
    })))
}

async fn candidates(catalog: &Catalog, category: Category, prices: PriceRange) -> Result<Vec<Value>, SqlError> {
    let arguments = || arguments(category, prices);
    let mut query = catalog.recommendations.start(&RECOMMEND.statement).await?;
    // Only now: a plan that was asked for before a wait of two seconds may be another one.
    let plan = catalog.plans.ask(&RECOMMEND, category, arguments);
    let result = sqlx::query_with(RECOMMEND.statement.text, arguments()).fetch_all(query.connection()).await;
    let rows = result.as_ref().ok().map(Vec::len);
    plan.describe(query.complete(&result, rows)).await;
    result.and_then(|rows| rows.iter().map(candidate).collect()).map_err(SqlError::Database)
}

fn arguments(category: Category, prices: PriceRange) -> PgArguments {
    let mut arguments = PgArguments::default();
    let added = [arguments.add(category.name()), arguments.add(prices.min_cents), arguments.add(prices.max_cents)];
    debug_assert!(added.iter().all(Result::is_ok), "text and integers can always be encoded");
    arguments
}

fn candidate(row: &PgRow) -> Result<Value, sqlx::Error> {
    Ok(json!({
        "product_id": ProductId::new(row.try_get("product_id")?).to_string(),
        "name": row.try_get::<&str, _>("name")?,
        "price": Money::from_cents(row.try_get::<i32, _>("price_cents")?.into()),
        "popularity": row.try_get::<i32, _>("popularity")?,
        "image_url": row.try_get::<&str, _>("image_url")?,
    }))
}
