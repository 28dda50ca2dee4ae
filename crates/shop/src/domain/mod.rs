//! What the services talk about: values that can only be built by parsing, so that what is held is valid.

mod category;
mod currency;
mod ids;
mod money;
mod quantity;
mod zip;

pub(crate) use category::Category;
pub(crate) use currency::Currency;
pub(crate) use ids::{CartId, IdempotencyKey, OrderId, ProductId, UserId};
pub(crate) use money::{Money, OverflowError};
pub(crate) use quantity::{PageSize, Quantity, WeightKg};
pub(crate) use zip::{Zip, Zone};
