//! `POST /api/browse`: the shop's start page.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::Frontend;
use crate::chassis::{ApiError, Body};
use crate::domain::{CartId, Category, Currency, PageSize, UserId};

/// `{user_id?, cart_id?, category?, currency?, limit?}`: the cart, what a dollar is worth, advertisements, the newest
/// products.
pub(super) async fn browse(
    State(frontend): State<Arc<Frontend>>,
    Body(mut fields): Body,
) -> Result<Json<Value>, ApiError> {
    let read = (
        fields.optional::<UserId>("user_id"),
        fields.optional::<CartId>("cart_id"),
        fields.optional::<Category>("category"),
        fields.optional::<Currency>("currency"),
        fields.optional::<PageSize>("limit"),
    );
    let (user, cart_id, category, currency, limit) = fields.finish(read)?;
    let user = user.unwrap_or_else(UserId::guest);
    let cart_id = cart_id.unwrap_or_else(|| CartId::of(&user));
    let category = category.unwrap_or(Category::Electronics).name();
    let currency = currency.unwrap_or(Currency::DOLLAR).code();
    let limit = limit.unwrap_or(PageSize::DEFAULT).rows();

    let cart: Value = frontend.cart.get("/cart/{cart_id}", &format!("/cart/{cart_id}")).await?;
    let rate: Map<String, Value> =
        frontend.currency.get("/convert", &format!("/convert?amount=1&from=USD&to={currency}")).await?;
    let ads: Map<String, Value> = frontend.ads.get("/ads", &format!("/ads?category={category}")).await?;
    let products: Map<String, Value> =
        frontend.catalog.get("/products", &format!("/products?category={category}&limit={limit}")).await?;

    Ok(Json(json!({
        "status": "success",
        "flow": "baseline_browse",
        "user_id": user.as_str(),
        "cart": cart,
        "currency": {"code": currency, "rate": rate.get("rate")},
        "ads": ads.get("ads"),
        "products": products.get("products"),
    })))
}
