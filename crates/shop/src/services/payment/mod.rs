//! payment-service: charges and refunds, kept in memory.
//!
//! Declines follow a rule, so that a demo can decline on purpose: more than 10,000 dollars is over the limit, and the
//! test card `4000000000000002` never pays.

mod ledger;

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use chassis::input::{Field, Raw};
use chassis::{ApiError, Body};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::domain::{Currency, Money, UserId};
use crate::idempotency::idempotency_key;
use ledger::{Charge, Ledger, Outcome, PaymentId};

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/api/payment/process", post(process))
        .route("/api/payment/refund", post(refund))
        .with_state(Arc::new(Mutex::new(Ledger::default())))
}

type Shared = Arc<Mutex<Ledger>>;

/// A card number: 12 to 19 digits. It is compared with the test card and then forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Card(String);

impl Field for Card {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let text = raw.text()?;
        let is_card = (12..=19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_card.then(|| Self(text.to_owned())).ok_or_else(|| "must be a string of 12 to 19 digits".to_owned())
    }
}

async fn process(
    State(ledger): State<Shared>,
    headers: HeaderMap,
    Body(mut fields): Body,
) -> Result<Json<Value>, ApiError> {
    let amount = fields.required::<Money>("amount");
    if amount == Some(Money::ZERO) {
        fields.note("amount", "must be over 0");
    }
    let read = (
        amount,
        fields.optional::<Currency>("currency"),
        fields.required::<UserId>("user_id"),
        fields.optional::<Card>("card"),
        idempotency_key(&headers, &mut fields),
    );
    let (amount, currency, user_id, card, key) = fields.finish(read)?;
    let currency = currency.unwrap_or(Currency::DOLLAR);
    let charge = Charge { amount, currency: currency.code(), user_id, card: card.map(|c| c.0) };
    let outcome = ledger.lock().unwrap_or_else(PoisonError::into_inner).charge(key, &charge, decline_reason);
    match outcome {
        Ok(Outcome::Approved(id)) => Ok(Json(json!({
            "status": "approved",
            "payment_id": id.to_string(),
            "amount": charge.amount,
            "currency": charge.currency,
            "user_id": charge.user_id.as_str(),
        }))),
        Ok(Outcome::Declined(why)) => Err(ApiError::new(
            StatusCode::PAYMENT_REQUIRED,
            "payment_declined",
            format!("the payment was declined: {why}"),
        )),
        Err(reused) => {
            Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", reused.to_string()))
        }
    }
}

/// Why a charge is declined; `None` where it is approved.
fn decline_reason(charge: &Charge) -> Option<&'static str> {
    /// Dollars and up.
    const LIMIT_CENTS: i64 = 1_000_000;
    const TEST_CARD: &str = "4000000000000002";
    let currency = Currency::all().find(|c| c.code() == charge.currency).unwrap_or(Currency::DOLLAR);
    if currency.convert(charge.amount.cents(), Currency::DOLLAR) > LIMIT_CENTS {
        return Some("the amount is over the limit of 10000 USD");
    }
    (charge.card.as_deref() == Some(TEST_CARD)).then_some("the card does not pay")
}

async fn refund(State(ledger): State<Shared>, Body(mut fields): Body) -> Result<Json<Value>, ApiError> {
    let read = (fields.required::<PaymentId>("payment_id"),);
    let (id,) = fields.finish(read)?;
    let refunded = ledger.lock().unwrap_or_else(PoisonError::into_inner).refund(id);
    let amount = refunded.ok_or_else(|| ApiError::not_found("there is no such payment"))?;
    Ok(Json(json!({"status": "refunded", "payment_id": id.to_string(), "amount": amount})))
}
