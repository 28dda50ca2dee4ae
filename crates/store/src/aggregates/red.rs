//! Rate, errors and duration over a stretch of time, as rows and as curves.

use detect::{SpanFilter, SpanKind, UnixMs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aggregates::sum::{Aggregates, Sum, stretch_minutes};

/// Which spans, over which stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RedFilter {
    /// `service.name` of the resource.
    pub service: Option<String>,
    /// The span's name.
    pub operation: Option<String>,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// The span's kind.
    pub kind: Option<SpanKind>,
    /// First moment, Unix milliseconds, rounded down to a second; a minute before the end if not given.
    pub from_unix_ms: Option<u64>,
    /// Last moment, Unix milliseconds, in the last second counted; now if not given.
    pub to_unix_ms: Option<u64>,
}

impl RedFilter {
    pub(crate) fn spans(&self) -> SpanFilter {
        let given = |word: &Option<String>| word.clone().filter(|word| !word.is_empty());
        SpanFilter {
            service: given(&self.service),
            operation: given(&self.operation),
            kind: self.kind,
            status: None,
            traffic_type: given(&self.traffic_type),
        }
    }

    /// First and last second.
    pub(crate) fn seconds(&self, now: UnixMs) -> (u64, u64) {
        let to = self.to_unix_ms.unwrap_or(now.0);
        let from = self.from_unix_ms.unwrap_or(to.saturating_sub(60_000) + 1000);
        (from / 1000, to / 1000)
    }
}

/// Rate, errors, duration of one service's operation for one `traffic.type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Red {
    /// `service.name` of the resource.
    pub service: String,
    /// The span's name.
    pub operation: String,
    /// The span's kind.
    pub kind: SpanKind,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// Spans that ended.
    pub count: u64,
    /// Those with an error.
    pub errors: u64,
    /// Spans per minute.
    pub rate_per_minute: f64,
    /// Share of errors, 0 to 1.
    pub error_rate: f64,
    /// Share that failed for whoever asked, 0 to 1: errors, and answers with HTTP status 400 or more, which are no error of a server.
    pub failure_rate: f64,
    /// Median duration, in milliseconds.
    pub p50_ms: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
    /// 99 of 100 were faster, in milliseconds.
    pub p99_ms: f64,
}

/// One point of a curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimelinePoint {
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// Start of the point's stretch, Unix milliseconds.
    pub at_unix_ms: u64,
    /// Spans that ended in it.
    pub count: u64,
    /// Share of errors, 0 to 1.
    pub error_rate: f64,
    /// Share that failed for whoever asked, 0 to 1: errors, and answers with HTTP status 400 or more.
    pub failure_rate: f64,
    /// Median duration, in milliseconds.
    pub p50_ms: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
}

/// Errors of servers have such a status as well, as far as they are HTTP: of both the greater number.
fn failure_rate(sum: &Sum) -> f64 {
    sum.share(sum.errors.max(sum.http_errors)).unwrap_or(0.0)
}

impl Red {
    /// A row that does not say yet what it is about.
    fn new(sum: &Sum, minutes: f64) -> Self {
        Self {
            service: String::new(),
            operation: String::new(),
            kind: SpanKind::Internal,
            traffic_type: None,
            count: sum.count,
            errors: sum.errors,
            rate_per_minute: sum.count as f64 / minutes,
            error_rate: sum.share(sum.errors).unwrap_or(0.0),
            failure_rate: failure_rate(sum),
            p50_ms: sum.quantile_ms(0.50),
            p95_ms: sum.quantile_ms(0.95),
            p99_ms: sum.quantile_ms(0.99),
        }
    }
}

impl Aggregates<'_> {
    /// One row per service, operation, kind and `traffic.type`.
    pub(crate) fn red(&mut self, filter: &RedFilter, now: UnixMs) -> Vec<Red> {
        let stretch = filter.seconds(now);
        let minutes = stretch_minutes(stretch, now);
        let sums =
            self.sums(&filter.spans(), stretch, 0, |_, key| (key.service, key.operation, key.kind, key.traffic_type));
        let mut rows: Vec<Red> = sums
            .into_iter()
            .map(|((service, operation, kind, traffic_type), sum)| Red {
                service: self.text(service),
                operation: self.text(operation),
                kind,
                traffic_type: self.some(traffic_type),
                ..Red::new(&sum, minutes)
            })
            .collect();
        let key = |row: &Red| (row.service.clone(), row.operation.clone(), row.traffic_type.clone(), row.kind);
        rows.sort_by_cached_key(key);
        rows
    }

    /// One row for everything.
    pub(crate) fn red_together(&mut self, filter: &RedFilter, now: UnixMs) -> Red {
        let stretch = filter.seconds(now);
        let mut sums = self.sums(&filter.spans(), stretch, 0, |_, _| ());
        Red::new(&sums.remove(&()).unwrap_or_default(), stretch_minutes(stretch, now))
    }

    /// One point per `traffic.type` and stretch of `step_s` seconds, in order.
    pub(crate) fn timeline(&mut self, filter: &RedFilter, step_s: u64, now: UnixMs) -> Vec<TimelinePoint> {
        let step_s = step_s.max(1);
        let start = |at: u64| at - at % step_s;
        let sums = self.sums(&filter.spans(), filter.seconds(now), step_s, |at, key| (key.traffic_type, start(at)));
        sums.into_iter()
            .map(|((traffic_type, at), sum)| TimelinePoint {
                traffic_type: self.some(traffic_type),
                at_unix_ms: at * 1000,
                count: sum.count,
                error_rate: sum.share(sum.errors).unwrap_or(0.0),
                failure_rate: failure_rate(&sum),
                p50_ms: sum.quantile_ms(0.50),
                p95_ms: sum.quantile_ms(0.95),
            })
            .collect()
    }
}
