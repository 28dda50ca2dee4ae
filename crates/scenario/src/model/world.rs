//! The subjects, and what a file may name of them.

use serde::{Deserialize, Serialize};

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
        match self {
            Self::Shop => &["browse_only", "browse_and_cart", "full_checkout", "list_products", "recommendations"],
        }
    }

    /// The service at which a visitor who takes `journey` meets it.
    pub fn entrance(self, journey: &str) -> &'static str {
        match (self, journey) {
            (Self::Shop, "list_products" | "recommendations") => "product-catalog",
            (Self::Shop, _) => "frontend",
        }
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
