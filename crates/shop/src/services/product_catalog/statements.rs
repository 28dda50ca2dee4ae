//! The statements, and beside each the index that it is built on.

use telemetry::sql::Statement;

use crate::plans::Watched;

/// The newest products of a category: $1 category, $2 and $3 price in cents, $4 rows.
pub(super) const BROWSE: Watched = Watched {
    statement: Statement::new(
        "SELECT",
        "products",
        "SELECT products",
        "SELECT product_id, name, price_cents, popularity, stock_quantity FROM products \
         WHERE category = $1 AND active AND price_cents BETWEEN $2 AND $3 ORDER BY created_at DESC LIMIT $4",
    ),
    wants_index: "idx_products_category_active",
};

/// The best-loved products of a category: $1 category, $2 and $3 price in cents.
pub(super) const RECOMMEND: Watched = Watched {
    statement: Statement::new(
        "SELECT",
        "recommendable_products",
        "SELECT recommendable_products",
        "SELECT product_id, name, price_cents, popularity, image_url FROM recommendable_products \
         WHERE category = $1 AND active AND price_cents BETWEEN $2 AND $3 ORDER BY popularity DESC LIMIT 10",
    ),
    wants_index: "idx_products_recommendation",
};

/// One product: $1 its number.
pub(super) const SHOW: Statement = Statement::new(
    "SELECT",
    "products",
    "SELECT products by id",
    "SELECT product_id, category, name, description, price_cents, popularity, stock_quantity, weight_grams, active \
     FROM products WHERE product_id = $1",
);
