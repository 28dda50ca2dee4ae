//! Product categories; each is a partition of the catalogue.

use chassis::input::{Field, Raw};

/// A category of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Category {
    Electronics,
    Fashion,
    Home,
    Garden,
    Sports,
    Toys,
    Books,
    Beauty,
}

impl Category {
    /// In the order in which product numbers go round them, as in the migrations' `categories()`.
    pub(crate) const ALL: [Self; 8] = [
        Self::Electronics,
        Self::Fashion,
        Self::Home,
        Self::Garden,
        Self::Sports,
        Self::Toys,
        Self::Books,
        Self::Beauty,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Electronics => "electronics",
            Self::Fashion => "fashion",
            Self::Home => "home",
            Self::Garden => "garden",
            Self::Sports => "sports",
            Self::Toys => "toys",
            Self::Books => "books",
            Self::Beauty => "beauty",
        }
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

impl Field for Category {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let name = raw.text()?;
        Self::find(name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|c| c.name()).collect();
            format!("is no category; there are {}", known.join(", "))
        })
    }
}
