//! What is answered about models: figures of a stretch of time, apart by model, traffic and error, and over time.

use std::collections::BTreeMap;

use detect::UnixMs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aggregates::{Histogram, NumberSum, stretch_minutes};
use crate::llm::cells::{LlmCell, LlmCells};
use crate::symbols::{Symbol, Texts};

/// Points of a curve: more cannot be told apart on a screen.
const MOST_POINTS: u64 = 120;

/// Request or call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LlmKind {
    /// A server span with `llm.endpoint`.
    Request,
    /// A span with `gen_ai.operation.name`, of a model.
    Call,
}

/// Which spans, over which stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LlmFilter {
    /// `service.name` of the resource.
    pub service: Option<String>,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// First moment, Unix milliseconds, rounded down to a second.
    pub from_unix_ms: u64,
    /// Last moment, Unix milliseconds; now if not given.
    pub to_unix_ms: Option<u64>,
}

/// Figures of requests or of calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LlmSummary {
    /// How many ended.
    pub count: u64,
    /// Those of them that failed: with an error, or a status of 400 or more.
    pub failed: u64,
    /// Per minute.
    pub rate_per_minute: f64,
    /// Median duration, in milliseconds.
    pub p50_ms: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
    /// 99 of 100 were faster, in milliseconds.
    pub p99_ms: f64,
    /// Mean of tokens in and out, over those that said.
    pub tokens: Option<f64>,
    /// Mean of tokens in, over those that said.
    pub tokens_in: Option<f64>,
    /// Mean of tokens out, over those that said.
    pub tokens_out: Option<f64>,
    /// All costs together, in US dollars, if any was said.
    pub cost_usd: Option<f64>,
    /// Mean of what one cost, in US dollars, over those that said.
    pub cost_usd_each: Option<f64>,
    /// What an hour of this costs, in US dollars.
    pub cost_usd_per_hour: Option<f64>,
    /// Those whose prompt was cut to fit a limit.
    pub truncated: u64,
    /// Those that another model answered than the configured one.
    pub fallbacks: u64,
}

/// Figures of one model, kind of traffic or operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LlmGroup {
    /// Which one; empty where spans did not say.
    pub name: String,
    /// Requests that want an answer of a model.
    pub requests: LlmSummary,
    /// Calls of models.
    pub calls: LlmSummary,
}

/// Failures of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LlmError {
    /// Whether a request failed or a call.
    pub kind: LlmKind,
    /// The attribute `error.type`, if there was one.
    pub error_type: Option<String>,
    /// `http.response.status_code`, if there was one.
    pub status: Option<u16>,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// How many.
    pub count: u64,
}

/// One point of all curves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LlmPoint {
    /// Start of the point's stretch, Unix milliseconds.
    pub at_unix_ms: u64,
    /// Requests in it.
    pub requests: LlmSummary,
    /// Calls in it.
    pub calls: LlmSummary,
}

/// What there is to say about models.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Llm {
    /// First moment, Unix milliseconds: as asked for, or the first request or call that is known, if that is later.
    pub from_unix_ms: u64,
    /// Last moment, Unix milliseconds.
    pub to_unix_ms: u64,
    /// Requests altogether.
    pub requests: LlmSummary,
    /// Calls altogether.
    pub calls: LlmSummary,
    /// By the model that was asked, those with the most calls first.
    pub models: Vec<LlmGroup>,
    /// By `traffic.type`, in order.
    pub traffic: Vec<LlmGroup>,
    /// By `llm.endpoint` of requests and `gen_ai.operation.name` of calls, in order.
    pub operations: Vec<LlmGroup>,
    /// Failures, the most first.
    pub errors: Vec<LlmError>,
    /// How long the stretch of a point is, in seconds.
    pub step_seconds: u64,
    /// Curves: each stretch in which something ended, in order.
    pub points: Vec<LlmPoint>,
    /// Every `traffic.type` that came in the stretch, whatever it was narrowed to.
    pub traffic_types: Vec<String>,
}

/// Cells added up.
#[derive(Debug, Default)]
struct Sum {
    count: u64,
    failed: u64,
    truncated: u64,
    fallbacks: u64,
    tokens_in: NumberSum,
    tokens_out: NumberSum,
    tokens: NumberSum,
    cost_usd: NumberSum,
    durations: Histogram,
}

impl Sum {
    fn add(&mut self, is_error: bool, cell: &LlmCell) {
        self.count += u64::from(cell.count);
        self.failed += if is_error { u64::from(cell.count) } else { 0 };
        self.truncated += u64::from(cell.truncated);
        self.fallbacks += u64::from(cell.fallbacks);
        self.tokens_in.add(cell.tokens_in);
        self.tokens_out.add(cell.tokens_out);
        self.tokens.add(cell.tokens);
        self.cost_usd.add(cell.cost_usd);
        self.durations.add(&cell.durations);
    }

    fn summary(&self, minutes: f64) -> LlmSummary {
        let quantile = |q| self.durations.quantile_ms(q).unwrap_or(0.0);
        let cost_usd = (self.cost_usd.count > 0).then_some(self.cost_usd.sum);
        LlmSummary {
            count: self.count,
            failed: self.failed,
            rate_per_minute: self.count as f64 / minutes,
            p50_ms: quantile(0.50),
            p95_ms: quantile(0.95),
            p99_ms: quantile(0.99),
            tokens: self.tokens.mean(),
            tokens_in: self.tokens_in.mean(),
            tokens_out: self.tokens_out.mean(),
            cost_usd,
            cost_usd_each: self.cost_usd.mean(),
            cost_usd_per_hour: cost_usd.map(|cost| cost / minutes * 60.0),
            truncated: self.truncated,
            fallbacks: self.fallbacks,
        }
    }
}

/// Requests and calls of one group.
#[derive(Debug, Default)]
struct Pair {
    requests: Option<Sum>,
    calls: Option<Sum>,
}

impl Pair {
    fn add(&mut self, kind: LlmKind, is_error: bool, cell: &LlmCell) {
        let sum = match kind {
            LlmKind::Request => &mut self.requests,
            LlmKind::Call => &mut self.calls,
        };
        sum.get_or_insert_default().add(is_error, cell);
    }

    fn summaries(&self, minutes: f64) -> (LlmSummary, LlmSummary) {
        let summary = |sum: &Option<Sum>| sum.as_ref().map(|sum| sum.summary(minutes)).unwrap_or_default();
        (summary(&self.requests), summary(&self.calls))
    }
}

impl LlmCells {
    /// Figures of a stretch.
    pub(crate) fn figures(&self, filter: &LlmFilter, texts: &Texts, now: UnixMs) -> Llm {
        let to_unix_ms = filter.to_unix_ms.unwrap_or(now.0);
        // Rates are over the time in which something could be known: a console that started lately is no quiet hour.
        let from = (filter.from_unix_ms / 1000).max(self.first_second().unwrap_or(0));
        let stretch = (from, to_unix_ms / 1000);
        let step_seconds = (stretch.1 + 1).saturating_sub(stretch.0).div_ceil(MOST_POINTS).max(1);
        let is =
            |wanted: &Option<String>, symbol: Symbol| wanted.as_ref().is_none_or(|word| texts.text(symbol) == word);
        let mut all = Pair::default();
        let (mut models, mut traffic, mut operations) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut points: BTreeMap<u64, Pair> = BTreeMap::new();
        let mut errors = BTreeMap::new();
        let mut kinds_of_traffic = std::collections::BTreeSet::new();
        for (at, key, cell) in self.range(stretch.0, stretch.1).filter(|(_, key, _)| is(&filter.service, key.service)) {
            kinds_of_traffic.extend(texts.some(key.traffic_type));
            if !is(&filter.traffic_type, key.traffic_type) {
                continue;
            }
            let add = |pair: &mut Pair| pair.add(key.kind, key.is_error, cell);
            add(&mut all);
            add(points.entry(at - at % step_seconds).or_default());
            add(traffic.entry(key.traffic_type).or_insert_with(Pair::default));
            add(operations.entry((key.kind, key.operation)).or_insert_with(Pair::default));
            if key.kind == LlmKind::Call {
                add(models.entry(key.model).or_insert_with(Pair::default));
            }
            if key.is_error {
                *errors.entry((key.kind, key.error, key.status, key.traffic_type)).or_default() +=
                    u64::from(cell.count);
            }
        }
        let minutes = stretch_minutes(stretch, now);
        let group = |symbol: Symbol, pair: &Pair| {
            let (requests, calls) = pair.summaries(minutes);
            LlmGroup { name: texts.text(symbol).to_owned(), requests, calls }
        };
        let mut models: Vec<_> = models.iter().map(|(model, pair)| group(*model, pair)).collect();
        models.sort_by(|a, b| b.calls.count.cmp(&a.calls.count).then_with(|| a.name.cmp(&b.name)));
        let mut traffic: Vec<_> = traffic.iter().map(|(traffic, pair)| group(*traffic, pair)).collect();
        traffic.sort_by(|a, b| a.name.cmp(&b.name));
        let mut operations: Vec<_> = operations.iter().map(|((_, name), pair)| group(*name, pair)).collect();
        operations.sort_by(|a, b| a.name.cmp(&b.name));
        let mut errors: Vec<LlmError> = errors
            .into_iter()
            .map(|((kind, error, status, traffic_type), count)| LlmError {
                kind,
                error_type: texts.some(error),
                status: (status != 0).then_some(status),
                traffic_type: texts.some(traffic_type),
                count,
            })
            .collect();
        errors.sort_by_key(|error| std::cmp::Reverse(error.count));
        let point = |(at, pair): (&u64, &Pair)| {
            let stretch = ((*at).max(stretch.0), (at + step_seconds - 1).min(stretch.1));
            let (requests, calls) = pair.summaries(stretch_minutes(stretch, now));
            LlmPoint { at_unix_ms: at * 1000, requests, calls }
        };
        let (requests, calls) = all.summaries(minutes);
        Llm {
            from_unix_ms: filter.from_unix_ms.max(from * 1000),
            to_unix_ms,
            requests,
            calls,
            models,
            traffic,
            operations,
            errors,
            step_seconds,
            points: points.iter().map(point).collect(),
            traffic_types: kinds_of_traffic.into_iter().collect(),
        }
    }
}
