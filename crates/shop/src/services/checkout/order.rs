//! An order as it is asked for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chassis::input::{Field, Fields, Raw};
use serde_json::{Value, json};

use crate::domain::{IdempotencyKey, Money, ProductId, Quantity, UserId};

/// One product of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrderLine {
    pub(super) product: ProductId,
    pub(super) quantity: Quantity,
}

impl OrderLine {
    pub(super) const fn new(product: ProductId, quantity: Quantity) -> Self {
        Self { product, quantity }
    }

    pub(super) fn to_json(self) -> Value {
        json!({"product_id": self.product.to_string(), "quantity": self.quantity.count()})
    }
}

impl Field for OrderLine {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let mut fields = Fields::of_body(raw.object()?.clone());
        let read = (fields.required::<ProductId>("product_id"), fields.optional::<Quantity>("quantity"));
        let (product, quantity) = fields.finish(read).map_err(|mistakes| mistakes.to_string())?;
        Ok(Self::new(product, quantity.unwrap_or(Quantity::ONE)))
    }
}

/// What somebody wants to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewOrder {
    pub(super) user: UserId,
    /// By product, each once: two orders that take stock in the same sequence can't wait for each other in a circle.
    pub(super) lines: Vec<OrderLine>,
    pub(super) shipping: Money,
    pub(super) key: Option<IdempotencyKey>,
}

impl NewOrder {
    /// The same for a repeated request, and different for any other.
    pub(super) fn digest(&self) -> String {
        let mut digest = format!("{} {}", self.user, self.shipping.cents());
        for line in &self.lines {
            // Writing to a String can't fail.
            let _ = write!(digest, " {}x{}", line.quantity.count(), line.product.number());
        }
        digest
    }
}

/// The lines by product, each product once; says why not where there is none, or too many of one.
pub(super) fn merged(lines: Vec<OrderLine>) -> Result<Vec<OrderLine>, String> {
    let mut counts: BTreeMap<ProductId, i64> = BTreeMap::new();
    for line in lines {
        *counts.entry(line.product).or_default() += i64::from(line.quantity.count());
    }
    if counts.is_empty() {
        return Err("must not be empty".to_owned());
    }
    let line = |(product, count)| {
        let quantity =
            Quantity::new(count).ok_or_else(|| format!("must hold at most {} of {product}", Quantity::MAX))?;
        Ok(OrderLine { product, quantity })
    };
    counts.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(product: i64, quantity: i64) -> OrderLine {
        OrderLine::new(ProductId::new(product), Quantity::new(quantity).unwrap())
    }

    #[test]
    fn lines_are_sorted_and_each_product_comes_once() {
        assert_eq!(merged(vec![line(9, 1), line(2, 1), line(9, 2)]), Ok(vec![line(2, 1), line(9, 3)]));
        assert!(merged(vec![]).is_err());
        assert!(merged(vec![line(1, 99), line(1, 1)]).is_err());
    }
}
