//! What differs between bad spans and healthy ones: attribute values that bad spans have more often than others.
//!
//! A look at rows in memory, the newest first and no more than [`MOST_SPANS`]; what has left for the disk is not looked at.
//! It finds what stands together, not what causes what.

use std::cmp::Reverse;

use detect::{SpanFilter, SpanKind, SpanStatus};
use hashbrown::HashMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pack::{Attributes, Packed};
use crate::shelf::Numbered;
use crate::spans::SpanChunk;
use crate::symbols::{Symbol, Symbols, Texts};
use crate::well_known as known;

/// Spans that one answer is made of, the newest: enough to tell, few enough for a glance.
const MOST_SPANS: usize = 100_000;
/// Values of one key: a key with more is no kind of anything but an identifier or a measurement.
const MOST_VALUES: usize = 64;
/// Values that are told.
const MOST_TOLD: usize = 12;
/// Bad spans that must have a value: of two or three everything is by chance.
const LEAST_BAD: u64 = 5;
/// How much more often bad spans must have a value than all.
const LEAST_LIFT: f64 = 1.25;

/// What makes a span a bad one.
#[derive(Debug, Clone, PartialEq)]
pub enum Criterion {
    /// Its status is error, or that of HTTP 400 or more.
    Failed,
    /// It lasted longer, in milliseconds.
    SlowerThan(f64),
    /// A numeric attribute is greater.
    NumberAbove {
        /// The attribute's key.
        attribute: String,
        /// The number.
        limit: f64,
    },
    /// A boolean attribute is true.
    Flag {
        /// The attribute's key.
        attribute: String,
    },
}

/// What bad spans have more often than others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Differences {
    /// Bad spans that were looked at.
    pub bad: u64,
    /// Healthy spans that were looked at.
    pub healthy: u64,
    /// Whether older spans of the stretch were not looked at, because there are too many or they are on disk.
    pub is_sample: bool,
    /// Those first that tell bad from healthy best.
    pub values: Vec<DifferingValue>,
}

/// A value that bad spans have more often than others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DifferingValue {
    /// The attribute's key.
    pub key: String,
    /// Its value, as text.
    pub value: String,
    /// Bad spans that have it.
    pub bad: u64,
    /// Healthy spans that have it.
    pub healthy: u64,
    /// Of bad spans the share that has it, over the share of all spans: 1 where it makes no difference.
    pub lift: f64,
}

/// A question whose words are symbols.
#[derive(Debug)]
pub(crate) struct Wanted {
    service: Option<Symbol>,
    operation: Option<Symbol>,
    traffic_type: Option<Symbol>,
    kind: Option<SpanKind>,
    ends_ns: (u64, u64),
    criterion: Prepared,
}

#[derive(Debug)]
enum Prepared {
    Failed,
    SlowerThan(u64),
    NumberAbove(Symbol, f64),
    Flag(Symbol),
}

/// A value that can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Value {
    Text(Symbol),
    Whole(i64),
    Bool(bool),
}

/// How many bad and healthy spans have a value.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    bad: u64,
    healthy: u64,
}

impl Counts {
    fn add(&mut self, is_bad: bool) {
        if is_bad {
            self.bad += 1;
        } else {
            self.healthy += 1;
        }
    }

    /// How well it tells bad from healthy: the difference of the shares.
    fn tells(self, all: Self) -> f64 {
        self.bad as f64 / all.bad.max(1) as f64 - self.healthy as f64 / all.healthy.max(1) as f64
    }
}

impl Wanted {
    /// `None` if a word never came.
    pub(crate) fn new(
        filter: &SpanFilter,
        (from_unix_ms, to_unix_ms): (u64, u64),
        criterion: &Criterion,
        symbols: &Symbols,
    ) -> Option<Self> {
        let symbol = |word: &Option<String>| match word {
            None => Some(None),
            Some(word) => symbols.find(word).map(Some),
        };
        Some(Self {
            service: symbol(&filter.service)?,
            operation: symbol(&filter.operation)?,
            traffic_type: symbol(&filter.traffic_type)?,
            kind: filter.kind,
            ends_ns: (from_unix_ms.saturating_mul(1_000_000), to_unix_ms.saturating_mul(1_000_000)),
            criterion: match criterion {
                Criterion::Failed => Prepared::Failed,
                Criterion::SlowerThan(ms) => Prepared::SlowerThan((ms.max(0.0) * 1e6) as u64),
                Criterion::NumberAbove { attribute, limit } => Prepared::NumberAbove(symbols.find(attribute)?, *limit),
                Criterion::Flag { attribute } => Prepared::Flag(symbols.find(attribute)?),
            },
        })
    }

    fn fits(&self, chunk: &SpanChunk, place: usize) -> bool {
        self.service.is_none_or(|service| chunk.service[place] == service)
            && self.operation.is_none_or(|operation| chunk.name[place] == operation)
            && self.traffic_type.is_none_or(|traffic_type| chunk.traffic_type[place] == traffic_type)
            && self.kind.is_none_or(|kind| chunk.kind(place) == kind)
            && (self.ends_ns.0..=self.ends_ns.1).contains(&chunk.end_ns(place))
    }

    fn is_bad(&self, chunk: &SpanChunk, place: usize, attributes: Attributes<'_>) -> bool {
        match self.criterion {
            Prepared::Failed => {
                let status = attributes.get(known::HTTP_RESPONSE_STATUS_CODE).and_then(Packed::number);
                chunk.status(place) == SpanStatus::Error || status.is_some_and(|status| status >= 400.0)
            }
            Prepared::SlowerThan(ns) => chunk.duration_ns[place] > ns,
            Prepared::NumberAbove(key, limit) => {
                attributes.get(key).and_then(Packed::number).is_some_and(|number| number > limit)
            }
            Prepared::Flag(key) => attributes.get(key) == Some(Packed::Bool(true)),
        }
    }

    /// What differs among the newest spans of `chunks`.
    pub(crate) fn differences(&self, chunks: &[Numbered<SpanChunk>], texts: &Texts) -> Differences {
        let mut all = Counts::default();
        let mut keys: HashMap<Symbol, HashMap<Value, Counts>> = HashMap::new();
        let mut is_sample = false;
        'chunks: for (_, chunk) in chunks.iter().rev() {
            if chunk.started_ns.is_none_or(|(earliest, _)| earliest > self.ends_ns.1) {
                continue;
            }
            for place in (0..chunk.start_ns.len()).rev().filter(|place| self.fits(chunk, *place)) {
                if all.bad + all.healthy >= MOST_SPANS as u64 {
                    is_sample = true;
                    break 'chunks;
                }
                let attributes = chunk.attributes(place);
                let is_bad = self.is_bad(chunk, place, attributes);
                all.add(is_bad);
                for (key, value) in attributes.iter() {
                    let Some(value) = countable(value) else { continue };
                    let values = keys.entry(key).or_default();
                    // One more than there may be: then the key is known to have too many.
                    if values.len() <= MOST_VALUES || values.contains_key(&value) {
                        values.entry(value).or_default().add(is_bad);
                    }
                }
            }
        }
        Differences { bad: all.bad, healthy: all.healthy, is_sample, values: told(all, &keys, texts) }
    }
}

/// Text that has a number, whole numbers, yes and no.
fn countable(value: Packed<'_>) -> Option<Value> {
    match value {
        Packed::Shared(symbol) => Some(Value::Text(symbol)),
        Packed::Whole(whole) => Some(Value::Whole(whole)),
        Packed::Bool(is) => Some(Value::Bool(is)),
        _ => None,
    }
}

fn told(all: Counts, keys: &HashMap<Symbol, HashMap<Value, Counts>>, texts: &Texts) -> Vec<DifferingValue> {
    if all.bad == 0 || all.healthy == 0 {
        return Vec::new();
    }
    let share_of_bad = all.bad as f64 / (all.bad + all.healthy) as f64;
    let lift = |counts: Counts| counts.bad as f64 / (counts.bad + counts.healthy) as f64 / share_of_bad;
    let mut found: Vec<(DifferingValue, f64)> = keys
        .iter()
        .filter(|(_, values)| values.len() <= MOST_VALUES)
        .flat_map(|(key, values)| values.iter().map(move |(value, counts)| (*key, *value, *counts)))
        .filter(|(_, _, counts)| counts.bad >= LEAST_BAD && lift(*counts) >= LEAST_LIFT)
        .map(|(key, value, counts)| {
            let value = match value {
                Value::Text(symbol) => texts.text(symbol).to_owned(),
                Value::Whole(whole) => whole.to_string(),
                Value::Bool(is) => is.to_string(),
            };
            let key = texts.text(key).to_owned();
            (
                DifferingValue { key, value, bad: counts.bad, healthy: counts.healthy, lift: lift(counts) },
                counts.tells(all),
            )
        })
        .collect();
    found.sort_by(|(a, a_tells), (b, b_tells)| {
        b_tells
            .total_cmp(a_tells)
            .then_with(|| (&a.key, &a.value, Reverse(a.bad)).cmp(&(&b.key, &b.value, Reverse(b.bad))))
    });
    found.into_iter().take(MOST_TOLD).map(|(value, _)| value).collect()
}
