//! What visitors of the world `shop` do.

use std::sync::LazyLock;

use indexmap::IndexMap;

use super::Journey;
use crate::parse::parse_journeys;

/// The journeys of the world `shop` by name, as in `journeys/shop.yaml`. Each step names its target: `frontend` or
/// `product-catalog`.
pub fn shop_journeys() -> &'static IndexMap<String, Journey> {
    static JOURNEYS: LazyLock<IndexMap<String, Journey>> = LazyLock::new(|| {
        parse_journeys(include_str!("../../journeys/shop.yaml"), &[])
            .expect("a test reads the file that is compiled in")
    });
    &JOURNEYS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::World;

    #[test]
    fn the_shops_journeys_are_right_and_begin_where_its_world_says() {
        for (name, steps) in shop_journeys() {
            assert_eq!(steps[0].target.as_deref(), Some(World::Shop.entrance(name)), "{name}");
            for step in steps {
                assert!(matches!(step.target.as_deref(), Some("frontend" | "product-catalog")), "{name}");
                for slot in step.path_template().expect("right").slots() {
                    assert_eq!(slot.name, "user_id");
                }
            }
        }
        let names: Vec<&str> = shop_journeys().keys().map(String::as_str).collect();
        assert_eq!(names, World::Shop.journeys());
    }

    #[test]
    fn what_the_shop_is_sent_is_exactly_this() {
        let mut sent = Vec::new();
        for step in shop_journeys().values().flatten() {
            let body = step.body_template().expect("right").map(|body| body.to_string()).unwrap_or_default();
            sent.push(format!("{} {} {} {body}", step.label(), step.path, step.timeout_ms));
        }
        assert_eq!(
            sent,
            [
                "POST /api/browse /api/browse 10000 {\"user_id\":${user_id},\"cart_id\":${cart_id}}",
                "POST /api/browse /api/browse 10000 {\"user_id\":${user_id},\"cart_id\":${cart_id}}",
                "POST /api/cart /api/cart 10000 {\"cart_id\":${cart_id},\"user_id\":${user_id},\"product_id\":${product_id},\"quantity\":1}",
                "POST /api/checkout /api/checkout 20000 {\"user_id\":${user_id},\"cart_id\":${cart_id},\"product_id\":${product_id},\"quantity\":1}",
                "GET /products /products?category=electronics 2000 ",
                "GET /products/recommendations /products/recommendations?category=electronics&user_id=${user_id} 6000 ",
            ]
        );
    }
}
