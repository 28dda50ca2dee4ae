//! recommendation: ranks products for a user by what the user bought before.

mod rank;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use chassis::{ApiError, Assembly, Body};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use telemetry::sql::{Pool, SqlError, Statement};

use crate::config::Config;
use crate::database::Planning;
use crate::domain::{Category, Money, ProductId, UserId};
use crate::pool::{database_dependency, open_pool};
use rank::{Candidate, Purchase, rank};

/// The last 50 things that a user bought: $1 user.
const HISTORY: Statement = Statement::new(
    "SELECT",
    "orders",
    "SELECT orders",
    "SELECT item.product_id, item.category, item.unit_price_cents FROM orders JOIN order_items item USING (order_id) \
     WHERE orders.user_id = $1 ORDER BY orders.created_at DESC LIMIT 50",
);

pub(crate) fn assemble(config: &Config) -> Assembly {
    let pool = open_pool("order-history", &config.database, config.order_history_pool, Planning::Cached);
    let routes = Router::new().route("/recommend", post(recommend)).with_state(pool.clone());
    Assembly::new(routes).needs([database_dependency(config)]).with_pools([pool])
}

/// `POST /recommend {user_id, category, candidates?}`
///
/// Without candidates the user is recommended what the user bought in the category before.
async fn recommend(State(pool): State<Pool>, Body(mut fields): Body) -> Result<Json<Value>, ApiError> {
    let read = (
        fields.required::<UserId>("user_id"),
        fields.required::<Category>("category"),
        fields.optional::<Vec<Candidate>>("candidates"),
    );
    let (user, category, candidates) = fields.finish(read)?;
    let history = history(&pool, &user).await?;
    let recommendations: Vec<Value> = match candidates {
        Some(candidates) => rank(candidates, &history, category).into_iter().map(Candidate::into_json).collect(),
        None => {
            let mine = history.iter().filter(|purchase| purchase.category == Some(category));
            mine.map(|purchase| json!({"product_id": purchase.product.to_string()})).take(10).collect()
        }
    };
    Ok(Json(json!({
        "user_id": user.as_str(),
        "category": category.name(),
        "purchases_considered": history.len(),
        "recommendations": recommendations,
    })))
}

async fn history(pool: &Pool, user: &UserId) -> Result<Vec<Purchase>, SqlError> {
    let mut query = pool.start(&HISTORY).await?;
    let result = sqlx::query(HISTORY.text).bind(user.as_str()).fetch_all(query.connection()).await;
    let rows = query.finish(result, Vec::len)?;
    rows.iter().map(purchase).collect::<Result<_, _>>().map_err(SqlError::Database)
}

fn purchase(row: &PgRow) -> Result<Purchase, sqlx::Error> {
    Ok(Purchase {
        product: ProductId::new(row.try_get("product_id")?),
        category: Category::find(row.try_get("category")?),
        price: Money::from_cents(row.try_get::<i32, _>("unit_price_cents")?.into()),
    })
}
