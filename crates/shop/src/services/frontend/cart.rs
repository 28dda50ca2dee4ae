//! `POST /api/cart`: puts a product in a cart.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chassis::{ApiError, Body};
use serde_json::{Value, json};

use super::Frontend;
use super::shopper::Shopper;
use crate::domain::{ProductId, Quantity};

/// `{user_id?, cart_id?, product_id, quantity?}`; only what the catalogue has gets into a cart.
pub(super) async fn add(
    State(frontend): State<Arc<Frontend>>,
    Body(mut fields): Body,
) -> Result<Json<Value>, ApiError> {
    let read = (
        Shopper::read(&mut fields),
        fields.required::<ProductId>("product_id"),
        fields.optional::<Quantity>("quantity"),
    );
    let (Shopper { user, cart_id }, product, quantity) = fields.finish(read)?;
    frontend.product(product).await?;
    let line = json!({"product_id": product.to_string(), "quantity": quantity.unwrap_or(Quantity::ONE).count()});
    let cart: Value = frontend.cart.post("/cart/{cart_id}/add", &format!("/cart/{cart_id}/add"), &line).await?;
    Ok(Json(json!({"status": "success", "flow": "baseline_cart", "user_id": user.as_str(), "cart": cart})))
}
