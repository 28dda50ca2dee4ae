//! currency: converts amounts by a fixed table.

use axum::routing::get;
use axum::{Json, Router};
use chassis::{ApiError, Query};
use serde_json::{Map, Value, json};

use crate::domain::{Currency, Money};

pub(crate) fn routes() -> Router {
    Router::new().route("/convert", get(convert)).route("/rates", get(rates))
}

async fn convert(Query(mut fields): Query) -> Result<Json<Value>, ApiError> {
    let read =
        (fields.required::<Money>("amount"), fields.required::<Currency>("from"), fields.required::<Currency>("to"));
    let (amount, from, to) = fields.finish(read)?;
    let units = from.convert(amount.cents(), to);
    Ok(Json(json!({
        "amount": amount,
        "from": from.code(),
        "to": to.code(),
        "rate": to.per_dollar() / from.per_dollar(),
        "converted": units as f64 / 10_f64.powi(to.decimals() as i32),
    })))
}

async fn rates() -> Json<Value> {
    let rates: Map<String, Value> = Currency::all().map(|c| (c.code().to_owned(), json!(c.per_dollar()))).collect();
    Json(json!({"base": Currency::DOLLAR.code(), "rates": rates}))
}
