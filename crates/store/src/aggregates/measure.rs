//! What monitors measure.

use std::collections::BTreeMap;

use detect::{LogFilter, Query, Sample, Signal, SpanMeasure, UnixMs};

use crate::aggregates::sum::{Aggregates, Sum, stretch_minutes};
use crate::symbols::Symbol;

impl Aggregates<'_> {
    /// The samples for a monitor's query: whole seconds, of which the last is the one under way.
    pub(crate) fn measure(&mut self, query: &Query, now: UnixMs) -> Vec<Sample> {
        let to = now.0 / 1000;
        let window_s = query.window.as_secs_f64().ceil().max(1.0) as u64;
        let stretch = ((to + 1).saturating_sub(window_s), to);
        match &query.signal {
            Signal::Spans { filter, measure } => {
                let is_grouped = query.by_traffic_type;
                // A second is told apart here, so that no minute is added up for a window of some seconds.
                let sums =
                    self.sums(filter, stretch, 1, |_, key| if is_grouped { key.traffic_type } else { Symbol::NONE });
                let minutes = stretch_minutes(stretch, now);
                sums.into_iter().map(|(group, sum)| self.sample(group, &sum, measure, minutes)).collect()
            }
            Signal::Logs { filter } => self.logs(filter, stretch, query.by_traffic_type),
        }
    }

    fn sample(&self, group: Symbol, sum: &Sum, measure: &SpanMeasure, minutes: f64) -> Sample {
        let mut count = sum.count;
        let value = match measure {
            SpanMeasure::Count => Some(sum.count as f64),
            SpanMeasure::RatePerMinute => Some(sum.count as f64 / minutes),
            SpanMeasure::ErrorRate => sum.share(sum.errors),
            SpanMeasure::QuantileMs(quantile) => sum.durations.quantile_ms(quantile.fraction()),
            SpanMeasure::Share { flag } => self.place(self.flags, flag).and_then(|bit| sum.share(sum.flagged[bit])),
            SpanMeasure::HttpErrorRate => {
                count = sum.with_http;
                (count > 0).then(|| sum.http_errors as f64 / count as f64)
            }
            SpanMeasure::Mean { attribute } => {
                let added = self.place(self.numbers, attribute).map(|place| sum.numbers[place]).unwrap_or_default();
                count = added.count;
                added.mean()
            }
        };
        Sample { group: self.some(group), value, count }
    }

    /// Where cells count an attribute, if they do.
    fn place(&self, counted: &[Symbol], key: &str) -> Option<usize> {
        let symbol = self.symbols.find(key)?;
        counted.iter().position(|known| *known == symbol)
    }

    fn logs(&self, filter: &LogFilter, (from, to): (u64, u64), by_traffic_type: bool) -> Vec<Sample> {
        let texts = self.symbols.texts();
        let is = |word: &Option<String>, symbol: Symbol| word.as_ref().is_none_or(|word| texts.text(symbol) == word);
        let mut counts: BTreeMap<Symbol, u64> = BTreeMap::new();
        if !by_traffic_type {
            counts.insert(Symbol::NONE, 0);
        }
        for (_, second) in self.seconds.range(from, to) {
            for (key, count) in &second.logs {
                let fits = is(&filter.service, key.service)
                    && is(&filter.event, key.event)
                    && is(&filter.traffic_type, key.traffic_type)
                    && filter.severity_at_least.is_none_or(|least| key.severity >= least);
                if fits {
                    let group = if by_traffic_type { key.traffic_type } else { Symbol::NONE };
                    *counts.entry(group).or_default() += u64::from(*count);
                }
            }
        }
        let sample =
            |(group, count): (Symbol, u64)| Sample { group: self.some(group), value: Some(count as f64), count };
        counts.into_iter().map(sample).collect()
    }
}
