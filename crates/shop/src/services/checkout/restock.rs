//! For the buyers' desk: which product of a category is scarcest, now that an order has taken its pieces.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, Row};
use telemetry::sql::{SqlError, Statement, Transaction};

use crate::domain::{Category, ProductId};
use crate::plans::{Plans, Watched};

/// The scarcest product of a category and where it is stored: $1 category.
const SCARCEST: Watched = Watched {
    statement: Statement::new(
        "SELECT",
        "restockable_products",
        "SELECT restockable_products",
        "SELECT product_id, stock_quantity, warehouse FROM restockable_products \
         WHERE category = $1 ORDER BY stock_quantity LIMIT 1",
    ),
    wants_index: "idx_products_stock_quantity",
};

/// Below so many pieces the desk wants to know. A fresh catalogue has 500 of everything.
const REORDER_BELOW: i32 = 100;

/// Looks inside the order's transaction, so that the order itself counts.
pub(super) async fn look(transaction: &mut Transaction, plans: &Plans, category: Category) -> Result<(), SqlError> {
    let plan = plans.ask(&SCARCEST, category, || arguments(category));
    let mut call = transaction.call(&SCARCEST.statement);
    let asked = sqlx::query_with(SCARCEST.statement.text, arguments(category));
    let result = asked.fetch_optional(transaction.connection()).await;
    call.complete_with(&result, result.as_ref().ok().map(|row| usize::from(row.is_some())));
    plan.describe_aside(call);
    if let Some(row) = result? {
        tell(&row)?;
    }
    Ok(())
}

fn tell(row: &PgRow) -> Result<(), sqlx::Error> {
    let stock: i32 = row.try_get("stock_quantity")?;
    if stock < REORDER_BELOW {
        let product = ProductId::new(row.try_get("product_id")?);
        let warehouse: &str = row.try_get("warehouse")?;
        tracing::debug!(%product, stock, warehouse, "to be reordered");
    }
    Ok(())
}

fn arguments(category: Category) -> PgArguments {
    let mut arguments = PgArguments::default();
    let added = arguments.add(category.name());
    debug_assert!(added.is_ok(), "text can always be encoded");
    arguments
}
