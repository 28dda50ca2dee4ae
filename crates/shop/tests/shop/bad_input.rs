//! What callers must not send, on every endpoint. The answer names what is wrong, in JSON, and is never a 5xx.

use reqwest::Method;
use serde_json::json;
use shop::ServiceName::{
    self, AdService, Cart, Checkout, Currency, Frontend, PaymentService, ProductCatalog, Recommendation, Shipping,
};

use crate::stage::{FEW_PRODUCTS, Shop, unix_in};

const SQL: &str = "'; DROP TABLE products; --";

/// Every endpoint that takes a body, with one that is right.
fn bodies() -> Vec<(Method, ServiceName, &'static str, serde_json::Value)> {
    let posts = posts().into_iter().map(|(service, path, body)| (Method::POST, service, path, body));
    let puts = puts().into_iter().map(|(service, path, body)| (Method::PUT, service, path, body));
    posts.chain(puts).collect()
}

fn puts() -> Vec<(ServiceName, &'static str, serde_json::Value)> {
    let until = unix_in(600.0);
    vec![
        (
            Shipping,
            "/admin/faults/slow",
            json!({"kind": "latency", "delay_ms": 1, "share": 0.1, "path": "/nowhere", "until_unix": until}),
        ),
        (AdService, "/admin/faults/broken", json!({"kind": "error", "status": 503, "path": "/x", "until_unix": until})),
        (ProductCatalog, "/admin/pools/browse/size", json!({"size": 9, "until_unix": until})),
        (Recommendation, "/admin/pools/order-history/leak", json!({"points": [[until, 1]], "until_unix": until})),
    ]
}

fn posts() -> Vec<(ServiceName, &'static str, serde_json::Value)> {
    vec![
        (
            Frontend,
            "/api/browse",
            json!({"user_id": "user-0001", "cart_id": "c-1", "category": "books", "currency": "EUR"}),
        ),
        (
            Frontend,
            "/api/cart",
            json!({"user_id": "user-0001", "cart_id": "c-1", "product_id": "prod-5", "quantity": 2}),
        ),
        (
            Frontend,
            "/api/checkout",
            json!({"user_id": "user-0001", "cart_id": "c-2", "product_id": "prod-5", "quantity": 1, "zip": "94105"}),
        ),
        (Cart, "/cart/c-3/add", json!({"product_id": "prod-5", "quantity": 1})),
        (Cart, "/cart/c-3/remove", json!({"product_id": "prod-5", "quantity": 1})),
        (Cart, "/cart/c-3/clear", json!({})),
        (Checkout, "/orders/create", json!({"user_id": "user-0001", "product_id": "prod-5", "quantity": 1})),
        (
            PaymentService,
            "/api/payment/process",
            json!({"amount": 99.99, "currency": "USD", "user_id": "user-0001", "card": "4242424242424242"}),
        ),
        (Shipping, "/calculate", json!({"items": [{"weight": 1.5}], "zip": "94105"})),
        (Recommendation, "/recommend", json!({"user_id": "user-0001", "category": "books", "candidates": ["prod-5"]})),
    ]
}

/// Every GET endpoint with a query, and one that is right.
const GETS: [(ServiceName, &str); 14] = [
    (ProductCatalog, "/products?category=electronics&price_min=5&price_max=10.5&limit=3"),
    (ProductCatalog, "/products/recommendations?category=electronics&user_id=user-0001"),
    (ProductCatalog, "/products/prod-1"),
    (ProductCatalog, "/admin/pool-stats"),
    (Checkout, "/admin/pool-stats"),
    (Currency, "/admin/pool-stats"),
    (Cart, "/admin/faults"),
    (Frontend, "/admin/checkout-stats"),
    (AdService, "/ads?category=books"),
    (AdService, "/ads"),
    (Currency, "/convert?amount=12.50&from=USD&to=JPY"),
    (Currency, "/rates"),
    (Cart, "/cart/c-1"),
    (Recommendation, "/health"),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_wrong_body_is_answered_with_anything_but_the_reason() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let mut failures = Vec::new();
    let mut check = |what: String, answer: &crate::stage::Answer, allowed: &[u16], names: Option<&str>| {
        let is_json_error = serde_json::from_str::<serde_json::Value>(&answer.text)
            .is_ok_and(|body| body["error"]["code"].is_string() && body["error"]["message"].is_string());
        let is_named = names.is_none_or(|name| answer.text.contains(name));
        println!("{what} -> {}", answer.status.as_u16());
        if !allowed.contains(&answer.status.as_u16()) || !is_json_error || !is_named {
            failures.push(format!("{what} -> {} {}", answer.status, answer.text));
        }
    };
    for (method, service, path, right) in bodies() {
        let url = shop.url(service, path);
        let request = || shop.client.request(method.clone(), &url);
        let answer = shop.send(request().json(&right)).await;
        assert!(answer.status.is_success(), "{service} {path}: {} {}", answer.status, answer.text);
        let raw = |body: &str, kind: &str| request().header("content-type", kind).body(body.to_owned());
        let json_kind = "application/json";
        let large = format!(r#"{{"user_id": "{}"}}"#, "x".repeat(70_000));
        let wrong_raw = [
            ("not JSON", raw("{\"user_id\": ", json_kind), 400),
            ("empty with a type", raw("", json_kind), 400),
            ("an array", raw("[]", json_kind), 400),
            ("a string", raw("\"x\"", json_kind), 400),
            ("deeply nested", raw(&"[".repeat(10_000), json_kind), 400),
            ("not UTF-8", request().header("content-type", json_kind).body(vec![0xff, 0xfe]), 400),
            ("a form", raw("user_id=1", "application/x-www-form-urlencoded"), 415),
            ("too large", raw(&large, json_kind), 413),
        ];
        for (what, request, status) in wrong_raw {
            check(format!("{method} {service} {path} {what}"), &shop.send(request).await, &[status], None);
        }
        let patched = shop.send(shop.client.request(Method::PATCH, &url)).await;
        check(format!("PATCH {service} {path}"), &patched, &[405], None);
        let fields: Vec<String> = right.as_object().unwrap().keys().cloned().collect();
        for field in fields {
            let wrong = [
                json!(-1),
                json!(0.5),
                json!(1e300),
                json!(true),
                json!({"a": 1}),
                json!([[]]),
                json!(SQL),
                json!("a\u{0}b"),
                json!("x".repeat(5_000)),
            ];
            for value in wrong {
                // An amount may be a fraction, and a share mostly is.
                if ["amount", "share"].contains(&field.as_str()) && value == json!(0.5) {
                    continue;
                }
                let mut body = right.clone();
                body[&field] = value.clone();
                let what = format!(
                    "{method} {service} {path} {field}={}",
                    value.to_string().chars().take(30).collect::<String>()
                );
                check(what, &shop.send(request().json(&body)).await, &[422], Some(&field));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_unknown_and_impossible_things_have_a_status_of_their_own() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let sql = "%27%3B%20DROP%20TABLE%20products%3B%20--";
    let posts = [
        (Frontend, "/api/cart", json!({"cart_id": "c"}), 422, "product_id is missing"),
        (
            Frontend,
            "/api/cart",
            json!({"cart_id": "c", "product_id": "prod-99999999"}),
            404,
            "no product prod-99999999",
        ),
        (Frontend, "/api/checkout", json!({"product_id": "prod-99999999"}), 404, "no product"),
        (
            Frontend,
            "/api/checkout",
            json!({"product_id": "prod-1", "quantity": 100}),
            422,
            "quantity must be from 1 to 99",
        ),
        (
            Frontend,
            "/api/checkout",
            json!({"product_id": "prod-1", "card": "4000000000000002"}),
            402,
            "payment_declined",
        ),
        (Cart, "/cart/c/add", json!({}), 422, "product_id is missing"),
        (Cart, "/cart/a%20b/add", json!({"product_id": "prod-1"}), 400, "cart_id"),
        (Checkout, "/orders/create", json!({}), 422, "user_id is missing"),
        (Checkout, "/orders/create", json!({"user_id": "u", "product_id": "prod-99999999"}), 404, "no product"),
        (Checkout, "/orders/create", json!({"user_id": "u", "items": []}), 422, "items must not be empty"),
        (Checkout, "/orders/create", json!({"user_id": "u", "items": [{"product_id": 1}]}), 422, "[0] product_id"),
        (PaymentService, "/api/payment/process", json!({}), 422, "amount is missing; user_id is missing"),
        (PaymentService, "/api/payment/process", json!({"amount": 0, "user_id": "u"}), 422, "amount must be over 0"),
        (PaymentService, "/api/payment/process", json!({"amount": 10000.01, "user_id": "u"}), 402, "over the limit"),
        (PaymentService, "/api/payment/refund", json!({"payment_id": "pay-1"}), 422, "payment_id"),
        (
            PaymentService,
            "/api/payment/refund",
            json!({"payment_id": format!("pay-{}", uuid::Uuid::nil())}),
            404,
            "no such payment",
        ),
        (Shipping, "/calculate", json!({"items": [], "zip": "1"}), 422, "items must not be empty; zip must be"),
        (Shipping, "/calculate", json!({"items": [{"weight": 0}], "zip": "10001"}), 422, "[0] weight must be over 0"),
        (Recommendation, "/recommend", json!({"user_id": "u", "category": "cars"}), 422, "is no category"),
        (
            Recommendation,
            "/recommend",
            json!({"user_id": "u", "category": "books", "candidates": vec!["prod-1"; 101]}),
            422,
            "at most 100",
        ),
    ];
    for (service, path, body, status, said) in posts {
        let answer = shop.post(service, path, &body).await;
        assert!(
            answer.status.as_u16() == status && answer.text.contains(said),
            "{path} {body}: {} {}",
            answer.status,
            answer.text
        );
    }
    for (service, path) in GETS {
        let answer = shop.get(service, path).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.text);
        let posted = shop.post(service, path, &json!({})).await;
        assert_eq!(posted.status.as_u16(), 405, "{path}");
        assert!(posted.json()["error"]["code"].is_string());
    }
    let gets = [
        (ProductCatalog, "/products".to_owned(), 400, "category is missing"),
        (ProductCatalog, format!("/products?category={sql}"), 400, "is no category"),
        (ProductCatalog, "/products?category=books&category=toys".to_owned(), 400, "more than once"),
        (
            ProductCatalog,
            "/products?category=books&price_min=10&price_max=1".to_owned(),
            400,
            "price_min must not be over",
        ),
        (
            ProductCatalog,
            "/products?category=books&price_min=-1&limit=0".to_owned(),
            400,
            "limit must be from 1 to 100",
        ),
        (ProductCatalog, "/products?category=books&limit=1e9".to_owned(), 400, "limit must be a whole number"),
        (ProductCatalog, "/products?category=books&price_min=NaN".to_owned(), 400, "price_min"),
        (ProductCatalog, "/products/recommendations".to_owned(), 400, "category is missing"),
        (ProductCatalog, format!("/products/recommendations?category=books&user_id={sql}"), 400, "user_id"),
        (ProductCatalog, "/products/123".to_owned(), 400, "product_id"),
        (ProductCatalog, format!("/products/{sql}"), 400, "product_id"),
        (ProductCatalog, "/products/%ff".to_owned(), 400, "path"),
        (ProductCatalog, "/products/prod-99999999".to_owned(), 404, "no product"),
        (AdService, "/ads?category=cars".to_owned(), 400, "is no category"),
        (Currency, "/convert".to_owned(), 400, "amount is missing; from is missing; to is missing"),
        (Currency, "/convert?amount=-1&from=USD&to=XXX".to_owned(), 400, "is no currency"),
        (Cart, format!("/cart/{}", "x".repeat(65)), 400, "cart_id"),
        (Cart, "/nowhere".to_owned(), 404, "nothing at this path"),
        (Cart, "/admin/nowhere".to_owned(), 404, "nothing at this path"),
    ];
    for (service, path, status, said) in gets {
        let answer = shop.get(service, &path).await;
        assert!(
            answer.status.as_u16() == status && answer.text.contains(said),
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        assert!(answer.json()["error"]["message"].is_string(), "{path}");
    }
}
