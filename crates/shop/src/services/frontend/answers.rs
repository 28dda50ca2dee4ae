//! What the other services answer, as far as the frontend reads it.

use chassis::Upstream;
use chassis::input::{Field, Raw};
use serde::Deserialize;

use crate::ServiceName;
use crate::domain::{Category, Money, ProductId, Quantity};
use crate::peers::Failure;

/// A product of the catalogue.
#[derive(Debug, Clone, Deserialize)]
struct ProductAnswer {
    category: String,
    price: serde_json::Number,
    weight: f64,
}

/// A product as an order needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product {
    pub(super) id: ProductId,
    pub(super) category: Category,
    pub(super) price: Money,
    pub(super) weight_kg: f64,
}

/// A cart.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CartAnswer {
    items: Vec<CartItem>,
}

#[derive(Debug, Clone, Deserialize)]
struct CartItem {
    product_id: String,
    quantity: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct ShippingAnswer {
    cost: serde_json::Number,
}

#[derive(Debug, Deserialize)]
pub(super) struct PaymentAnswer {
    pub(super) payment_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct OrderAnswer {
    pub(super) order_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct RecommendationsAnswer {
    pub(super) recommendations: Vec<serde_json::Value>,
}

fn broken(service: ServiceName) -> Failure {
    Failure::Upstream { service, how: Upstream::Broken, code: None }
}

fn money(number: &serde_json::Number) -> Option<Money> {
    Money::read(Raw::Json(&serde_json::Value::Number(number.clone()))).ok()
}

impl super::Frontend {
    /// The product, or that there is none.
    pub(super) async fn product(&self, id: ProductId) -> Result<Product, Failure> {
        let answer: ProductAnswer = self.catalog.get("/products/{product_id}", &format!("/products/{id}")).await?;
        let read = || {
            let category = Category::find(&answer.category)?;
            Some(Product { id, category, price: money(&answer.price)?, weight_kg: answer.weight })
        };
        read().ok_or_else(|| broken(ServiceName::ProductCatalog))
    }
}

impl CartAnswer {
    /// Products and how many of each.
    pub(super) fn lines(&self) -> Vec<(ProductId, Quantity)> {
        let lines = self
            .items
            .iter()
            .filter_map(|item| Some((ProductId::parse(&item.product_id)?, Quantity::new(item.quantity)?)));
        lines.collect()
    }
}

impl ShippingAnswer {
    pub(super) fn cost(&self) -> Result<Money, Failure> {
        money(&self.cost).ok_or_else(|| broken(ServiceName::Shipping))
    }
}
