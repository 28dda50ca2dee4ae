//! The subjects, and what a file may name of them.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::load_test::inbox_data;
use crate::{DataSource, Journey, inbox_journeys, shop_journeys};

/// The subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// Ten services, PostgreSQL, Redis.
    Shop,
    /// A service that has a language model sort e-mails.
    Inbox,
}

impl World {
    /// All of them with the words that stand for them in files.
    pub(crate) const ALL: [(&'static str, Self); 2] = [("shop", Self::Shop), ("inbox", Self::Inbox)];

    /// The word for it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, world)| *world == self).map_or("shop", |(name, _)| name)
    }

    /// The one that `name` stands for.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, world)| *world)
    }

    /// What its users can do, step by step.
    pub fn steps(self) -> &'static IndexMap<String, Journey> {
        match self {
            Self::Shop => shop_journeys(),
            Self::Inbox => inbox_journeys(),
        }
    }

    /// What fills the slots of its journeys beside those that every journey has.
    pub fn data(self) -> &'static IndexMap<String, DataSource> {
        static NOTHING: LazyLock<IndexMap<String, DataSource>> = LazyLock::new(IndexMap::new);
        match self {
            Self::Shop => &NOTHING,
            Self::Inbox => inbox_data(),
        }
    }

    /// The journeys that its users can take.
    pub fn journeys(self) -> &'static [&'static str] {
        static SHOP: LazyLock<Vec<&str>> = LazyLock::new(|| shop_journeys().keys().map(String::as_str).collect());
        static INBOX: LazyLock<Vec<&str>> = LazyLock::new(|| inbox_journeys().keys().map(String::as_str).collect());
        match self {
            Self::Shop => &SHOP,
            Self::Inbox => &INBOX,
        }
    }

    /// Where most of what its users see can be seen.
    pub fn front(self) -> &'static str {
        match self {
            Self::Shop => "frontend",
            Self::Inbox => "inbox",
        }
    }

    /// The service at which a visitor who takes `journey` meets it: the target of its first step.
    pub fn entrance(self, journey: &str) -> &'static str {
        let first = self.steps().get(journey).and_then(|steps| steps.first());
        first.and_then(|step| step.target.as_deref()).unwrap_or(self.front())
    }

    /// Whether the request at `position`, from 0, of `journey` has a body: only such a one can be changed on its way out.
    pub(crate) fn has_body(self, journey: &str, position: usize) -> bool {
        let step = self.steps().get(journey).and_then(|steps| steps.get(position));
        step.is_some_and(|step| step.json.is_some() || step.body.is_some())
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
            Self::Inbox => &["inbox"],
        }
    }

    /// Whether PostgreSQL and Redis are part of it.
    pub fn has_stores(self) -> bool {
        match self {
            Self::Shop => true,
            Self::Inbox => false,
        }
    }

    /// The connection pools of its services.
    pub fn pools(self) -> &'static [&'static str] {
        match self {
            Self::Shop => &["recommendations", "browse", "orders", "order-history"],
            Self::Inbox => &[],
        }
    }
}
