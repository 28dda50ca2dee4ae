//! Log records in the order they came, within a budget.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::pack::{Packed, Tables};
use crate::symbols::Symbol;

/// The most records that one search returns.
const MOST_FOUND: usize = 1000;

/// One record as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) time_ns: u64,
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    pub(crate) service: Symbol,
    pub(crate) event: Symbol,
    pub(crate) traffic_type: Symbol,
    pub(crate) severity: u8,
    pub(crate) body: Box<str>,
    pub(crate) attributes: Packed,
}

impl Record {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.body.len() + self.attributes.heap_bytes()
    }
}

/// Records within a budget, the oldest leave first.
#[derive(Debug)]
pub(crate) struct Logs {
    kept: VecDeque<Record>,
    bytes: usize,
    budget_bytes: usize,
    pub(crate) evicted: u64,
}

/// What a record must agree with; an empty search finds everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Least severity number: 9 info, 13 warn, 17 error.
    pub severity_at_least: Option<u8>,
    /// The most records wanted: 1 to 1000, 100 if not given.
    pub limit: Option<usize>,
}

/// One record for people and programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

impl Logs {
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self { kept: VecDeque::new(), bytes: 0, budget_bytes, evicted: 0 }
    }

    pub(crate) fn push(&mut self, record: Record) {
        self.bytes += record.bytes();
        self.kept.push_back(record);
        while self.bytes > self.budget_bytes {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes();
            self.evicted += 1;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The records that fit, the newest first.
    pub(crate) fn search(&self, search: &LogSearch, tables: &Tables) -> Vec<LogView> {
        let is = |word: &Option<String>, symbol: Symbol| {
            word.as_deref().is_none_or(|word| word.is_empty() || tables.names.text(symbol) == word)
        };
        let text = search.text.as_deref().unwrap_or_default().to_lowercase();
        let trace_id = match search.trace_id.as_deref() {
            None | Some("") => None,
            Some(hex) => match u128::from_str_radix(hex, 16) {
                Ok(id) => Some(id),
                Err(_) => return Vec::new(),
            },
        };
        let fits = |record: &&Record| {
            is(&search.service, record.service)
                && is(&search.event, record.event)
                && is(&search.traffic_type, record.traffic_type)
                && search.severity_at_least.is_none_or(|least| record.severity >= least)
                && trace_id.is_none_or(|id| record.trace_id == id)
                && (text.is_empty() || record.body.to_lowercase().contains(&text))
        };
        let limit = search.limit.unwrap_or(100).clamp(1, MOST_FOUND);
        self.kept.iter().rev().filter(fits).take(limit).map(|record| view(record, tables)).collect()
    }
}

fn view(record: &Record, tables: &Tables) -> LogView {
    LogView {
        at_unix_ms: record.time_ns as f64 / 1e6,
        service: tables.names.text(record.service).to_owned(),
        severity: severity_word(record.severity).to_owned(),
        event: tables.names.some(record.event),
        traffic_type: tables.names.some(record.traffic_type),
        body: record.body.to_string(),
        trace_id: (record.trace_id != 0).then(|| format!("{:032x}", record.trace_id)),
        span_id: (record.span_id != 0).then(|| format!("{:016x}", record.span_id)),
        attributes: record.attributes.unpack(tables),
    }
}

fn severity_word(number: u8) -> &'static str {
    match number {
        0..=4 => "trace",
        5..=8 => "debug",
        9..=12 => "info",
        13..=16 => "warn",
        17..=20 => "error",
        _ => "fatal",
    }
}
