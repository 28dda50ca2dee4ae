//! What visitors of the made-up shop do: the spans of one trace of each kind, and who sends them.

/// What a span is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Work {
    /// A request answered: method and route.
    Server(&'static str, &'static str),
    /// A request made.
    Client(&'static str, &'static str),
    /// A statement of [`STATEMENTS`], by its number.
    Sql(usize),
    /// A command of Redis.
    Redis(&'static str),
    /// Something inside.
    Internal(&'static str),
}

/// One span: its parent's place in the journey (its own for the root), its service, its work, mean of its own milliseconds.
pub(crate) type Step = (usize, usize, Work, f64);

pub(crate) const SERVICES: [&str; 10] = [
    "frontend",
    "cart",
    "product-catalog",
    "recommendation",
    "currency",
    "shipping",
    "checkout",
    "payment",
    "email",
    "ad",
];
const FRONTEND: usize = 0;
const CART: usize = 1;
const CATALOG: usize = 2;
const RECOMMENDATION: usize = 3;
const CURRENCY: usize = 4;
const SHIPPING: usize = 5;
const CHECKOUT: usize = 6;
pub(crate) const PAYMENT: usize = 7;
const EMAIL: usize = 8;
const AD: usize = 9;

/// Text, table, index it uses, rows it looks at.
pub(crate) const STATEMENTS: [(&str, &str, &str, u64); 8] = [
    ("SELECT id, name, price_cents, picture FROM products WHERE id = $1", "products", "products_pkey", 1),
    (
        "SELECT id, name FROM products WHERE category_id = $1 ORDER BY rank LIMIT $2",
        "products",
        "idx_products_category",
        40,
    ),
    (
        "SELECT product_id, score FROM recommendations WHERE user_segment = $1 ORDER BY score DESC LIMIT 12",
        "recommendations",
        "NONE",
        50_000,
    ),
    ("SELECT rate FROM currency_rates WHERE code = $1", "currency_rates", "currency_rates_pkey", 1),
    ("INSERT INTO orders (id, user_id, total_cents, currency) VALUES ($1, $2, $3, $4)", "orders", "NONE", 0),
    (
        "INSERT INTO order_items (order_id, product_id, quantity) SELECT $1, unnest($2::int[]), unnest($3::int[])",
        "order_items",
        "NONE",
        0,
    ),
    ("UPDATE stock SET reserved = reserved + $2 WHERE product_id = $1", "stock", "stock_pkey", 1),
    (
        "SELECT zone, price_cents FROM shipping_rates WHERE country = $1 AND weight_g <= $2",
        "shipping_rates",
        "idx_shipping_country",
        9,
    ),
];

/// Looks at a page of the catalogue: 13 spans.
const BROWSE: [Step; 13] = [
    (0, FRONTEND, Work::Server("GET", "/api/browse"), 0.6),
    (0, FRONTEND, Work::Client("GET", "/products"), 0.3),
    (1, CATALOG, Work::Server("GET", "/products"), 0.4),
    (2, CATALOG, Work::Sql(1), 1.8),
    (2, CATALOG, Work::Internal("render prices"), 0.2),
    (0, FRONTEND, Work::Client("GET", "/rates/{code}"), 0.2),
    (5, CURRENCY, Work::Server("GET", "/rates/{code}"), 0.2),
    (6, CURRENCY, Work::Redis("GET"), 0.2),
    (6, CURRENCY, Work::Sql(3), 0.6),
    (0, FRONTEND, Work::Client("GET", "/ads"), 0.2),
    (9, AD, Work::Server("GET", "/ads"), 0.3),
    (10, AD, Work::Redis("MGET"), 0.3),
    (0, FRONTEND, Work::Internal("render page"), 0.8),
];

/// Looks at a product and what goes with it: 20 spans.
const PRODUCT: [Step; 20] = [
    (0, FRONTEND, Work::Server("GET", "/api/products/{id}"), 0.6),
    (0, FRONTEND, Work::Client("GET", "/products/{id}"), 0.3),
    (1, CATALOG, Work::Server("GET", "/products/{id}"), 0.3),
    (2, CATALOG, Work::Redis("GET"), 0.2),
    (2, CATALOG, Work::Sql(0), 0.7),
    (0, FRONTEND, Work::Client("GET", "/recommendations"), 0.3),
    (5, RECOMMENDATION, Work::Server("GET", "/recommendations"), 0.5),
    (6, RECOMMENDATION, Work::Sql(2), 9.0),
    (6, RECOMMENDATION, Work::Client("GET", "/products"), 0.3),
    (8, CATALOG, Work::Server("GET", "/products"), 0.4),
    (9, CATALOG, Work::Sql(1), 1.8),
    (6, RECOMMENDATION, Work::Internal("rank"), 0.9),
    (0, FRONTEND, Work::Client("GET", "/rates/{code}"), 0.2),
    (12, CURRENCY, Work::Server("GET", "/rates/{code}"), 0.2),
    (13, CURRENCY, Work::Redis("GET"), 0.2),
    (0, FRONTEND, Work::Client("POST", "/carts/{user}/items"), 0.2),
    (15, CART, Work::Server("POST", "/carts/{user}/items"), 0.3),
    (16, CART, Work::Redis("HSET"), 0.2),
    (16, CART, Work::Redis("EXPIRE"), 0.1),
    (0, FRONTEND, Work::Internal("render page"), 0.8),
];

/// Buys: 33 spans.
const BUY: [Step; 33] = [
    (0, FRONTEND, Work::Server("POST", "/api/checkout"), 0.8),
    (0, FRONTEND, Work::Client("POST", "/orders"), 0.3),
    (1, CHECKOUT, Work::Server("POST", "/orders"), 0.9),
    (2, CHECKOUT, Work::Client("GET", "/carts/{user}"), 0.2),
    (3, CART, Work::Server("GET", "/carts/{user}"), 0.2),
    (4, CART, Work::Redis("HGETALL"), 0.3),
    (2, CHECKOUT, Work::Client("GET", "/products/{id}"), 0.2),
    (6, CATALOG, Work::Server("GET", "/products/{id}"), 0.3),
    (7, CATALOG, Work::Redis("GET"), 0.2),
    (7, CATALOG, Work::Sql(0), 0.7),
    (2, CHECKOUT, Work::Client("GET", "/rates/{code}"), 0.2),
    (10, CURRENCY, Work::Server("GET", "/rates/{code}"), 0.2),
    (11, CURRENCY, Work::Redis("GET"), 0.2),
    (2, CHECKOUT, Work::Client("POST", "/quotes"), 0.2),
    (13, SHIPPING, Work::Server("POST", "/quotes"), 0.4),
    (14, SHIPPING, Work::Sql(7), 1.1),
    (2, CHECKOUT, Work::Internal("begin"), 0.1),
    (2, CHECKOUT, Work::Sql(6), 0.9),
    (2, CHECKOUT, Work::Sql(4), 0.9),
    (2, CHECKOUT, Work::Sql(5), 1.4),
    (2, CHECKOUT, Work::Client("POST", "/charges"), 0.3),
    (20, PAYMENT, Work::Server("POST", "/charges"), 0.6),
    (21, PAYMENT, Work::Internal("fraud check"), 2.5),
    (21, PAYMENT, Work::Client("POST", "/v1/charges"), 12.0),
    (21, PAYMENT, Work::Sql(4), 0.8),
    (2, CHECKOUT, Work::Internal("commit"), 0.9),
    (2, CHECKOUT, Work::Client("POST", "/mails"), 0.2),
    (26, EMAIL, Work::Server("POST", "/mails"), 0.4),
    (27, EMAIL, Work::Internal("render mail"), 1.2),
    (27, EMAIL, Work::Redis("LPUSH"), 0.2),
    (2, CHECKOUT, Work::Client("DELETE", "/carts/{user}"), 0.2),
    (30, CART, Work::Server("DELETE", "/carts/{user}"), 0.2),
    (31, CART, Work::Redis("DEL"), 0.2),
];

/// The journey of a visitor, by a number from 0 to 1.
pub(crate) fn journey(of_all: f64) -> &'static [Step] {
    match of_all {
        ..0.45 => &BROWSE,
        0.45..0.75 => &PRODUCT,
        _ => &BUY,
    }
}
