//! Checkouts that failed since the start, and what they would have brought: `GET /admin/checkout-stats`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::Frontend;
use crate::domain::Money;

/// Most kinds of traffic that are told apart: a scenario has two or three, and callers name their own.
const MAX_TYPES: usize = 16;
/// Stands for requests that do not say what they are.
const UNTAGGED: &str = "untagged";
/// Stands for the kinds beyond [`MAX_TYPES`].
const OTHERS: &str = "others";

/// Failed checkouts by traffic type.
#[derive(Debug, Default)]
pub(super) struct Losses(Mutex<BTreeMap<String, Loss>>);

/// What was lost. Cents are summed as whole numbers, so that many small ones add up exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Loss {
    failed: u64,
    cents: u64,
}

impl Loss {
    fn to_json(self) -> Map<String, Value> {
        let fields = [("failed", json!(self.failed)), ("lost_revenue_usd", json!(self.cents as f64 / 100.0))];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Losses {
    /// Counts a failed checkout of `total`, made by traffic of this type.
    pub(super) fn count(&self, traffic_type: Option<&str>, total: Money) {
        let mut losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut name = traffic_type.unwrap_or(UNTAGGED);
        if losses.len() >= MAX_TYPES && !losses.contains_key(name) {
            name = OTHERS;
        }
        let loss = losses.entry(name.to_owned()).or_default();
        loss.failed += 1;
        // Never negative, as money is made.
        loss.cents = loss.cents.saturating_add(total.cents().unsigned_abs());
    }

    fn to_json(&self) -> Value {
        let losses = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let all = losses.values().fold(Loss::default(), |sum, loss| Loss {
            failed: sum.failed + loss.failed,
            cents: sum.cents.saturating_add(loss.cents),
        });
        let by_type: Map<String, Value> =
            losses.into_iter().map(|(name, loss)| (name, Value::Object(loss.to_json()))).collect();
        let mut shown = all.to_json();
        shown.insert("by_traffic_type".to_owned(), Value::Object(by_type));
        Value::Object(shown)
    }
}

/// `GET /admin/checkout-stats`
pub(super) async fn checkout_stats(State(frontend): State<Arc<Frontend>>) -> Json<Value> {
    Json(frontend.losses.to_json())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_add_up_to_the_cent_by_traffic_type() {
        let losses = Losses::default();
        for _ in 0..10 {
            losses.count(Some("demo"), Money::from_cents(10));
        }
        losses.count(Some("baseline"), Money::from_cents(1_999));
        losses.count(None, Money::ZERO);
        let expected = json!({
            "failed": 12, "lost_revenue_usd": 20.99,
            "by_traffic_type": {
                "baseline": {"failed": 1, "lost_revenue_usd": 19.99},
                "demo": {"failed": 10, "lost_revenue_usd": 1.0},
                "untagged": {"failed": 1, "lost_revenue_usd": 0.0},
            },
        });
        assert_eq!(losses.to_json(), expected);
        assert_eq!(Losses::default().to_json(), json!({"failed": 0, "lost_revenue_usd": 0.0, "by_traffic_type": {}}));
    }

    #[test]
    fn callers_can_not_invent_kinds_without_end() {
        let losses = Losses::default();
        for number in 0..1_000 {
            losses.count(Some(&format!("t{number}")), Money::from_cents(100));
        }
        let shown = losses.to_json();
        assert_eq!(shown["by_traffic_type"].as_object().unwrap().len(), MAX_TYPES + 1);
        assert_eq!((&shown["failed"], &shown["lost_revenue_usd"]), (&json!(1_000), &json!(1_000.0)));
    }
}
