//! `POST /api/checkout`: from cart to order.
//!
//! product -> cart -> shipping -> recommendations, if the flag is on -> payment -> order. Where recommendations fail the
//! checkout fails: nothing is charged, nothing is ordered, the cart stays. Where the order fails after the payment,
//! the payment is given back.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chassis::DemoMoment;
use chassis::input::{Field, Raw};
use chassis::{ApiError, Body};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use telemetry::events::{FailedCheckout, checkout_failed};

use super::Frontend;
use super::answers::{CartAnswer, OrderAnswer, PaymentAnswer, Product, ShippingAnswer};
use super::feature::{POOL_EXHAUSTED, failure_reason, is_pool_exhausted};
use super::shopper::Shopper;
use crate::domain::{IdempotencyKey, Money, OverflowError, ProductId, Quantity, UserId, Zip};
use crate::idempotency::idempotency_key;
use crate::peers::Failure;

/// How many products are looked up at once; carts rarely hold more than one.
const LOOKUPS: usize = 4;
/// A customer who names no product and has an empty cart gets one of the first thousand.
const DEFAULT_PRODUCTS: u64 = 1000;

/// A card number as it was given; the payment service judges it.
struct Card(String);

impl Field for Card {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let text = raw.text()?;
        (12..=19)
            .contains(&text.len())
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| "must be a string of 12 to 19 digits".to_owned())
    }
}

/// Who buys what, and where it goes.
struct Purchase {
    shopper: Shopper,
    /// The one product that is bought now; `None` buys the cart.
    single: Option<(ProductId, Quantity)>,
    zip: Zip,
    card: Option<Card>,
    key: Option<IdempotencyKey>,
}

/// What is bought, and what it costs.
struct Priced {
    lines: Vec<(Product, Quantity)>,
    shipping: Money,
    total: Money,
}

/// How a checkout ends badly.
enum Trouble {
    /// The feature under trial failed; its answer has a form of its own.
    Recommendations { reason: &'static str, total: Money },
    Other {
        error: ApiError,
        reason: &'static str,
        /// What is known of it by then.
        total: Money,
    },
}

/// `{user_id?, cart_id?, product_id?, quantity?, zip?, card?, idempotency_key?}`
pub(super) async fn checkout(
    State(frontend): State<Arc<Frontend>>,
    headers: HeaderMap,
    Body(mut fields): Body,
) -> Result<Response, ApiError> {
    let product = fields.optional::<ProductId>("product_id");
    let quantity = fields.optional::<Quantity>("quantity");
    let key = idempotency_key(&headers, &mut fields);
    let read = (
        Shopper::read(&mut fields),
        product.zip(quantity),
        fields.optional::<Zip>("zip"),
        fields.optional::<Card>("card"),
        key,
    );
    let (shopper, (product, quantity), zip, card, key) = fields.finish(read)?;
    let purchase = Purchase {
        shopper,
        single: product.map(|product| (product, quantity.unwrap_or(Quantity::ONE))),
        zip: zip.unwrap_or_else(Zip::nearby),
        card,
        key,
    };
    let moment = frontend.moment();
    match frontend.buy(&purchase, moment.as_ref()).await {
        Ok(answer) => Ok(Json(answer).into_response()),
        Err(trouble) => frontend.answer(trouble, &purchase, moment.as_ref()),
    }
}

impl Trouble {
    fn other(failure: Failure, total: Money) -> Self {
        let is_pool_exhausted = is_pool_exhausted(&failure);
        let error = ApiError::from(failure);
        let reason = if is_pool_exhausted { POOL_EXHAUSTED } else { error.code() };
        Self::Other { error, reason, total }
    }

    fn too_much(_: OverflowError) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let error = ApiError::new(status, "invalid_input", "the cart comes to more than an order can be");
        Self::Other { reason: error.code(), error, total: Money::ZERO }
    }
}

impl Frontend {
    /// Records the failure and answers. A customer's own mistake is no failed checkout.
    fn answer(&self, trouble: Trouble, purchase: &Purchase, moment: Option<&DemoMoment>) -> Result<Response, ApiError> {
        let failed = |reason: &str, total: Money| {
            let user_id = purchase.shopper.user.as_str();
            checkout_failed(&FailedCheckout { reason, user_id, total: total.dollars() });
            let traffic_type = telemetry::context::traffic_type();
            self.losses.count(traffic_type.as_ref().map(|value| value.as_str()).as_deref(), total);
        };
        match trouble {
            Trouble::Recommendations { reason, total } => {
                failed(reason, total);
                let answer = json!({
                    "error": "Checkout failed",
                    "reason": "Product recommendations unavailable",
                    "demo_minute": moment.map_or(0, DemoMoment::whole_minute),
                });
                Ok((StatusCode::SERVICE_UNAVAILABLE, Json(answer)).into_response())
            }
            Trouble::Other { error, reason, total } => {
                if error.status().is_server_error() || error.status() == StatusCode::PAYMENT_REQUIRED {
                    failed(reason, total);
                }
                Err(error)
            }
        }
    }

    async fn buy(&self, purchase: &Purchase, moment: Option<&DemoMoment>) -> Result<Value, Trouble> {
        let lines = self.lines(purchase).await?;
        let priced = self.price(purchase, lines).await?;
        let total = priced.total;
        let wants_recommendations = self.wants_recommendations(moment);
        let recommendations = if wants_recommendations {
            let category = priced.lines[0].0.category;
            let asked = self.recommendations(&purchase.shopper.user, category).await;
            asked.map_err(|why| Trouble::Recommendations { reason: failure_reason(&why), total })?.recommendations
        } else {
            Vec::new()
        };
        let payment = self.charge(purchase, total).await.map_err(|failure| Trouble::other(failure, total))?;
        let order = match self.order(purchase, &priced).await {
            Ok(order) => order,
            Err(failure) => {
                self.give_back(&payment).await;
                return Err(Trouble::other(failure, total));
            }
        };
        self.empty(purchase).await;
        Ok(json!({
            "status": "success",
            "flow": if wants_recommendations { "demo_checkout" } else { "baseline_checkout" },
            "user_id": purchase.shopper.user.as_str(),
            "order_id": order.order_id,
            "payment_id": payment.payment_id,
            "total": total,
            "shipping": priced.shipping,
            "recommendations": recommendations,
            "demo_minute": moment.map_or(0, DemoMoment::whole_minute),
        }))
    }

    /// What is bought; at least one line. The product is looked up before it goes in the cart: carts hold only what there is.
    async fn lines(&self, purchase: &Purchase) -> Result<Vec<(Product, Quantity)>, Trouble> {
        let unpriced = |failure: Failure| Trouble::other(failure, Money::ZERO);
        let cart = format!("/cart/{}", purchase.shopper.cart_id);
        if let Some((product, quantity)) = purchase.single {
            let product = self.product(product).await.map_err(unpriced)?;
            let line = json!({"product_id": product.id.to_string(), "quantity": quantity.count()});
            let added: Result<Value, Failure> =
                self.cart.post("/cart/{cart_id}/add", &format!("{cart}/add"), &line).await;
            let lines = vec![(product, quantity)];
            let goods = worth(&lines)?;
            return added.map(|_| lines).map_err(|failure| Trouble::other(failure, goods));
        }
        let cart: CartAnswer = self.cart.get("/cart/{cart_id}", &cart).await.map_err(unpriced)?;
        let mut lines = cart.lines();
        if lines.is_empty() {
            lines.push((default_product(&purchase.shopper.user), Quantity::ONE));
        }
        stream::iter(lines)
            .map(|(id, quantity)| async move { Ok((self.product(id).await.map_err(unpriced)?, quantity)) })
            .buffered(LOOKUPS)
            .try_collect()
            .await
    }

    async fn price(&self, purchase: &Purchase, lines: Vec<(Product, Quantity)>) -> Result<Priced, Trouble> {
        let goods = worth(&lines)?;
        let items: Vec<Value> = lines
            .iter()
            .map(|(product, quantity)| json!({"weight": product.weight_kg, "quantity": quantity.count()}))
            .collect();
        let parcel = json!({"items": items, "zip": purchase.zip.as_str()});
        let shipping = self.shipping.post::<ShippingAnswer>("/calculate", "/calculate", &parcel).await;
        let shipping = shipping.and_then(|answer| answer.cost()).map_err(|failure| Trouble::other(failure, goods))?;
        let total = goods.plus(shipping).map_err(Trouble::too_much)?;
        Ok(Priced { lines, shipping, total })
    }

    async fn charge(&self, purchase: &Purchase, total: Money) -> Result<PaymentAnswer, Failure> {
        let charge = json!({
            "amount": total,
            "currency": "USD",
            "user_id": purchase.shopper.user.as_str(),
            "card": purchase.card.as_ref().map(|card| card.0.as_str()),
            "idempotency_key": purchase.key.as_ref().map(IdempotencyKey::as_str),
        });
        self.payment.post("/api/payment/process", "/api/payment/process", &charge).await
    }

    async fn order(&self, purchase: &Purchase, priced: &Priced) -> Result<OrderAnswer, Failure> {
        let items: Vec<Value> = priced
            .lines
            .iter()
            .map(|(product, quantity)| json!({"product_id": product.id.to_string(), "quantity": quantity.count()}))
            .collect();
        let order = json!({
            "user_id": purchase.shopper.user.as_str(),
            "items": items,
            "shipping": priced.shipping,
            "idempotency_key": purchase.key.as_ref().map(IdempotencyKey::as_str),
        });
        self.checkout.post("/orders/create", "/orders/create", &order).await
    }

    /// Gives a payment back for which there will be no order.
    async fn give_back(&self, payment: &PaymentAnswer) {
        let request = json!({"payment_id": payment.payment_id});
        let refunded: Result<Value, Failure> =
            self.payment.post("/api/payment/refund", "/api/payment/refund", &request).await;
        if let Err(failure) = refunded {
            tracing::error!(payment_id = payment.payment_id, ?failure, "a payment could not be given back");
        }
    }

    /// Takes what was bought out of the cart. The order stands whether or not that works.
    async fn empty(&self, purchase: &Purchase) {
        let cart = format!("/cart/{}", purchase.shopper.cart_id);
        let emptied: Result<Value, Failure> = match purchase.single {
            Some((product, quantity)) => {
                let line = json!({"product_id": product.to_string(), "quantity": quantity.count()});
                self.cart.post("/cart/{cart_id}/remove", &format!("{cart}/remove"), &line).await
            }
            None => self.cart.post("/cart/{cart_id}/clear", &format!("{cart}/clear"), &json!({})).await,
        };
        if let Err(failure) = emptied {
            tracing::warn!(?failure, "the cart could not be emptied after the order");
        }
    }
}

/// What the goods cost, without shipping.
fn worth(lines: &[(Product, Quantity)]) -> Result<Money, Trouble> {
    let sum =
        lines.iter().try_fold(Money::ZERO, |sum, (product, quantity)| sum.plus(product.price.times(quantity.count())?));
    sum.map_err(Trouble::too_much)
}

/// The same product for the same user, always (FNV-1a).
fn default_product(user: &UserId) -> ProductId {
    let hash = user
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    ProductId::new(1 + (hash % DEFAULT_PRODUCTS) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_without_a_wish_always_gets_the_same_product() {
        let user = UserId::read(Raw::Text("test")).unwrap();
        assert_eq!(default_product(&user), default_product(&user));
        assert!((1..=1000).contains(&default_product(&user).number()));
    }
}
