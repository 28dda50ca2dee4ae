//! Parts that die: what still works without them, how soon that is known, and that it heals by itself.

use std::time::{Duration, Instant};

use parts::redis::{Server, find};
use serde_json::{Value, json};
use shop::ServiceName::{AdService, Cart, Frontend, ProductCatalog};

use crate::stage::{FEW_PRODUCTS, Shop, unix_in, until};

/// A dead Redis is known as such sooner than this, on a machine that is busy building.
const AT_ONCE: Duration = Duration::from_millis(500);
/// Carts are back this soon after Redis is.
const BACK_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_lives_without_redis_and_has_its_carts_back_when_redis_is() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("redis.log");
    let redis = Server::start(&find().unwrap(), folder.path(), &log).await.unwrap();
    let url = redis.url();
    let shop = Shop::open(FEW_PRODUCTS, &[("REDIS_URL", &url)]).await;
    let line = json!({"cart_id": "c", "product_id": "prod-5"});
    assert!(shop.post(Frontend, "/api/cart", &line).await.status.is_success());

    redis.member().kill().await;
    // The first command may be the one that finds the connection broken; all say it at once.
    for _ in 0..5 {
        let asked = Instant::now();
        assert_eq!(shop.get(Cart, "/cart/c").await.status.as_u16(), 503);
        assert!(asked.elapsed() < AT_ONCE, "{:?}", asked.elapsed());
    }
    let page = shop.post(Frontend, "/api/browse", &json!({"cart_id": "c"})).await;
    assert!(page.status.is_success(), "{}", page.text);
    let page = page.json();
    assert_eq!(
        (&page["status"], &page["cart"], &page["degraded"]),
        (&json!("success"), &Value::Null, &json!(["cart"]))
    );
    assert_eq!((page["products"].as_array().unwrap().len(), page["ads"].as_array().unwrap().len()), (20, 3));
    assert_eq!(shop.post(Frontend, "/api/cart", &line).await.status.as_u16(), 503);

    let price = shop.get(ProductCatalog, "/products/prod-5").await.json()["price"].as_f64().unwrap();
    let (failed, _) = shop.demo_post(Frontend, "/api/checkout", &json!({"cart_id": "c", "product_id": "prod-5"})).await;
    assert_eq!(failed.status.as_u16(), 503, "{}", failed.text);
    let lost = shop.get(Frontend, "/admin/checkout-stats").await.json()["by_traffic_type"]["demo"].clone();
    assert_eq!(lost, json!({"failed": 1, "lost_revenue_usd": price}), "what is known of the total by then");

    redis.member().start_again().unwrap();
    redis.ready().await.unwrap();
    let back = Instant::now();
    until(200, async || shop.get(Cart, "/cart/c").await.status.as_u16()).await;
    assert!(back.elapsed() < BACK_WITHIN, "{:?}", back.elapsed());
    let bought = shop.post(Frontend, "/api/checkout", &json!({"cart_id": "c", "product_id": "prod-5"})).await;
    assert!(bought.status.is_success(), "{}", bought.text);
    redis.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_shown_without_advertisements() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let whole = shop.post(Frontend, "/api/browse", &json!({})).await.json();
    assert_eq!(whole["degraded"], json!([]));
    let dead = json!({"kind": "error", "status": 503, "until_unix": unix_in(600.0)});
    for (service, degraded) in [(AdService, json!(["ads"])), (Cart, json!(["cart", "ads"]))] {
        assert!(shop.put(service, "/admin/faults/dead", &dead).await.status.is_success());
        let page = shop.post(Frontend, "/api/browse", &json!({})).await;
        assert!(page.status.is_success(), "{}", page.text);
        assert_eq!((&page.json()["degraded"], &page.json()["ads"]), (&degraded, &Value::Null));
    }
    assert!(shop.put(ProductCatalog, "/admin/faults/dead", &dead).await.status.is_success());
    let page = shop.post(Frontend, "/api/browse", &json!({})).await;
    assert_eq!(page.status.as_u16(), 503, "a page without products is none");
}
