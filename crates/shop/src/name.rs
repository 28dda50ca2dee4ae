//! The services' names and their places.

use std::fmt;
use std::str::FromStr;

/// A service of this crate. The load generator is not among them: it lives outside the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceName {
    /// Ranks products for a user.
    Recommendation,
    /// Advertisements of a category.
    AdService,
    /// Shopping carts.
    Cart,
    /// Products, and the recommendation statement.
    ProductCatalog,
    /// Exchange rates.
    Currency,
    /// Orders and stock.
    Checkout,
    /// Charges and refunds.
    PaymentService,
    /// What customers talk to.
    Frontend,
    /// Shipping cost.
    Shipping,
}

/// The name is none of the shop's services.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the shop has no service {0:?}")]
pub struct UnknownService(pub String);

impl ServiceName {
    /// All nine, by port.
    pub const ALL: [Self; 9] = [
        Self::Recommendation,
        Self::AdService,
        Self::Cart,
        Self::ProductCatalog,
        Self::Currency,
        Self::Checkout,
        Self::PaymentService,
        Self::Frontend,
        Self::Shipping,
    ];

    /// The name in the service catalogue, in `doorbuster serve NAME` and in `service.name`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recommendation => "recommendation",
            Self::AdService => "ad-service",
            Self::Cart => "cart",
            Self::ProductCatalog => "product-catalog",
            Self::Currency => "currency",
            Self::Checkout => "checkout",
            Self::PaymentService => "payment-service",
            Self::Frontend => "frontend",
            Self::Shipping => "shipping",
        }
    }

    /// The port it listens on unless told otherwise.
    pub const fn port(self) -> u16 {
        match self {
            Self::Recommendation => 8011,
            Self::AdService => 8012,
            Self::Cart => 8013,
            Self::ProductCatalog => 8014,
            Self::Currency => 8015,
            Self::Checkout => 8016,
            Self::PaymentService => 8017,
            Self::Frontend => 8018,
            Self::Shipping => 8019,
        }
    }

    /// The variable by which the others find it.
    pub const fn url_variable(self) -> &'static str {
        match self {
            Self::Recommendation => "RECOMMENDATION_URL",
            Self::AdService => "AD_URL",
            Self::Cart => "CART_URL",
            Self::ProductCatalog => "PRODUCT_CATALOG_URL",
            Self::Currency => "CURRENCY_URL",
            Self::Checkout => "CHECKOUT_URL",
            Self::PaymentService => "PAYMENT_SERVICE_URL",
            Self::Frontend => "FRONTEND_URL",
            Self::Shipping => "SHIPPING_URL",
        }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ServiceName {
    type Err = UnknownService;

    fn from_str(text: &str) -> Result<Self, UnknownService> {
        Self::ALL.into_iter().find(|s| s.name() == text).ok_or_else(|| UnknownService(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_back_and_no_port_is_taken_twice() {
        let mut ports: Vec<u16> = ServiceName::ALL.iter().map(|s| s.port()).collect();
        for service in ServiceName::ALL {
            assert_eq!(service.name().parse(), Ok(service));
        }
        ports.dedup();
        assert_eq!(ports, (8011..=8019).collect::<Vec<u16>>());
        assert_eq!("load-generator".parse::<ServiceName>(), Err(UnknownService("load-generator".to_owned())));
    }
}
