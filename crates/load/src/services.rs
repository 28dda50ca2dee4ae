//! The services that visitors talk to, and where they are.

use std::net::SocketAddr;

use crate::target::Target;

/// Who answers a visitor's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// What customers talk to.
    Frontend,
    /// For those who go past the frontend.
    ProductCatalog,
}

impl Service {
    /// Name in the service catalogue.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::ProductCatalog => "product-catalog",
        }
    }
}

/// One thing for each service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PerService<T> {
    pub(crate) frontend: T,
    pub(crate) product_catalog: T,
}

impl<T> PerService<T> {
    pub(crate) fn of(&self, service: Service) -> &T {
        match service {
            Service::Frontend => &self.frontend,
            Service::ProductCatalog => &self.product_catalog,
        }
    }

    pub(crate) fn map<U>(&self, of: impl Fn(&T) -> U) -> PerService<U> {
        PerService { frontend: of(&self.frontend), product_catalog: of(&self.product_catalog) }
    }
}

/// A target with the addresses that the allow list admitted for it; nothing is sent anywhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) target: Target,
    /// None where nothing is to be sent.
    pub(crate) addresses: Vec<SocketAddr>,
}
