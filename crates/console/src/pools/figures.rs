//! Pools: how full they are now, who waits, and how that went.

use std::collections::BTreeMap;

use detect::UnixMs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{MetricSearch, MetricSeries, Store};

use crate::pools::growth::{Counted, Stretch, counted, histogram};

const PREFIX: &str = "db.client.connection.";
/// What pools are made of.
const METRICS: [&str; 6] = ["count", "max", "pending_requests", "timeouts", "wait_time", "use_time"];
/// Points of a curve.
const POINTS: usize = 48;
/// How far before a stretch the point may lie that its first difference is taken from, in milliseconds.
const BEFORE_MS: u64 = 60_000;
/// Most pools times metrics times states.
const MOST_SERIES: usize = 1000;

/// One connection pool of one service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pool {
    /// `service.name` of the resource.
    pub service: String,
    /// `db.client.connection.pool.name`.
    pub name: String,
    /// Connections that somebody has now.
    pub used: Option<f64>,
    /// Connections that are open and free.
    pub idle: Option<f64>,
    /// Connections that the pool may open.
    pub max: Option<f64>,
    /// Callers that wait for one now.
    pub waiting: Option<f64>,
    /// Acquires a minute that timed out, over the stretch.
    pub timeouts_per_minute: Option<f64>,
    /// Time to obtain a connection, over the stretch.
    pub wait: Option<PoolTimes>,
    /// Time between obtaining one and giving it back, over the stretch.
    pub held: Option<PoolTimes>,
    /// How it went, in equal steps over the stretch.
    pub points: Vec<PoolPoint>,
}

/// Times of a pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PoolTimes {
    /// How many there were.
    pub count: u64,
    /// In milliseconds.
    pub mean_ms: f64,
    /// 19 of 20 were shorter, in milliseconds, read from the histogram's buckets; `None` without explicit ones.
    pub p95_ms: Option<f64>,
}

/// A pool at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PoolPoint {
    /// End of the step, Unix milliseconds.
    pub at_unix_ms: f64,
    /// Connections in use.
    pub used: f64,
    /// Callers waiting.
    pub waiting: f64,
    /// Acquires that timed out in the step.
    pub timeouts: f64,
}

/// All pools of a stretch, by service and name.
pub(crate) fn pools(store: &Store, from_unix_ms: u64, now: UnixMs) -> Vec<Pool> {
    // Points are stamped in nanoseconds: those of this very millisecond count.
    let until = now.0 + 1;
    let series: Vec<MetricSeries> = METRICS
        .iter()
        .flat_map(|metric| {
            store.metric_series(&MetricSearch {
                name: Some(format!("{PREFIX}{metric}")),
                from_unix_ms: Some(from_unix_ms.saturating_sub(BEFORE_MS)),
                to_unix_ms: Some(until),
                limit: Some(MOST_SERIES),
                ..MetricSearch::default()
            })
        })
        .collect();
    put_together(&series, Stretch { from_ms: from_unix_ms as f64, to_ms: until as f64 })
}

fn put_together(series: &[MetricSeries], stretch: Stretch) -> Vec<Pool> {
    let mut by_pool: BTreeMap<(&str, &str), Vec<&MetricSeries>> = BTreeMap::new();
    for one in series {
        if let Some(pool) = text(one, "db.client.connection.pool.name") {
            by_pool.entry((&one.service, pool)).or_default().push(one);
        }
    }
    by_pool.into_iter().map(|((service, name), own)| pool(service, name, &own, stretch)).collect()
}

fn text<'a>(series: &'a MetricSeries, key: &str) -> Option<&'a str> {
    series.attributes.get(key)?.as_str()
}

/// The series of one metric, in one state if given.
fn of<'a>(series: &[&'a MetricSeries], metric: &str, state: Option<&str>) -> Vec<&'a MetricSeries> {
    let is_named = |one: &&MetricSeries| one.name.strip_prefix(PREFIX) == Some(metric);
    let is_so = |one: &&MetricSeries| state.is_none() || text(one, "db.client.connection.state") == state;
    series.iter().copied().filter(is_named).filter(is_so).collect()
}

fn pool(service: &str, name: &str, series: &[&MetricSeries], stretch: Stretch) -> Pool {
    let used = of(series, "count", Some("used"));
    let waiting = of(series, "pending_requests", None);
    let timeouts = of(series, "timeouts", None);
    let minutes = ((stretch.to_ms - stretch.from_ms) / 60_000.0).max(f64::MIN_POSITIVE);
    let steps: Vec<(f64, f64)> = timeouts.iter().flat_map(|one| counted(one, stretch)).collect();
    let step_ms = (stretch.to_ms - stretch.from_ms) / POINTS as f64;
    let point = |index: usize| {
        let end = stretch.from_ms + step_ms * (index + 1) as f64;
        let is_in = |at: f64| end - step_ms < at && at <= end;
        PoolPoint {
            at_unix_ms: end.round(),
            used: level(&used, end).unwrap_or(0.0),
            waiting: level(&waiting, end).unwrap_or(0.0),
            timeouts: steps.iter().filter(|(at, _)| is_in(*at)).map(|(_, step)| step).sum(),
        }
    };
    Pool {
        service: service.to_owned(),
        name: name.to_owned(),
        used: level(&used, stretch.to_ms),
        idle: level(&of(series, "count", Some("idle")), stretch.to_ms),
        max: level(&of(series, "max", None), stretch.to_ms),
        waiting: level(&waiting, stretch.to_ms),
        timeouts_per_minute: (!timeouts.is_empty()).then(|| steps.iter().map(|(_, step)| step).sum::<f64>() / minutes),
        wait: times(&of(series, "wait_time", None), stretch),
        held: times(&of(series, "use_time", None), stretch),
        points: (0..POINTS).map(point).collect(),
    }
}

/// The last known value at a moment, all series together; `None` if none had one by then.
fn level(series: &[&MetricSeries], at_ms: f64) -> Option<f64> {
    let last = |one: &&MetricSeries| {
        let before = one.points.partition_point(|point| point.at_unix_ms <= at_ms).checked_sub(1)?;
        one.points[before].value.as_f64()
    };
    series.iter().filter_map(last).fold(None, |sum: Option<f64>, value| Some(sum.unwrap_or(0.0) + value))
}

fn times(series: &[&MetricSeries], stretch: Stretch) -> Option<PoolTimes> {
    let mut all = Counted::default();
    for one in series {
        all.add(&histogram(one, stretch));
    }
    let to_ms = if series.first()?.unit == "ms" { 1.0 } else { 1000.0 };
    (all.count > 0.0).then(|| PoolTimes {
        count: all.count as u64,
        mean_ms: all.sum / all.count * to_ms,
        p95_ms: all.quantile(0.95).map(|value| value * to_ms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use store::MetricPoint;

    fn series(name: &str, state: Option<&str>, points: &[(f64, Value)]) -> MetricSeries {
        let mut attributes = serde_json::Map::new();
        attributes.insert("db.client.connection.pool.name".into(), json!("orders"));
        attributes.extend(state.map(|state| ("db.client.connection.state".to_owned(), json!(state))));
        MetricSeries {
            service: "checkout".into(),
            name: format!("{PREFIX}{name}"),
            unit: "s".into(),
            kind: "sum".into(),
            temporality: Some("cumulative".into()),
            attributes,
            points: points
                .iter()
                .map(|(at_unix_ms, value)| MetricPoint { at_unix_ms: *at_unix_ms, value: value.clone() })
                .collect(),
        }
    }

    #[test]
    fn a_pool_that_ran_dry_says_so_in_every_figure() {
        let histogram = |count: u64| json!({"count": count, "sum": count as f64 * 2.0, "bounds": [1.0, 5.0], "counts": [0, count, 0]});
        let all = [
            series("count", Some("used"), &[(10_000.0, json!(5)), (60_000.0, json!(20))]),
            series("count", Some("idle"), &[(10_000.0, json!(15)), (60_000.0, json!(0))]),
            series("max", None, &[(60_000.0, json!(20))]),
            series("pending_requests", None, &[(60_000.0, json!(51))]),
            series("timeouts", None, &[(10_000.0, json!(0)), (60_000.0, json!(300))]),
            series("wait_time", None, &[(10_000.0, histogram(0)), (60_000.0, histogram(10))]),
        ];
        let found = put_together(&all, Stretch { from_ms: 0.0, to_ms: 120_000.0 });
        let [pool] = &found[..] else { panic!("one pool: {found:?}") };
        assert_eq!((pool.service.as_str(), pool.name.as_str()), ("checkout", "orders"));
        assert_eq!((pool.used, pool.idle, pool.max, pool.waiting), (Some(20.0), Some(0.0), Some(20.0), Some(51.0)));
        assert_eq!(pool.timeouts_per_minute, Some(150.0), "300 in two minutes");
        let wait = pool.wait.as_ref().expect("there was waiting");
        assert_eq!((wait.count, wait.mean_ms), (10, 2000.0));
        assert!(wait.p95_ms.is_some_and(|ms| (1000.0..=5000.0).contains(&ms)), "{wait:?}");
        assert_eq!(pool.held, None);
        assert_eq!((pool.points.len(), pool.points[10].used, pool.points[47].used), (POINTS, 5.0, 20.0));
        assert_eq!(pool.points.iter().map(|point| point.timeouts).sum::<f64>(), 300.0);
    }

    #[test]
    fn instances_of_a_service_are_added_up_and_other_metrics_left_alone() {
        let mut other = series("count", Some("used"), &[(1.0, json!(9))]);
        other.attributes.remove("db.client.connection.pool.name");
        let one = series("count", Some("used"), &[(1.0, json!(3))]);
        let found = put_together(&[one.clone(), one, other], Stretch { from_ms: 0.0, to_ms: 10.0 });
        assert_eq!((found.len(), found[0].used, found[0].max), (1, Some(6.0), None));
    }
}
