//! What the conductor asks the load generator and the frontend.

use std::collections::BTreeMap;
use std::time::Duration;

use scenario::{Bucket, LoadReport};
use serde::{Deserialize, Serialize};

use crate::StageError;

/// Longest wait for one answer of a process on this machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A client for loopback: no proxy, short timeouts.
pub(crate) fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWER_WITHIN)
        .build()
        .expect("a client without TLS needs nothing of the system")
}

/// The load generator's measurements so far.
pub(crate) async fn measurements(client: &reqwest::Client, base: &str) -> Result<LoadReport, StageError> {
    get_json(client, &format!("{base}/admin/measurements")).await
}

/// The same, but only buckets that end after the scenario minute `since`.
pub(crate) async fn measurements_since(
    client: &reqwest::Client,
    base: &str,
    since: f64,
) -> Result<LoadReport, StageError> {
    get_json(client, &format!("{base}/admin/measurements?since={since:.3}")).await
}

/// What failed checkouts cost the shop.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckoutStats {
    /// Checkouts that failed, whoever's fault it was but the customer's.
    pub failed: u64,
    /// What they would have paid, in US dollars; orders that failed before they were priced count nothing.
    pub lost_revenue_usd: f64,
    /// The same by `traffic.type`.
    #[serde(default)]
    pub by_traffic_type: BTreeMap<String, LostRevenue>,
}

/// Of one traffic type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LostRevenue {
    /// Checkouts that failed.
    pub failed: u64,
    /// What they would have paid, in US dollars.
    pub lost_revenue_usd: f64,
}

/// Asks the frontend.
pub(crate) async fn checkout_stats(client: &reqwest::Client, frontend: &str) -> Result<CheckoutStats, StageError> {
    get_json(client, &format!("{frontend}/admin/checkout-stats")).await
}

/// Takes `news` into `known`: figures of the whole are replaced, buckets that the news has are replaced or added.
pub(crate) fn merge(known: &mut LoadReport, news: LoadReport) {
    let mut before = std::mem::replace(known, news).streams;
    for stream in &mut known.streams {
        let Some(old) = before.iter_mut().find(|s| s.stream == stream.stream) else { continue };
        replace_newest(&mut old.buckets, &mut stream.buckets);
        for (journey, buckets) in &mut stream.journeys {
            if let Some(old) = old.journeys.get_mut(journey) {
                replace_newest(old, buckets);
            }
        }
    }
}

/// Leaves in `news` the buckets of `known` that are older than its own, and its own.
fn replace_newest(known: &mut Vec<Bucket>, news: &mut Vec<Bucket>) {
    let first = news.first().map_or(f64::INFINITY, |b| b.from);
    known.retain(|bucket| bucket.from < first);
    known.append(news);
    std::mem::swap(known, news);
}

/// GETs `url` and reads its JSON.
pub(crate) async fn get_json<T: serde::de::DeserializeOwned>(
    client: &reqwest::Client,
    url: &str,
) -> Result<T, StageError> {
    get_json_asked(client, url, &[]).await
}

/// The same, with fields in its query.
pub(crate) async fn get_json_asked<T: serde::de::DeserializeOwned>(
    client: &reqwest::Client,
    url: &str,
    fields: &[(&str, &str)],
) -> Result<T, StageError> {
    let failed = |source| StageError::Http { url: url.to_owned(), source };
    let answer = client.get(url).query(fields).send().await.map_err(failed)?.error_for_status().map_err(failed)?;
    answer.json().await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario::StreamReport;

    fn report(buckets: &[(f64, u64)]) -> LoadReport {
        let buckets: Vec<Bucket> = buckets
            .iter()
            .map(|(from, completed)| Bucket { from: *from, to: from + 1.0, completed: *completed, ..Bucket::default() })
            .collect();
        let journeys = [("browse_only".to_owned(), buckets.clone())].into_iter().collect();
        LoadReport { streams: vec![StreamReport { stream: "demo".into(), buckets, journeys }], ..LoadReport::default() }
    }

    #[test]
    fn news_replaces_what_it_has_and_leaves_what_is_older() {
        let mut known = report(&[(0.0, 5), (1.0, 5), (2.0, 3)]);
        merge(&mut known, report(&[(2.0, 5), (3.0, 1)]));
        let figures = |buckets: &[Bucket]| buckets.iter().map(|b| (b.from, b.completed)).collect::<Vec<_>>();
        let expected = [(0.0, 5), (1.0, 5), (2.0, 5), (3.0, 1)];
        assert_eq!(figures(&known.streams[0].buckets), expected);
        assert_eq!(figures(&known.streams[0].journeys["browse_only"]), expected);
    }

    #[test]
    fn news_without_buckets_takes_nothing_away() {
        let mut known = report(&[(0.0, 5)]);
        merge(&mut known, report(&[]));
        assert_eq!(known.streams[0].buckets.len(), 1);
    }
}
