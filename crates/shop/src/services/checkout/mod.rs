//! checkout: takes stock and writes the order, both or neither.

mod order;
mod restock;
mod store;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use chassis::{ApiError, Assembly, Body};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use telemetry::sql::Pool;

use crate::config::Config;
use crate::database::Planning;
use crate::domain::{Money, OverflowError, ProductId, Quantity, UserId};
use crate::idempotency::idempotency_key;
use crate::plans::Plans;
use crate::pool::{database_dependency, open_pool};
use order::{NewOrder, OrderLine};
use store::CreateError;

/// What the handlers share.
#[derive(Debug, Clone)]
struct Checkout {
    orders: Pool,
    plans: Plans,
}

pub(crate) fn assemble(config: &Config) -> Assembly {
    // Not kept open from the start: an order takes 3 ms, so two connections serve the heaviest scenario, and the other
    // eighteen would cost 55 MiB. What needs them all, waiting or leaking, takes its time to come to that.
    let orders = open_pool("orders", &config.database, config.orders_pool, Planning::Cached);
    let checkout = Checkout { orders: orders.clone(), plans: Plans::new(config) };
    let routes = Router::new().route("/orders/create", post(create_order)).with_state(checkout);
    Assembly::new(routes).needs([database_dependency(config)]).with_pools([orders])
}

/// `POST /orders/create {user_id, product_id, quantity?}` or `{user_id, items: [{product_id, quantity?}]}`, with `shipping?`
/// (dollars) and `idempotency_key?`.
async fn create_order(
    State(checkout): State<Checkout>,
    headers: HeaderMap,
    Body(mut fields): Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let lines = if fields.has("items") {
        fields.required::<Vec<OrderLine>>("items")
    } else {
        let (product, quantity) = (fields.required::<ProductId>("product_id"), fields.optional::<Quantity>("quantity"));
        product
            .zip(quantity)
            .map(|(product, quantity)| vec![OrderLine::new(product, quantity.unwrap_or(Quantity::ONE))])
    };
    let lines = lines.and_then(|lines| order::merged(lines).map_err(|why| fields.note("items", &why)).ok());
    let read = (
        fields.required::<UserId>("user_id"),
        lines,
        fields.optional::<Money>("shipping"),
        idempotency_key(&headers, &mut fields),
    );
    let (user, lines, shipping, key) = fields.finish(read)?;
    let wanted = NewOrder { user, lines, shipping: shipping.unwrap_or(Money::ZERO), key };
    let (order, is_new) = checkout.create(&wanted).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = json!({
        "status": "created",
        "order_id": order.id.to_string(),
        "user_id": wanted.user.as_str(),
        "total": order.total,
        "items": wanted.lines.iter().copied().map(OrderLine::to_json).collect::<Vec<_>>(),
    });
    Ok((status, Json(answer)))
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::UnknownProduct(product) => Self::not_found(format!("there is no product {product}")),
            CreateError::OutOfStock(product) => {
                Self::conflict("out_of_stock", format!("there is not enough of {product} left"))
            }
            CreateError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "the idempotency key was used for another order",
            ),
            CreateError::TooLarge(OverflowError) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_input", "items come to more than an order can be")
            }
            CreateError::Sql(error) => error.into(),
        }
    }
}
