//! What operators must not ask for.

use serde_json::json;
use shop::ServiceName::{Cart, Checkout, ProductCatalog};

use crate::stage::{FEW_PRODUCTS, Shop, unix_in};

#[tokio::test(flavor = "multi_thread")]
async fn what_administration_can_not_do_is_refused_with_its_reason() {
    let shop = Shop::open(FEW_PRODUCTS, &[]).await;
    let until = unix_in(600.0);
    let size = |size: i64| json!({"size": size, "until_unix": until});
    let puts = [
        (
            Checkout,
            "/admin/pools/recommendations/size",
            size(5),
            404,
            "there is no pool recommendations; this service has: orders",
        ),
        (Cart, "/admin/pools/orders/leak", json!({"points": [[1, 1]], "until_unix": until}), 404, "has: none"),
        (ProductCatalog, "/admin/pools/a b/size", size(5), 400, "pool must be"),
        (ProductCatalog, "/admin/pools/browse/size", size(0), 422, "size must be from 1 to 1000"),
        (ProductCatalog, "/admin/pools/browse/size", size(1001), 422, "size must be from 1 to 1000"),
        (ProductCatalog, "/admin/pools/browse/size", json!({"size": 5}), 422, "until_unix is missing"),
        (
            ProductCatalog,
            "/admin/pools/browse/size",
            json!({"size": 5, "until_unix": 1}),
            422,
            "until_unix must lie ahead",
        ),
        (
            ProductCatalog,
            "/admin/pools/browse/size",
            json!({"sice": 5, "until_unix": until}),
            422,
            "sice is not a field",
        ),
        (
            Checkout,
            "/admin/pools/orders/leak",
            json!({"points": [[1, 5], [2, 4]], "until_unix": until}),
            422,
            "points [1] must not be before or below",
        ),
        (
            Checkout,
            "/admin/pools/orders/leak",
            json!({"points": [], "until_unix": until}),
            422,
            "points must have at least",
        ),
        (Cart, "/admin/faults/a%20b", json!({}), 400, "id must be 1 to 64"),
        (Cart, "/admin/faults/x", json!({}), 422, "kind is missing; until_unix is missing"),
        (
            Cart,
            "/admin/faults/x",
            json!({"kind": "error", "status": 200, "until_unix": until}),
            422,
            "status must be from 400",
        ),
    ];
    for (service, path, body, status, said) in puts {
        let answer = shop.put(service, path, &body).await;
        let is_right = answer.status.as_u16() == status && answer.text.contains(said);
        assert!(is_right, "{path} {body}: {} {}", answer.status, answer.text);
    }
    for number in 0..32 {
        let fault = json!({"kind": "latency", "delay_ms": 1, "path": "/nowhere", "until_unix": until});
        assert!(shop.put(Cart, &format!("/admin/faults/{number}"), &fault).await.status.is_success());
    }
    let fault = json!({"kind": "latency", "delay_ms": 1, "until_unix": until});
    let full = shop.put(Cart, "/admin/faults/one-more", &fault).await;
    assert_eq!((full.status.as_u16(), full.json()["error"]["code"].as_str()), (409, Some("too_many_faults")));
    for path in ["/admin/pools/nothing/size", "/admin/pools/nothing/leak"] {
        assert_eq!(shop.delete(Checkout, path).await.status.as_u16(), 404, "{path}");
    }
    let foreign = shop.client.delete(shop.url(Cart, "/admin/faults/1")).header("origin", "http://evil.example");
    assert_eq!(shop.send(foreign).await.status.as_u16(), 403);
}
