//! shipping: what it costs to send a parcel, by weight and by how far the ZIP code is.

use axum::routing::post;
use axum::{Json, Router};
use chassis::input::{Field, Fields, Raw};
use chassis::{ApiError, Body};
use serde_json::{Value, json};

use crate::domain::{Money, Quantity, WeightKg, Zip, Zone};

/// Packing and handing over.
const BASE_CENTS: i64 = 399;
/// Each kilogram begun, in zone 1.
const KILOGRAM_CENTS: i64 = 60;
/// What each further zone adds to a kilogram begun.
const ZONE_CENTS: i64 = 25;

pub(crate) fn routes() -> Router {
    Router::new().route("/calculate", post(calculate))
}

/// A line of the parcel.
#[derive(Debug)]
struct Item {
    weight: WeightKg,
    quantity: Quantity,
}

impl Field for Item {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let mut fields = Fields::of_body(raw.object()?.clone());
        let read = (fields.required::<WeightKg>("weight"), fields.optional::<Quantity>("quantity"));
        let (weight, quantity) = fields.finish(read).map_err(|mistakes| mistakes.to_string())?;
        Ok(Self { weight, quantity: quantity.unwrap_or(Quantity::ONE) })
    }
}

async fn calculate(Body(mut fields): Body) -> Result<Json<Value>, ApiError> {
    let items = fields.required::<Vec<Item>>("items");
    if items.as_ref().is_some_and(Vec::is_empty) {
        fields.note("items", "must not be empty");
    }
    let read = (items, fields.required::<Zip>("zip"));
    let (items, zip) = fields.finish(read)?;
    let grams: u64 = items.iter().map(|item| item.weight.grams() * u64::from(item.quantity.count())).sum();
    let zone = zip.zone();
    Ok(Json(json!({
        "zip": zip.as_str(),
        "zone": zone.number(),
        "weight": grams as f64 / 1000.0,
        "cost": cost(grams, zone),
        "currency": "USD",
        "days": 1 + zone.number(),
    })))
}

fn cost(grams: u64, zone: Zone) -> Money {
    // At most a hundred lines of 99 pieces of 1000 kg: far below the limit of 64 bits.
    let kilograms = grams.div_ceil(1000) as i64;
    Money::from_cents(BASE_CENTS + kilograms * (KILOGRAM_CENTS + ZONE_CENTS * i64::from(zone.number() - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_grows_with_each_kilogram_begun_and_with_each_zone() {
        let table =
            [("10001", 1, 459), ("10001", 1000, 459), ("10001", 1001, 519), ("94105", 1000, 559), ("94105", 2500, 879)];
        for (zip, grams, cents) in table {
            let zone = Zip::read(Raw::Text(zip)).unwrap().zone();
            assert_eq!(cost(grams, zone).cents(), cents, "{zip} {grams}");
        }
    }
}
