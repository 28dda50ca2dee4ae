//! The order transaction: stock and order together, and each request once.

use serde_json::{Value, json};
use shop::ServiceName::Checkout;

use crate::stage::{Answer, FEW_PRODUCTS, Shop, number};

const ORDERS: &str = "SELECT count(*) FROM orders";

async fn order(shop: &Shop, body: &Value) -> Answer {
    shop.post(Checkout, "/orders/create", body).await
}

async fn order_with_key(shop: &Shop, key: &str, body: &Value) -> Answer {
    let request = shop.client.post(shop.url(Checkout, "/orders/create")).header("Idempotency-Key", key).json(body);
    shop.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_can_not_be_filled_changes_nothing() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let sql = shop.sql().await;
    sqlx::query("UPDATE products SET stock_quantity = 1 WHERE product_id = 9").execute(&sql).await.unwrap();
    let (orders, stock) = (number(&sql, ORDERS).await, number(&sql, "SELECT sum(stock_quantity) FROM products").await);
    let short = json!({"user_id": "u", "items": [{"product_id": "prod-3"}, {"product_id": "prod-9", "quantity": 2}]});
    let answer = order(&shop, &short).await;
    assert_eq!((answer.status.as_u16(), answer.json()["error"]["code"].as_str()), (409, Some("out_of_stock")));
    let unknown = json!({"user_id": "u", "items": [{"product_id": "prod-3"}, {"product_id": "prod-900000"}]});
    assert_eq!(order(&shop, &unknown).await.status.as_u16(), 404);
    assert_eq!(number(&sql, ORDERS).await, orders);
    assert_eq!(number(&sql, "SELECT sum(stock_quantity) FROM products").await, stock);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_pieces_are_sold_once_however_many_ask_at_once() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let sql = shop.sql().await;
    sqlx::query("UPDATE products SET stock_quantity = 5 WHERE product_id IN (9, 10)").execute(&sql).await.unwrap();
    // The same two products in both sequences: taken in the order asked for, they would deadlock.
    let bodies = [["prod-9", "prod-10"], ["prod-10", "prod-9"]]
        .map(|pair| json!({"user_id": "u", "items": pair.map(|product| json!({"product_id": product}))}));
    let asked = (0..20).map(|number| order(&shop, &bodies[number % 2]));
    let answers = futures_util::future::join_all(asked).await;
    let with = |status: u16| answers.iter().filter(|a| a.status.as_u16() == status).count();
    assert_eq!((with(201), with(409)), (5, 15));
    assert_eq!(number(&sql, "SELECT sum(stock_quantity) FROM products WHERE product_id IN (9, 10)").await, 0);
    let written =
        number(&sql, "SELECT count(*) FROM order_items JOIN orders USING (order_id) WHERE status = 'created'").await;
    assert_eq!(written, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_gives_the_same_order_and_a_reused_one_is_refused() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let sql = shop.sql().await;
    let orders = number(&sql, ORDERS).await;
    let body = json!({"user_id": "u", "product_id": "prod-7", "quantity": 2, "shipping": 4.59});
    let asked = (0..8).map(|_| order_with_key(&shop, "key-1", &body));
    let answers = futures_util::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|a| a.status.as_u16() == 201).count(), 1);
    assert!(answers.iter().all(|a| a.json() == answers[0].json()), "{answers:?}");
    assert_eq!(number(&sql, ORDERS).await, orders + 1);
    let in_body =
        json!({"user_id": "u", "product_id": "prod-7", "quantity": 2, "shipping": 4.59, "idempotency_key": "key-1"});
    assert_eq!(order(&shop, &in_body).await.json(), answers[0].json());

    let other = order_with_key(&shop, "key-1", &json!({"user_id": "u", "product_id": "prod-8"})).await;
    assert_eq!((other.status.as_u16(), other.json()["error"]["code"].as_str()), (422, Some("idempotency_key_reused")));
    let wrong = order_with_key(&shop, "a key with spaces", &body).await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert!(wrong.text.contains("Idempotency-Key"));
}
