//! frontend: what customers talk to. It owns nothing; it asks the others, in the order in which a shop page needs them.

mod answers;
mod browse;
mod cart;
mod checkout;
mod feature;
mod losses;
mod shopper;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use chassis::{Assembly, DemoClock};
use telemetry::http_client::Client;

use crate::ServiceName;
use crate::config::Config;
use crate::feature_flag::RecommendationsFlag;
use crate::peers::Service;
use losses::Losses;

/// What the handlers share.
struct Frontend {
    cart: Service,
    currency: Service,
    ads: Service,
    catalog: Service,
    recommendations: Service,
    shipping: Service,
    payment: Service,
    checkout: Service,
    flag: RecommendationsFlag,
    clock: Option<DemoClock>,
    losses: Losses,
}

pub(crate) fn assemble(config: &Config) -> Assembly {
    let client = Client::new();
    // Bounds from the seeds: 2 s for what is memory or Redis, 3 s for what reads tables or charges, 5 s for recommendations.
    // An order may wait 5 s for a connection and hold it for 2.5 s and more; below 10 s its caller must not give up, or
    // the order would be written, and its payment given back.
    let service = |name, seconds| Service::new(name, config, &client, Duration::from_secs(seconds));
    let frontend = Frontend {
        cart: service(ServiceName::Cart, 2),
        currency: service(ServiceName::Currency, 2),
        ads: service(ServiceName::AdService, 2),
        catalog: service(ServiceName::ProductCatalog, 3),
        recommendations: service(ServiceName::ProductCatalog, 5),
        shipping: service(ServiceName::Shipping, 2),
        payment: service(ServiceName::PaymentService, 3),
        checkout: service(ServiceName::Checkout, 10),
        flag: config.recommendations.clone(),
        clock: config.common.clock.clone(),
        losses: Losses::default(),
    };
    let needed = [
        &frontend.cart,
        &frontend.currency,
        &frontend.ads,
        &frontend.catalog,
        &frontend.shipping,
        &frontend.payment,
        &frontend.checkout,
    ];
    let dependencies = needed.map(Service::dependency);
    let routes = Router::new()
        .route("/api/browse", post(browse::browse))
        .route("/api/cart", post(cart::add))
        .route("/api/checkout", post(checkout::checkout))
        .route("/admin/checkout-stats", get(losses::checkout_stats))
        .with_state(Arc::new(frontend));
    Assembly::new(routes).needs(dependencies)
}
