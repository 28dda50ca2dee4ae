//! Finding log records, the newest first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::attribute_test::{AttributeTest, Prepared, contains};
use crate::logs::chunk::LogChunk;
use crate::resources::Senders;
use crate::symbols::{Symbol, Symbols, Texts};

/// The most records that one search returns.
const MOST_FOUND: usize = 1000;

/// What a record must agree with; an empty search finds everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LogSearch {
    /// `service.name` of the resource.
    pub service: Option<String>,
    /// The record's event name.
    pub event: Option<String>,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// Part of the body, letter case aside.
    pub text: Option<String>,
    /// 32 hex digits.
    pub trace_id: Option<String>,
    /// 16 hex digits.
    pub span_id: Option<String>,
    /// Least severity number: 9 info, 13 warn, 17 error.
    pub severity_at_least: Option<u8>,
    /// Attributes of the record or of its resource: all must be so.
    pub attributes: Vec<AttributeTest>,
    /// First moment, Unix milliseconds.
    pub from_unix_ms: Option<u64>,
    /// Last moment, Unix milliseconds.
    pub to_unix_ms: Option<u64>,
    /// The most records wanted: 1 to 1000, 100 if not given.
    pub limit: Option<usize>,
}

/// One record for people and programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogView {
    /// When, in Unix milliseconds.
    pub at_unix_ms: f64,
    /// `service.name` of the resource.
    pub service: String,
    /// `debug`, `info`, `warn`, `error` or `fatal`.
    pub severity: String,
    /// The record's event name.
    pub event: Option<String>,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// What it says.
    pub body: String,
    /// 32 hex digits, if the record belongs to a trace.
    pub trace_id: Option<String>,
    /// 16 hex digits.
    pub span_id: Option<String>,
    /// More of it.
    pub attributes: Map<String, Value>,
}

impl LogSearch {
    /// How many records are wanted.
    pub(crate) fn most(&self) -> usize {
        self.limit.unwrap_or(100).clamp(1, MOST_FOUND)
    }
}

/// A search whose words are symbols. A word that never came finds nothing.
#[derive(Debug)]
pub(crate) struct Wanted {
    service: Option<Symbol>,
    event: Option<Symbol>,
    traffic_type: Option<Symbol>,
    text: String,
    trace_id: Option<u128>,
    span_id: Option<u64>,
    severity_at_least: u8,
    attributes: Vec<Prepared>,
    at_ns: (u64, u64),
}

impl Wanted {
    pub(crate) fn new(search: &LogSearch, symbols: &Symbols) -> Option<Self> {
        let given = |word: &Option<String>| word.clone().filter(|word| !word.is_empty());
        let symbol = |word: &Option<String>| match given(word) {
            None => Some(None),
            Some(word) => symbols.find(&word).map(Some),
        };
        let trace_id = given(&search.trace_id).map(|hex| u128::from_str_radix(&hex, 16)).transpose().ok()?;
        let span_id = given(&search.span_id).map(|hex| u64::from_str_radix(&hex, 16)).transpose().ok()?;
        let moment = |ms: Option<u64>, otherwise| ms.map_or(otherwise, |ms| ms.saturating_mul(1_000_000));
        Some(Self {
            service: symbol(&search.service)?,
            event: symbol(&search.event)?,
            traffic_type: symbol(&search.traffic_type)?,
            text: search.text.as_deref().unwrap_or_default().to_lowercase(),
            trace_id,
            span_id,
            severity_at_least: search.severity_at_least.unwrap_or(0),
            attributes: search.attributes.iter().map(|test| Prepared::new(test, symbols)).collect::<Option<_>>()?,
            at_ns: (moment(search.from_unix_ms, 0), moment(search.to_unix_ms, u64::MAX)),
        })
    }

    pub(crate) fn may_be_in(&self, chunk: &LogChunk, senders: &Senders, texts: &Texts) -> bool {
        let (first, last) = chunk.at_ns.unwrap_or((0, u64::MAX));
        let by_sender = |test: &Prepared| senders.any(|sender| test.fits(sender, texts) == Some(true));
        first <= self.at_ns.1
            && last >= self.at_ns.0
            && self.attributes.iter().all(|test| test.may_fit(chunk.all_attributes()) || by_sender(test))
    }

    pub(crate) fn fits(&self, chunk: &LogChunk, place: usize, senders: &Senders, texts: &Texts) -> bool {
        let time_ns = chunk.time_ns[place];
        let has = |test: &Prepared| {
            let own = test.fits(chunk.attributes(place), texts);
            own.or_else(|| test.fits(senders.attributes(chunk.resource[place])?, texts)) == Some(true)
        };
        self.service.is_none_or(|service| chunk.service[place] == service)
            && self.event.is_none_or(|event| chunk.event[place] == event)
            && self.traffic_type.is_none_or(|traffic_type| chunk.traffic_type[place] == traffic_type)
            && self.trace_id.is_none_or(|trace_id| chunk.trace_id[place] == trace_id)
            && self.span_id.is_none_or(|span_id| chunk.span_id[place] == span_id)
            && chunk.severity[place] >= self.severity_at_least
            && time_ns >= self.at_ns.0
            && time_ns <= self.at_ns.1
            && (self.text.is_empty() || contains(chunk.body(place), &self.text))
            && self.attributes.iter().all(has)
    }
}

/// Looks at the rows of a chunk, in this order, until there are `most`.
pub(crate) fn look(
    chunk: &LogChunk,
    places: impl Iterator<Item = usize>,
    wanted: &Wanted,
    most: usize,
    senders: &Senders,
    texts: &Texts,
    found: &mut Vec<LogView>,
) {
    if found.len() >= most || !wanted.may_be_in(chunk, senders, texts) {
        return;
    }
    let fitting = places.filter(|place| wanted.fits(chunk, *place, senders, texts));
    let views = fitting.take(most - found.len()).map(|place| LogView::new(chunk, place, texts));
    found.extend(views);
}

impl LogView {
    fn new(chunk: &LogChunk, place: usize, texts: &Texts) -> Self {
        let (trace_id, span_id) = (chunk.trace_id[place], chunk.span_id[place]);
        Self {
            at_unix_ms: chunk.time_ns[place] as f64 / 1e6,
            service: texts.text(chunk.service[place]).to_owned(),
            severity: severity_word(chunk.severity[place]).to_owned(),
            event: texts.some(chunk.event[place]),
            traffic_type: texts.some(chunk.traffic_type[place]),
            body: chunk.body(place).to_owned(),
            trace_id: (trace_id != 0).then(|| format!("{trace_id:032x}")),
            span_id: (span_id != 0).then(|| format!("{span_id:016x}")),
            attributes: chunk.attributes(place).to_json(texts),
        }
    }
}

/// The word for a severity number.
pub(crate) fn severity_word(number: u8) -> &'static str {
    match number {
        0..=4 => "trace",
        5..=8 => "debug",
        9..=12 => "info",
        13..=16 => "warn",
        17..=20 => "error",
        _ => "fatal",
    }
}
