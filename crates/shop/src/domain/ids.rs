//! Identifiers.

use std::fmt;

use chassis::input::{Field, Raw};

/// Longest user and cart identifier, in characters.
const ID_LENGTH: usize = 64;
/// Longest idempotency key, in characters: two UUIDs and something between them.
const IDEMPOTENCY_KEY_LENGTH: usize = 128;

fn identifier(raw: Raw<'_>, length: usize) -> Result<String, String> {
    let text = raw.text()?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
    if text.is_empty() || text.len() > length || !text.chars().all(is_allowed) {
        return Err(format!("must be 1 to {length} characters of A-Z, a-z, 0-9, `_`, `.`, `:`, `-`"));
    }
    Ok(text.to_owned())
}

macro_rules! text_id {
    ($(#[$docs:meta])* $name:ident, $length:expr) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub(crate) struct $name(String);

        impl $name {
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Field for $name {
            fn read(raw: Raw<'_>) -> Result<Self, String> {
                identifier(raw, $length).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// Somebody who shops: one of the users, or a guest.
    UserId, ID_LENGTH
);
text_id!(
    /// A cart.
    CartId, ID_LENGTH
);
text_id!(
    /// What makes a repeated request the same request.
    IdempotencyKey, IDEMPOTENCY_KEY_LENGTH
);

impl UserId {
    /// Who shops where nobody is named.
    pub(crate) fn guest() -> Self {
        Self("guest".to_owned())
    }
}

impl CartId {
    /// The cart of a user who names none.
    pub(crate) fn of(user: &UserId) -> Self {
        Self(user.0.clone())
    }
}

/// A product's number; `prod-123` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ProductId(i64);

impl ProductId {
    /// A number from the database.
    pub(crate) const fn new(number: i64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> i64 {
        self.0
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("prod-")?;
        let is_plain =
            (1..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        is_plain.then(|| digits.parse().ok().map(Self)).flatten()
    }
}

impl Field for ProductId {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        Self::parse(raw.text()?).ok_or_else(|| "must be a product such as `prod-123`".to_owned())
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "prod-{}", self.0)
    }
}

/// An order's number; `order-123` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrderId(i64);

impl OrderId {
    /// A number from the database.
    pub(crate) const fn new(number: i64) -> Self {
        Self(number)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order-{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_a_plain_positive_number_after_prod() {
        assert_eq!(ProductId::parse("prod-123"), Some(ProductId(123)));
        for wrong in [
            "",
            "prod-",
            "prod-0",
            "prod-01",
            "prod--1",
            "prod-+1",
            "prod-1.5",
            "PROD-1",
            "123",
            "prod-99999999999",
            "prod-1'; --",
        ] {
            assert_eq!(ProductId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn identifiers_take_no_sql_no_control_characters_and_no_novels() {
        for right in ["user-0001", "a", "A.b:c_d-e", &"x".repeat(64)] {
            assert!(UserId::read(Raw::Text(right)).is_ok(), "{right}");
        }
        for wrong in ["", "a b", "'; DROP TABLE orders; --", "a\0", "ü", &"x".repeat(65)] {
            assert!(UserId::read(Raw::Text(wrong)).is_err(), "{wrong}");
        }
    }
}
