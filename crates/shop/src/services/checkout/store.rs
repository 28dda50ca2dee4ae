//! The transaction: stock is taken only where there is enough, and only if the order is written.

use std::collections::BTreeSet;

use sqlx::Row;
use telemetry::sql::{SqlError, Statement, Transaction};

use super::order::{NewOrder, OrderLine};
use super::{Checkout, restock};
use crate::domain::{Category, IdempotencyKey, Money, OrderId, OverflowError, ProductId};

/// Makes requests with the same key wait for each other: $1 key.
const LOCK_KEY: Statement =
    Statement::new("SELECT", "orders", "SELECT orders lock", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");

/// The order that a key has made: $1 key.
const FIND_BY_KEY: Statement = Statement::new(
    "SELECT",
    "orders",
    "SELECT orders by key",
    "SELECT order_id, total_cents, request_digest FROM orders WHERE idempotency_key = $1",
);

/// The partition that a product is in: $1 product.
const FIND_PRODUCT: Statement = Statement::new(
    "SELECT",
    "products",
    "SELECT products category",
    "SELECT category FROM products WHERE product_id = $1",
);

/// Takes stock if there is enough: $1 product, $2 quantity, $3 category. Names the partition, so that it locks that one
/// alone: while an index of another partition is built, its products can be ordered.
const TAKE_STOCK: Statement = Statement::new(
    "UPDATE",
    "products",
    "UPDATE products",
    "UPDATE products SET stock_quantity = stock_quantity - $2 \
     WHERE product_id = $1 AND category = $3 AND stock_quantity >= $2 RETURNING price_cents",
);

/// The order and its lines in one round trip: $1 user, $2 total, $3 key, $4 digest, then the lines' products,
/// categories, quantities and prices.
const WRITE: Statement = Statement::new(
    "INSERT",
    "orders",
    "INSERT orders",
    "WITH placed AS (INSERT INTO orders (user_id, status, total_cents, idempotency_key, request_digest) \
     VALUES ($1, 'created', $2, $3, $4) RETURNING order_id), \
     lines AS (INSERT INTO order_items (order_id, line, product_id, category, quantity, unit_price_cents) \
     SELECT order_id, line, product_id, category, quantity, unit_price_cents FROM placed, \
     unnest($5::bigint[], $6::text[], $7::integer[], $8::integer[]) WITH ORDINALITY \
     AS item (product_id, category, quantity, unit_price_cents, line)) \
     SELECT order_id FROM placed",
);

/// An order that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) id: OrderId,
    pub(super) total: Money,
}

/// Why no order was written. Then no stock was taken either.
#[derive(Debug, thiserror::Error)]
pub(super) enum CreateError {
    #[error("there is no product {0}")]
    UnknownProduct(ProductId),
    #[error("there is not enough of {0}")]
    OutOfStock(ProductId),
    #[error("the idempotency key belongs to another order")]
    KeyReused,
    #[error(transparent)]
    TooLarge(#[from] OverflowError),
    #[error(transparent)]
    Sql(#[from] SqlError),
}

/// A line with what the database says of its product.
struct Priced {
    line: OrderLine,
    category: String,
    price: Money,
}

impl Checkout {
    /// Writes the order, or finds the one that the same request has written before; says which.
    pub(super) async fn create(&self, wanted: &NewOrder) -> Result<(Order, bool), CreateError> {
        let mut transaction = self.orders.begin().await?;
        if let Some(key) = &wanted.key
            && let Some(before) = written_before(&mut transaction, key, &wanted.digest()).await?
        {
            transaction.rollback().await?;
            return Ok((before, false));
        }
        let mut total = wanted.shipping;
        let mut priced = Vec::with_capacity(wanted.lines.len());
        for line in &wanted.lines {
            let (category, price) = take(&mut transaction, *line).await?;
            total = total.plus(price.times(line.quantity.count())?)?;
            priced.push(Priced { line: *line, category, price });
        }
        let touched: BTreeSet<Category> = priced.iter().filter_map(|p| Category::find(&p.category)).collect();
        for category in touched {
            restock::look(&mut transaction, &self.plans, category).await?;
        }
        let id = write(&mut transaction, wanted, &priced, total).await?;
        transaction.commit().await?;
        Ok((Order { id, total }, true))
    }
}

async fn written_before(
    transaction: &mut Transaction,
    key: &IdempotencyKey,
    digest: &str,
) -> Result<Option<Order>, CreateError> {
    let call = transaction.call(&LOCK_KEY);
    let locked = sqlx::query(LOCK_KEY.text).bind(key.as_str()).execute(transaction.connection()).await;
    transaction.finish(call, locked, |_| 1)?;
    let call = transaction.call(&FIND_BY_KEY);
    let found = sqlx::query(FIND_BY_KEY.text).bind(key.as_str()).fetch_optional(transaction.connection()).await;
    let Some(row) = transaction.finish(call, found, |row| usize::from(row.is_some()))? else {
        return Ok(None);
    };
    let read = |error| CreateError::Sql(SqlError::Database(error));
    if row.try_get::<Option<&str>, _>("request_digest").map_err(read)? != Some(digest) {
        return Err(CreateError::KeyReused);
    }
    let id = OrderId::new(row.try_get("order_id").map_err(read)?);
    Ok(Some(Order { id, total: Money::from_cents(row.try_get("total_cents").map_err(read)?) }))
}

async fn take(transaction: &mut Transaction, line: OrderLine) -> Result<(String, Money), CreateError> {
    let read = |error| CreateError::Sql(SqlError::Database(error));
    let call = transaction.call(&FIND_PRODUCT);
    let found = sqlx::query_scalar::<_, String>(FIND_PRODUCT.text)
        .bind(line.product.number())
        .fetch_optional(transaction.connection())
        .await;
    let Some(category) = transaction.finish(call, found, |row| usize::from(row.is_some()))? else {
        return Err(CreateError::UnknownProduct(line.product));
    };
    let call = transaction.call(&TAKE_STOCK);
    let taken = sqlx::query(TAKE_STOCK.text)
        .bind(line.product.number())
        .bind(i64::from(line.quantity.count()) as i32)
        .bind(&category)
        .fetch_optional(transaction.connection())
        .await;
    let Some(row) = transaction.finish(call, taken, |row| usize::from(row.is_some()))? else {
        return Err(CreateError::OutOfStock(line.product));
    };
    let price: i32 = row.try_get("price_cents").map_err(read)?;
    Ok((category, Money::from_cents(price.into())))
}

async fn write(
    transaction: &mut Transaction,
    wanted: &NewOrder,
    priced: &[Priced],
    total: Money,
) -> Result<OrderId, SqlError> {
    let products: Vec<i64> = priced.iter().map(|p| p.line.product.number()).collect();
    let categories: Vec<&str> = priced.iter().map(|p| p.category.as_str()).collect();
    let quantities: Vec<i32> = priced.iter().map(|p| p.line.quantity.count() as i32).collect();
    let prices: Vec<i32> = priced.iter().map(|p| p.price.cents() as i32).collect();
    let call = transaction.call(&WRITE);
    let written = sqlx::query(WRITE.text)
        .bind(wanted.user.as_str())
        .bind(total.cents())
        .bind(wanted.key.as_ref().map(IdempotencyKey::as_str))
        .bind(wanted.key.as_ref().map(|_| wanted.digest()))
        .bind(products)
        .bind(categories)
        .bind(quantities)
        .bind(prices)
        .fetch_one(transaction.connection())
        .await;
    let row = transaction.finish(call, written, |_| 1)?;
    Ok(OrderId::new(row.try_get(0)?))
}
