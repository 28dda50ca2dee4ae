//! One module per service: its routes, and what stands behind them.

pub(crate) mod ads;
pub(crate) mod cart;
pub(crate) mod checkout;
pub(crate) mod currency;
pub(crate) mod frontend;
pub(crate) mod payment;
pub(crate) mod product_catalog;
pub(crate) mod recommendation;
pub(crate) mod shipping;
