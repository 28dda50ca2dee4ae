//! cart: what somebody wants to buy, in Redis.

mod store;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use chassis::{ApiError, Assembly, Body, Dependency, Segment};
use http::StatusCode;

use crate::config::Config;
use crate::domain::{CartId, ProductId, Quantity};
use store::{Cart, Store, StoreError};

pub(crate) fn assemble(config: &Config) -> Assembly {
    let store = Store::new(&config.redis_url, &config.redis_key_prefix);
    let probe = store.clone();
    let redis = Dependency::new("redis", move || {
        let probe = probe.clone();
        async move { probe.ping().await.map_err(|error| error.to_string()) }
    });
    let routes = Router::new()
        .route("/cart/{cart_id}", get(show))
        .route("/cart/{cart_id}/add", post(add))
        .route("/cart/{cart_id}/remove", post(remove))
        .route("/cart/{cart_id}/clear", post(clear))
        .with_state(store);
    Assembly::new(routes).needs([redis])
}

async fn show(State(store): State<Store>, Segment(id): Segment<CartId>) -> Result<Json<Cart>, ApiError> {
    Ok(Json(store.get(&id).await?))
}

async fn add(
    State(store): State<Store>,
    Segment(id): Segment<CartId>,
    Body(mut fields): Body,
) -> Result<Json<Cart>, ApiError> {
    let read = (fields.required::<ProductId>("product_id"), fields.optional::<Quantity>("quantity"));
    let (product, quantity) = fields.finish(read)?;
    Ok(Json(store.add(&id, product, quantity.unwrap_or(Quantity::ONE)).await?))
}

/// Takes `quantity` of the product out, or all of it where none is given. What is not there is not there afterwards.
async fn remove(
    State(store): State<Store>,
    Segment(id): Segment<CartId>,
    Body(mut fields): Body,
) -> Result<Json<Cart>, ApiError> {
    let read = (fields.required::<ProductId>("product_id"), fields.optional::<Quantity>("quantity"));
    let (product, quantity) = fields.finish(read)?;
    Ok(Json(store.remove(&id, product, quantity).await?))
}

async fn clear(
    State(store): State<Store>,
    Segment(id): Segment<CartId>,
    Body(_): Body,
) -> Result<Json<Cart>, ApiError> {
    Ok(Json(store.clear(&id).await?))
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooManyLines => Self::conflict("cart_full", "a cart holds at most 100 different products"),
            StoreError::TooManyPieces => Self::conflict("cart_full", "a cart holds at most 99 of one product"),
            StoreError::Redis(error) => {
                tracing::warn!(%error, "redis did not answer");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "cart_store_unavailable", "carts can't be reached now")
            }
        }
    }
}
