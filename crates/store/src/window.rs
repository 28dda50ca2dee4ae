//! Questions to the aggregates: RED over a stretch of time, curves, and what monitors measure.

use std::collections::BTreeMap;

use detect::{LogFilter, Query, Sample, Signal, SpanFilter, SpanKind, SpanMeasure, SpanStatus, UnixMs};
use serde::{Deserialize, Serialize};

use crate::histogram::Histogram;
use crate::seconds::{MOST_FLAGS, Seconds};
use crate::series::{SeriesKey, SeriesTable};
use crate::symbols::{Symbol, Symbols};

/// Which spans, over which stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Median duration, in milliseconds.
    pub p50_ms: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
    /// 99 of 100 were faster, in milliseconds.
    pub p99_ms: f64,
}

/// One point of a curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelinePoint {
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// Start of the point's stretch, Unix milliseconds.
    pub at_unix_ms: u64,
    /// Spans that ended in it.
    pub count: u64,
    /// Share of errors, 0 to 1.
    pub error_rate: f64,
    /// Median duration, in milliseconds.
    pub p50_ms: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
}

/// Cells added up.
#[derive(Debug, Default)]
struct Sum {
    count: u64,
    errors: u64,
    flagged: [u64; MOST_FLAGS],
    durations: Histogram,
}

impl Sum {
    fn add(&mut self, key: &SeriesKey, cell: &crate::seconds::Cell) {
        self.count += u64::from(cell.count);
        if key.status == SpanStatus::Error {
            self.errors += u64::from(cell.count);
        }
        for (sum, count) in self.flagged.iter_mut().zip(cell.flagged) {
            *sum += u64::from(count);
        }
        self.durations.add(&cell.durations);
    }

    fn share(&self, part: u64) -> Option<f64> {
        (self.count > 0).then(|| part as f64 / self.count as f64)
    }

    fn quantile_ms(&self, q: f64) -> f64 {
        self.durations.quantile_ms(q).unwrap_or(0.0)
    }

    /// A row that does not say yet what it is about.
    fn red(&self, minutes: f64) -> Red {
        Red {
            service: String::new(),
            operation: String::new(),
            kind: SpanKind::Internal,
            traffic_type: None,
            count: self.count,
            errors: self.errors,
            rate_per_minute: self.count as f64 / minutes,
            error_rate: self.share(self.errors).unwrap_or(0.0),
            p50_ms: self.quantile_ms(0.50),
            p95_ms: self.quantile_ms(0.95),
            p99_ms: self.quantile_ms(0.99),
        }
    }
}

/// Aggregates with the tables that their numbers refer to.
pub(crate) struct Aggregates<'a> {
    pub(crate) seconds: &'a Seconds,
    pub(crate) series: &'a SeriesTable,
    pub(crate) names: &'a Symbols,
    /// Keys of the flags that cells count, in order.
    pub(crate) flags: &'a [String],
}

impl Aggregates<'_> {
    fn sums<G: Ord>(
        &self,
        filter: &SpanFilter,
        from: u64,
        to: u64,
        group: impl Fn(u64, &SeriesKey) -> G,
    ) -> BTreeMap<G, Sum> {
        let wanted = self.series.matching(filter, self.names);
        let mut sums: BTreeMap<G, Sum> = BTreeMap::new();
        for (at, second) in self.seconds.range(from, to) {
            for (id, key) in &wanted {
                if let Some(cell) = second.cells.get(id) {
                    sums.entry(group(at, key)).or_default().add(key, cell);
                }
            }
        }
        sums
    }

    /// One row per service, operation, kind and `traffic.type`.
    pub(crate) fn red(&self, filter: &RedFilter, now: UnixMs) -> Vec<Red> {
        let (from, to) = filter.seconds(now);
        let minutes = stretch_minutes(from, to, now);
        let sums =
            self.sums(&filter.spans(), from, to, |_, key| (key.service, key.operation, key.kind, key.traffic_type));
        let mut rows: Vec<Red> = sums
            .into_iter()
            .map(|((service, operation, kind, traffic_type), sum)| Red {
                service: self.names.text(service).to_owned(),
                operation: self.names.text(operation).to_owned(),
                kind,
                traffic_type: self.names.some(traffic_type),
                ..sum.red(minutes)
            })
            .collect();
        rows.sort_by(|a, b| {
            (&a.service, &a.operation, &a.traffic_type, a.kind).cmp(&(
                &b.service,
                &b.operation,
                &b.traffic_type,
                b.kind,
            ))
        });
        rows
    }

    /// One row for everything.
    pub(crate) fn red_together(&self, filter: &RedFilter, now: UnixMs) -> Red {
        let (from, to) = filter.seconds(now);
        let mut sums = self.sums(&filter.spans(), from, to, |_, _| ());
        sums.remove(&()).unwrap_or_default().red(stretch_minutes(from, to, now))
    }

    /// One point per `traffic.type` and stretch of `step_s` seconds, in order.
    pub(crate) fn timeline(&self, filter: &RedFilter, step_s: u64, now: UnixMs) -> Vec<TimelinePoint> {
        let (from, to) = filter.seconds(now);
        let step_s = step_s.max(1);
        let start = |at: u64| at - at % step_s;
        let sums = self.sums(&filter.spans(), from, to, |at, key| (key.traffic_type, start(at)));
        sums.into_iter()
            .map(|((traffic_type, at), sum)| TimelinePoint {
                traffic_type: self.names.some(traffic_type),
                at_unix_ms: at * 1000,
                count: sum.count,
                error_rate: sum.share(sum.errors).unwrap_or(0.0),
                p50_ms: sum.quantile_ms(0.50),
                p95_ms: sum.quantile_ms(0.95),
            })
            .collect()
    }

    /// The samples for a monitor's query: whole seconds, of which the last is the one under way.
    pub(crate) fn measure(&self, query: &Query, now: UnixMs) -> Vec<Sample> {
        let to = now.0 / 1000;
        let window_s = query.window.as_secs_f64().ceil().max(1.0) as u64;
        let from = (to + 1).saturating_sub(window_s);
        match &query.signal {
            Signal::Spans { filter, measure } => {
                let group = |_: u64, key: &SeriesKey| {
                    if query.by_traffic_type { key.traffic_type } else { Symbols::NONE }
                };
                let minutes = stretch_minutes(from, to, now);
                let sums = self.sums(filter, from, to, group);
                sums.into_iter().map(|(group, sum)| self.sample(group, &sum, measure, minutes)).collect()
            }
            Signal::Logs { filter } => self.logs(filter, from, to, query.by_traffic_type),
        }
    }

    fn sample(&self, group: Symbol, sum: &Sum, measure: &SpanMeasure, minutes: f64) -> Sample {
        let value = match measure {
            SpanMeasure::Count => Some(sum.count as f64),
            SpanMeasure::RatePerMinute => Some(sum.count as f64 / minutes),
            SpanMeasure::ErrorRate => sum.share(sum.errors),
            SpanMeasure::QuantileMs(quantile) => sum.durations.quantile_ms(quantile.fraction()),
            SpanMeasure::Share { flag } => {
                let bit = self.flags.iter().position(|known| known == flag);
                bit.and_then(|bit| sum.share(sum.flagged[bit]))
            }
        };
        Sample { group: self.names.some(group), value, count: sum.count }
    }

    fn logs(&self, filter: &LogFilter, from: u64, to: u64, by_traffic_type: bool) -> Vec<Sample> {
        let is =
            |word: &Option<String>, symbol: Symbol| word.as_ref().is_none_or(|word| self.names.text(symbol) == word);
        let mut counts: BTreeMap<Symbol, u64> = BTreeMap::new();
        if !by_traffic_type {
            counts.insert(Symbols::NONE, 0);
        }
        for (_, second) in self.seconds.range(from, to) {
            for (key, count) in &second.logs {
                let fits = is(&filter.service, key.service)
                    && is(&filter.event, key.event)
                    && is(&filter.traffic_type, key.traffic_type)
                    && filter.severity_at_least.is_none_or(|least| key.severity >= least);
                if fits {
                    let group = if by_traffic_type { key.traffic_type } else { Symbols::NONE };
                    *counts.entry(group).or_default() += u64::from(*count);
                }
            }
        }
        let sample =
            |(group, count): (Symbol, u64)| Sample { group: self.names.some(group), value: Some(count as f64), count };
        counts.into_iter().map(sample).collect()
    }
}

/// From the start of `from` to the end of `to`, or to now if that comes first; in minutes, never zero.
fn stretch_minutes(from: u64, to: u64, now: UnixMs) -> f64 {
    let end_ms = ((to + 1) * 1000).min(now.0.max(from * 1000 + 1));
    (end_ms - from * 1000) as f64 / 60_000.0
}
