//! The two cards: how one kind of traffic is served right now, measured where customers come in.

use detect::{AlertPhase, MonitorStatus, Priority, SpanKind, UnixMs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{RedFilter, Store};

use crate::api::StagePlay;
use crate::stage::revenue::Losses;

/// Where customers meet the shop, unless the play says otherwise.
const ENTRANCE: &str = "frontend";
/// Over how many whole seconds, the one under way left out.
const WINDOW_S: u64 = 10;

/// Errors beyond this are a warning, as expected of healthy traffic.
const WARN_ERROR_RATE: f64 = 0.02;
/// A p95 beyond this is a warning, as expected of healthy traffic.
const WARN_P95_MS: f64 = 500.0;
/// Errors beyond this are critical, as the shop's monitors have it.
const CRITICAL_ERROR_RATE: f64 = 0.20;

/// One kind of traffic at the entrance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Card {
    /// The `traffic.type`.
    pub traffic_type: String,
    /// In a word.
    pub status: CardStatus,
    /// Why it is not `ok`.
    pub reason: String,
    /// Requests over the window.
    pub count: u64,
    /// Requests per minute.
    pub rate_per_minute: f64,
    /// Share of requests that failed for whoever asked, 0 to 1: errors, and answers with HTTP status 400 or more.
    pub error_rate: f64,
    /// Median duration, in milliseconds.
    pub p50_ms: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
    /// Totals of checkouts that failed since the start, in dollars; `None` if nobody counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_revenue_usd: Option<f64>,
}

/// Where customers come in.
pub(crate) fn entrance(play: Option<&StagePlay>) -> &str {
    play.map(|play| play.entrance.as_str()).filter(|name| !name.is_empty()).unwrap_or(ENTRANCE)
}

/// A card's state, each with a shape, a colour and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardStatus {
    /// Nothing came.
    NoData,
    /// All is well.
    Ok,
    /// Beyond what is expected of healthy traffic, or a monitor fires.
    Warn,
    /// Customers are turned away.
    Critical,
}

impl Card {
    /// The card of one kind of traffic, as it is at `now`.
    pub(crate) fn new(
        store: &Store,
        monitors: &[MonitorStatus],
        entrance: &str,
        traffic_type: &str,
        losses: &Losses,
        now: UnixMs,
    ) -> Self {
        let filter = RedFilter {
            service: Some(entrance.into()),
            traffic_type: Some(traffic_type.into()),
            kind: Some(SpanKind::Server),
            from_unix_ms: Some(now.0.saturating_sub(WINDOW_S * 1000)),
            to_unix_ms: Some(now.0.saturating_sub(1000)),
            ..RedFilter::default()
        };
        let red = store.red_together(&filter, now);
        let mut card = Self {
            traffic_type: traffic_type.to_owned(),
            status: CardStatus::NoData,
            reason: String::new(),
            count: red.count,
            rate_per_minute: red.rate_per_minute,
            error_rate: red.failure_rate,
            p50_ms: red.p50_ms,
            p95_ms: red.p95_ms,
            lost_revenue_usd: losses.of_traffic(traffic_type),
        };
        (card.status, card.reason) = judge(&card, monitors);
        card
    }
}

fn judge(card: &Card, monitors: &[MonitorStatus]) -> (CardStatus, String) {
    if card.count == 0 {
        return (CardStatus::NoData, format!("no {} requests in the last {WINDOW_S} s", card.traffic_type));
    }
    let errors = format!("{:.1} % of requests fail", card.error_rate * 100.0);
    if card.error_rate > CRITICAL_ERROR_RATE {
        return (CardStatus::Critical, errors);
    }
    let firing = monitors
        .iter()
        .filter(|monitor| monitor.phase == AlertPhase::Firing)
        .filter(|monitor| monitor.traffic_type.as_deref() == Some(&card.traffic_type))
        .min_by_key(|monitor| monitor.priority);
    match firing {
        Some(monitor) if monitor.priority == Priority::P1 => (CardStatus::Critical, monitor.name.clone()),
        Some(monitor) => (CardStatus::Warn, monitor.name.clone()),
        None if card.error_rate > WARN_ERROR_RATE => (CardStatus::Warn, errors),
        None if card.p95_ms > WARN_P95_MS => {
            (CardStatus::Warn, format!("one request in twenty takes over {:.1} s", card.p95_ms / 1000.0))
        }
        None => (CardStatus::Ok, String::new()),
    }
}
