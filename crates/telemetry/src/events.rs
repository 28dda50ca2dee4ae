//! The log events that alerts and dashboards look for. Their names and fields are part of the telemetry contract.
//!
//! Each becomes a JSON line on stdout and an OTLP log record whose event name is the given one, inside the current
//! trace, with the request's baggage.

use crate::context::{self, set_attribute};
use crate::instruments::instruments;
use crate::{KeyValue, attr};
use tracing::Level;

/// What a slow query did, for [`slow_query`].
#[derive(Clone, Copy, Debug)]
pub struct SlowQuery<'a> {
    /// Span name of the statement, e.g. `SELECT recommendable_products`.
    pub summary: &'a str,
    /// Execution alone, milliseconds.
    pub duration_ms: f64,
    /// Index of the plan, or `NONE`.
    pub index_used: &'a str,
    /// Whether the plan reads a whole table.
    pub is_full_table_scan: bool,
    /// Rows the plan reads.
    pub rows_scanned: i64,
}

/// `demo_slow_query_triggered`: a statement took longer than [`crate::sql::SLOW_QUERY`].
pub fn slow_query(query: &SlowQuery<'_>) {
    tracing::event!(
        name: "demo_slow_query_triggered",
        Level::WARN,
        db.query.summary = query.summary,
        db.slow_query = true,
        db.duration_ms = query.duration_ms,
        db.index_used = query.index_used,
        db.full_table_scan = query.is_full_table_scan,
        db.rows_scanned = query.rows_scanned,
        "slow query"
    );
}

/// `demo_pool_exhaustion`: nobody gave a connection back in time. Emitted by [`crate::sql::Pool`] itself.
pub(crate) fn pool_exhaustion(pool: &str, size: u32, wait_ms: f64, rejected_count: u64) {
    tracing::event!(
        name: "demo_pool_exhaustion",
        Level::WARN,
        db.client.connection.pool.name = pool,
        db.connection.pool.exhausted = true,
        db.connection.pool.size = size,
        db.connection.pool.wait_time_ms = wait_ms,
        db.connection.pool.rejected_count = rejected_count,
        "connection pool exhausted"
    );
}

/// A checkout that failed, for [`checkout_failed`].
#[derive(Clone, Copy, Debug)]
pub struct FailedCheckout<'a> {
    /// `recommendations-timeout`, `ConnectionPoolExhausted`, ...
    pub reason: &'a str,
    /// Who wanted to buy.
    pub user_id: &'a str,
    /// Dollars.
    pub total: f64,
}

/// `demo_checkout_failed`: sets the `checkout.*` attributes on the current span too, and counts the total as lost
/// revenue of the current `traffic.type`.
pub fn checkout_failed(checkout: &FailedCheckout<'_>) {
    set_attribute(attr::CHECKOUT_FAILED, true);
    set_attribute(attr::CHECKOUT_FAILURE_REASON, checkout.reason.to_owned());
    set_attribute(attr::CHECKOUT_USER_ID, checkout.user_id.to_owned());
    set_attribute(attr::CHECKOUT_TOTAL, checkout.total);
    set_attribute(attr::CHECKOUT_CART_ABANDONED, true);
    if let Some(instruments) = instruments() {
        let traffic_type = context::traffic_type().map(|value| KeyValue::new(attr::TRAFFIC_TYPE, value));
        instruments.lost_revenue.add(checkout.total, traffic_type.as_slice());
    }
    tracing::event!(
        name: "demo_checkout_failed",
        Level::WARN,
        checkout.failed = true,
        checkout.failure_reason = checkout.reason,
        checkout.user_id = checkout.user_id,
        checkout.total = checkout.total,
        checkout.cart_abandoned = true,
        "checkout failed"
    );
}

/// `feature_flag.evaluation`: which `variant` of flag `key` this request got, and why (`static`, `targeting_match`,
/// `default`, `disabled`).
pub fn feature_flag(key: &str, variant: &str, reason: &str) {
    tracing::event!(
        name: "feature_flag.evaluation",
        Level::INFO,
        feature_flag.key = key,
        feature_flag.result.variant = variant,
        feature_flag.result.reason = reason,
        "feature flag evaluated"
    );
}
