//! `POST /api/browse`: the shop's start page.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chassis::{ApiError, Body};
use serde_json::{Map, Value, json};

use super::Frontend;
use super::shopper::Shopper;
use crate::domain::{Category, Currency, PageSize};
use crate::peers::Failure;

/// `{user_id?, cart_id?, category?, currency?, limit?}`: the cart, what a dollar is worth, advertisements, the newest
/// products.
///
/// A page is worth showing without a cart and without advertisements: where these can't be had they are `null`, and
/// `degraded` names them.
pub(super) async fn browse(
    State(frontend): State<Arc<Frontend>>,
    Body(mut fields): Body,
) -> Result<Json<Value>, ApiError> {
    let read = (
        Shopper::read(&mut fields),
        fields.optional::<Category>("category"),
        fields.optional::<Currency>("currency"),
        fields.optional::<PageSize>("limit"),
    );
    let (Shopper { user, cart_id }, category, currency, limit) = fields.finish(read)?;
    let category = category.unwrap_or(Category::Electronics).name();
    let currency = currency.unwrap_or(Currency::DOLLAR).code();
    let limit = limit.unwrap_or(PageSize::DEFAULT).rows();

    let mut degraded = Vec::new();
    let cart: Result<Value, Failure> = frontend.cart.get("/cart/{cart_id}", &format!("/cart/{cart_id}")).await;
    let cart = unless_down(cart, "cart", &mut degraded)?;
    let rate: Map<String, Value> =
        frontend.currency.get("/convert", &format!("/convert?amount=1&from=USD&to={currency}")).await?;
    let ads: Result<Map<String, Value>, Failure> = frontend.ads.get("/ads", &format!("/ads?category={category}")).await;
    let ads = unless_down(ads, "ads", &mut degraded)?;
    let products: Map<String, Value> =
        frontend.catalog.get("/products", &format!("/products?category={category}&limit={limit}")).await?;

    Ok(Json(json!({
        "status": "success",
        "flow": "baseline_browse",
        "user_id": user.as_str(),
        "cart": cart,
        "currency": {"code": currency, "rate": rate.get("rate")},
        "ads": ads.as_ref().and_then(|ads| ads.get("ads")),
        "products": products.get("products"),
        "degraded": degraded,
    })))
}

/// The answer; `None` where the service does not give one, which is noted under `name`. A refusal stays what it is.
fn unless_down<T>(
    answer: Result<T, Failure>,
    name: &'static str,
    degraded: &mut Vec<&'static str>,
) -> Result<Option<T>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Failure::Upstream { .. }) => {
            degraded.push(name);
            Ok(None)
        }
        Err(refused @ Failure::Refused { .. }) => Err(refused),
    }
}
