//! The world `shop` as far as an outage spreads through it: which parts a journey passes, in order, and who gives up when.
//!
//! It follows the frontend's code. What a journey passes without a bound of its own and without anything that a
//! fault could touch is left out.

use super::calls::{Call, Forgives, call};

/// The cohort that gets recommendations at checkout: the stream of this name.
pub(super) const CANARY: &str = "demo";
/// Pools that nobody else waits for.
pub(super) const CANARY_POOLS: [&str; 2] = ["recommendations", "order-history"];

/// The requests of `journey`, one after another, each with the calls that answering it takes; none for one that is not known.
pub(super) fn requests(journey: &str) -> &'static [&'static [Call]] {
    match journey {
        "browse_only" => &[BROWSE],
        "browse_and_cart" => &[BROWSE, ADD_TO_CART],
        "full_checkout" => &[CHECKOUT],
        "list_products" => &[LIST],
        "recommendations" => &[RECOMMEND],
        _ => &[],
    }
}

/// What a visitor waits for the frontend at most: the load generator's bounds.
const VISITOR: f64 = 10.0;
const BUYER: f64 = 20.0;

/// Two seconds for what is memory or Redis, three for what reads or writes a table, five for recommendations, ten for an
/// order: the frontend's bounds.
const MEMORY: f64 = 2.0;
const TABLE: f64 = 3.0;
const RECOMMENDATIONS: f64 = 5.0;
const ORDER: f64 = 10.0;

const fn cart(path: &'static str) -> Call {
    Call { needs_redis: true, ..call("cart", path, MEMORY) }
}

const fn products(path: &'static str, bound: f64) -> Call {
    Call { pool: Some("browse"), reads: &["products"], ..call("product-catalog", path, bound) }
}

const fn recommended(bound: f64) -> Call {
    Call {
        pool: Some("recommendations"),
        reads: &["products"],
        ..call("product-catalog", "/products/recommendations?category=electronics", bound)
    }
}

/// What product-catalog asks for after its own statement.
const RANK: Call = Call {
    pool: Some("order-history"),
    reads: &["orders", "order_items"],
    is_nested: true,
    ..call("recommendation", "/recommend", MEMORY)
};

const BROWSE: &[Call] = &[
    call("frontend", "/api/browse", VISITOR),
    Call { forgives: Forgives::Unavailability, ..cart("/cart/cart-1") },
    call("currency", "/convert?amount=1", MEMORY),
    Call { forgives: Forgives::Unavailability, ..call("ad-service", "/ads?category=electronics", MEMORY) },
    products("/products?category=electronics", TABLE),
];

const ADD_TO_CART: &[Call] =
    &[call("frontend", "/api/cart", VISITOR), products("/products/prod-1", TABLE), cart("/cart/cart-1/add")];

const CHECKOUT: &[Call] = &[
    call("frontend", "/api/checkout", BUYER),
    products("/products/prod-1", TABLE),
    cart("/cart/cart-1/add"),
    call("shipping", "/calculate", MEMORY),
    Call { is_canary: true, ..recommended(RECOMMENDATIONS) },
    Call { is_canary: true, ..RANK },
    call("payment-service", "/api/payment/process", TABLE),
    Call {
        pool: Some("orders"),
        reads: &["orders", "products"],
        writes: &["products", "orders", "order_items"],
        ..call("checkout", "/orders/create", ORDER)
    },
    Call { forgives: Forgives::Everything, ..cart("/cart/cart-1/remove") },
];

const LIST: &[Call] = &[products("/products?category=electronics", 2.0)];

const RECOMMEND: &[Call] = &[recommended(6.0), RANK];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::World;

    #[test]
    fn every_journey_has_its_requests_and_the_world_knows_every_part() {
        for journey in World::Shop.journeys() {
            let calls: Vec<&Call> = requests(journey).iter().copied().flatten().collect();
            assert!(!calls.is_empty(), "{journey}");
            for call in calls {
                assert!(World::Shop.services().contains(&call.service), "{journey}: {call:?}");
                assert!(call.pool.is_none_or(|pool| World::Shop.pools().contains(&pool)), "{journey}: {call:?}");
                assert!(call.path.starts_with('/') && call.bound > 0.0, "{journey}: {call:?}");
            }
        }
        assert!(requests("nothing").is_empty());
    }
}
