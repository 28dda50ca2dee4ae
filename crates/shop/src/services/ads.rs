//! ad-service: advertisements of a category, out of memory.

use axum::routing::get;
use axum::{Json, Router};
use chassis::{ApiError, Query};
use serde_json::{Value, json};

use crate::domain::Category;

/// What is said about each category, shortest first.
const SLOGANS: [&str; 3] = ["New arrivals in", "This week only: 20 % off in", "Everybody is talking about"];

pub(crate) fn routes() -> Router {
    Router::new().route("/ads", get(ads))
}

/// Three advertisements of the category; one of each category where none is given.
async fn ads(Query(mut fields): Query) -> Result<Json<Value>, ApiError> {
    let read = (fields.optional::<Category>("category"),);
    let (category,) = fields.finish(read)?;
    let ads: Vec<Value> = match category {
        Some(category) => (0..SLOGANS.len()).map(|number| ad(category, number)).collect(),
        None => Category::ALL.into_iter().map(|category| ad(category, 0)).collect(),
    };
    Ok(Json(json!({"ads": ads})))
}

fn ad(category: Category, number: usize) -> Value {
    json!({
        "id": format!("ad-{}-{number}", category.name()),
        "category": category.name(),
        "text": format!("{} {}", SLOGANS[number], category.name()),
        "url": format!("/products?category={}", category.name()),
    })
}
