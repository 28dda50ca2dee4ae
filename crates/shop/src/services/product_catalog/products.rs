//! Browsing a category, and single products.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chassis::{ApiError, Query, Segment};
use serde_json::{Value, json};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, Row};
use telemetry::sql::SqlError;

use super::statements::{BROWSE, SHOW};
use super::{Catalog, PriceRange};
use crate::domain::{Category, Money, PageSize, ProductId};

/// `GET /products?category=&price_min=&price_max=&limit=`
pub(super) async fn list(
    State(catalog): State<Arc<Catalog>>,
    Query(mut fields): Query,
) -> Result<Json<Value>, ApiError> {
    let read =
        (fields.required::<Category>("category"), PriceRange::read(&mut fields), fields.optional::<PageSize>("limit"));
    let (category, prices, limit) = fields.finish(read)?;
    let limit = limit.unwrap_or(PageSize::DEFAULT);
    let arguments = || arguments(category, prices, limit);
    let mut query = catalog.browse.start(&BROWSE.statement).await?;
    let plan = catalog.plans.ask(&BROWSE, category, arguments);
    let result = sqlx::query_with(BROWSE.statement.text, arguments()).fetch_all(query.connection()).await;
    let rows = result.as_ref().ok().map(Vec::len);
    plan.describe(query.complete(&result, rows)).await;
    let products: Vec<Value> =
        result.and_then(|rows| rows.iter().map(product).collect()).map_err(SqlError::Database)?;
    Ok(Json(json!({"category": category.name(), "count": products.len(), "products": products})))
}

fn arguments(category: Category, prices: PriceRange, limit: PageSize) -> PgArguments {
    let mut arguments = PgArguments::default();
    let added = [
        arguments.add(category.name()),
        arguments.add(prices.min_cents),
        arguments.add(prices.max_cents),
        arguments.add(limit.rows()),
    ];
    debug_assert!(added.iter().all(Result::is_ok), "text and integers can always be encoded");
    arguments
}

fn product(row: &PgRow) -> Result<Value, sqlx::Error> {
    Ok(json!({
        "product_id": ProductId::new(row.try_get("product_id")?).to_string(),
        "name": row.try_get::<&str, _>("name")?,
        "price": Money::from_cents(row.try_get::<i32, _>("price_cents")?.into()),
        "popularity": row.try_get::<i32, _>("popularity")?,
        "stock_quantity": row.try_get::<i32, _>("stock_quantity")?,
    }))
}

/// `GET /products/{id}`
pub(super) async fn show(
    State(catalog): State<Arc<Catalog>>,
    Segment(id): Segment<ProductId>,
) -> Result<Json<Value>, ApiError> {
    let mut query = catalog.browse.start(&SHOW).await?;
    let result = sqlx::query(SHOW.text).bind(id.number()).fetch_optional(query.connection()).await;
    let found = query.finish(result, |row| usize::from(row.is_some()))?;
    let row = found.ok_or_else(|| ApiError::not_found(format!("there is no product {id}")))?;
    details(&row).map(Json).map_err(|error| SqlError::Database(error).into())
}

fn details(row: &PgRow) -> Result<Value, sqlx::Error> {
    let Value::Object(mut fields) = product(row)? else {
        return Ok(Value::Null);
    };
    fields.insert("category".to_owned(), row.try_get::<&str, _>("category")?.into());
    fields.insert("description".to_owned(), row.try_get::<&str, _>("description")?.into());
    fields.insert("weight".to_owned(), (f64::from(row.try_get::<i32, _>("weight_grams")?) / 1000.0).into());
    fields.insert("active".to_owned(), row.try_get::<bool, _>("active")?.into());
    Ok(Value::Object(fields))
}
