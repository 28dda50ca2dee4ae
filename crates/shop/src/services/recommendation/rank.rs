//! The ranking: popular things near the price that a user pays, and nothing the user has already.

use std::cmp::Ordering;

use chassis::input::{Field, Fields, Raw};
use serde_json::{Map, Value};

use crate::domain::{Category, Money, ProductId};

/// Popularity of the best-loved product there can be.
const MOST_POPULAR: f64 = 1_000_000.0;

/// Something the user bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Purchase {
    pub(super) product: ProductId,
    /// `None` for a category that is no longer sold.
    pub(super) category: Option<Category>,
    pub(super) price: Money,
}

/// A product that may be recommended, with all that the caller said of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    product: ProductId,
    price: Option<Money>,
    popularity: i64,
    said: Map<String, Value>,
}

impl Candidate {
    /// What the caller said of it.
    pub(super) fn into_json(self) -> Value {
        Value::Object(self.said)
    }
}

/// A product as an object, or its identifier alone.
impl Field for Candidate {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        if let Raw::Json(Value::String(_)) = raw {
            let product = ProductId::read(raw)?;
            let said = Map::from_iter([("product_id".to_owned(), product.to_string().into())]);
            return Ok(Self { product, price: None, popularity: 0, said });
        }
        let said = raw.object()?.clone();
        let mut fields = Fields::of_body(said.clone());
        let read = (
            fields.required::<ProductId>("product_id"),
            fields.optional::<Money>("price"),
            fields.optional::<Popularity>("popularity"),
        );
        let (product, price, popularity) = fields.finish(read).map_err(|mistakes| mistakes.to_string())?;
        Ok(Self { product, price, popularity: popularity.map_or(0, |p| p.0), said })
    }
}

#[derive(Debug)]
struct Popularity(i64);

impl Field for Popularity {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        raw.integer().map(Self)
    }
}

/// Best first. Candidates that score the same keep their order.
pub(super) fn rank(candidates: Vec<Candidate>, history: &[Purchase], category: Category) -> Vec<Candidate> {
    let usual_price = usual_price(history, category);
    let score = |candidate: &Candidate| {
        let popularity = candidate.popularity as f64 / MOST_POPULAR;
        let closeness = candidate.price.zip(usual_price).map_or(0.0, |(price, usual)| closeness(price, usual));
        let is_owned = history.iter().any(|purchase| purchase.product == candidate.product);
        popularity + closeness - if is_owned { 2.0 } else { 0.0 }
    };
    let mut scored: Vec<(f64, Candidate)> = candidates.into_iter().map(|c| (score(&c), c)).collect();
    scored.sort_by(|(a, _), (b, _)| b.partial_cmp(a).unwrap_or(Ordering::Equal));
    scored.into_iter().map(|(_, candidate)| candidate).collect()
}

/// What the user pays on average in the category.
fn usual_price(history: &[Purchase], category: Category) -> Option<Money> {
    let prices: Vec<i64> = history.iter().filter(|p| p.category == Some(category)).map(|p| p.price.cents()).collect();
    let count = i64::try_from(prices.len()).ok().filter(|n| *n > 0)?;
    Some(Money::from_cents(prices.iter().sum::<i64>() / count))
}

/// 1 at the usual price, falling to 0 where one is many times the other.
fn closeness(price: Money, usual: Money) -> f64 {
    let (low, high) = (price.min(usual).cents() as f64, price.max(usual).cents() as f64);
    if high > 0.0 { low / high } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn candidate(number: i64, cents: i64, popularity: i64) -> Candidate {
        let price = Money::from_cents(cents);
        let said =
            json!({"product_id": format!("prod-{number}"), "price": price, "popularity": popularity, "name": "x"});
        Candidate::read(Raw::Json(&said)).unwrap()
    }

    fn order(candidates: Vec<Candidate>, history: &[Purchase]) -> Vec<i64> {
        rank(candidates, history, Category::Books).iter().map(|c| c.product.number()).collect()
    }

    #[test]
    fn popularity_decides_until_the_user_has_bought_something() {
        let candidates = vec![candidate(1, 1000, 900_000), candidate(2, 20_000, 950_000), candidate(3, 1100, 800_000)];
        assert_eq!(order(candidates.clone(), &[]), [2, 1, 3]);
        let bought = |number| Purchase {
            product: ProductId::new(number),
            category: Some(Category::Books),
            price: Money::from_cents(1000),
        };
        assert_eq!(order(candidates.clone(), &[bought(9)]), [1, 3, 2], "near the usual price first");
        assert_eq!(order(candidates, &[bought(1)]), [3, 2, 1], "what is owned last");
    }

    #[test]
    fn a_candidate_keeps_what_the_caller_said_of_it() {
        assert_eq!(candidate(1, 1000, 5).into_json()["name"], "x");
        assert!(Candidate::read(Raw::Json(&json!({"price": 1}))).is_err());
        assert!(Candidate::read(Raw::Json(&json!(7))).is_err());
        assert_eq!(Candidate::read(Raw::Json(&json!("prod-7"))).unwrap().into_json(), json!({"product_id": "prod-7"}));
    }
}
