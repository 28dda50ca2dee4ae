//! The subjects, and what a file may name of them.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::shop_journeys;

/// The subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// Ten services, PostgreSQL, Redis.
    Shop,
}

impl World {
    /// The journeys that its users can take.
    pub fn journeys(self) -> &'static [&'static str] {
        static SHOP: LazyLock<Vec<&str>> = LazyLock::new(|| shop_journeys().keys().map(String::as_str).collect());
        match self {
            Self::Shop => &SHOP,
        }
    }

    /// The service at which a visitor who takes `journey` meets it: the target of its first step.
    pub fn entrance(self, journey: &str) -> &'static str {
        let first = match self {
            Self::Shop => shop_journeys().get(journey).and_then(|steps| steps.first()),
        };
        first.and_then(|step| step.target.as_deref()).unwrap_or("frontend")
    }

    /// The services that faults may name.
    pub fn services(self) -> &'static [&'static str] {
        match self {
            Self::Shop => &[
                "frontend",
                "cart",
                "product-catalog",
                "currency",
                "ad-service",
                "shipping",
                "recommendation",
                "payment-service",
                "checkout",
            ],
        }
    }

    /// The connection pools of its services.
    pub fn pools(self) -> &'static [&'static str] {
        match self {
            Self::Shop => &["recommendations", "browse", "orders", "order-history"],
        }
    }
}
