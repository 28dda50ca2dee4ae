//! Money lost: the totals of checkouts that failed, as the shop counts them in a metric.

use detect::UnixMs;
use store::{MetricSearch, MetricSeries, Store};

/// Counter, dollars, by `traffic.type`.
const LOST_REVENUE: &str = "checkout.lost_revenue";

/// What each kind of traffic lost since the start, in dollars: `None` as long as nobody counts it at all.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    by_traffic: Option<Vec<(String, f64)>>,
}

impl Losses {
    /// As the store has it at `now`.
    pub(crate) fn take(store: &Store, now: UnixMs) -> Self {
        let latest = store.metrics(None, Some(LOST_REVENUE));
        let is_delta = latest.iter().any(|point| point.temporality.as_deref() == Some("delta"));
        if is_delta {
            let search =
                MetricSearch { name: Some(LOST_REVENUE.into()), to_unix_ms: Some(now.0), ..MetricSearch::default() };
            return Self::of(
                store.metric_series(&search).iter().map(|series| (traffic(&series.attributes), total(series))),
            );
        }
        Self::of(latest.iter().map(|point| (traffic(&point.attributes), point.value.as_f64().unwrap_or(0.0))))
    }

    fn of(counted: impl Iterator<Item = (String, f64)>) -> Self {
        let all: Vec<_> = counted.collect();
        Self { by_traffic: (!all.is_empty()).then_some(all) }
    }

    /// Dollars lost by one kind of traffic.
    pub(crate) fn of_traffic(&self, traffic_type: &str) -> Option<f64> {
        let counted = self.by_traffic.as_ref()?;
        Some(counted.iter().filter(|(traffic, _)| traffic == traffic_type).map(|(_, dollars)| dollars).sum())
    }
}

fn traffic(attributes: &serde_json::Map<String, serde_json::Value>) -> String {
    attributes.get("traffic.type").and_then(|value| value.as_str()).unwrap_or_default().to_owned()
}

/// All of a series of differences.
fn total(series: &MetricSeries) -> f64 {
    series.points.iter().filter_map(|point| point.value.as_f64()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_services_lost_is_added_up_and_nothing_counted_is_not_zero() {
        let demo = || "demo".to_owned();
        let losses = Losses::of([(demo(), 10.5), (demo(), 2.0), (String::new(), 99.0)].into_iter());
        assert_eq!(losses.of_traffic("demo"), Some(12.5));
        assert_eq!(losses.of_traffic("baseline"), Some(0.0), "it is counted, and there is none");
        assert_eq!(Losses::of([].into_iter()).of_traffic("demo"), None);
    }
}
