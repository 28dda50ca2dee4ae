//! Finding traces: those with a span that agrees with everything asked for, the newest first.

use std::collections::{HashMap, HashSet};

use detect::{SpanKind, SpanStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attribute_test::{AttributeTest, Prepared};
use crate::resources::{ResourceId, Senders};
use crate::spans::chunk::SpanChunk;
use crate::symbols::{Symbol, Symbols, Texts};

/// The most traces that one search returns.
pub(crate) const MOST_FOUND: usize = 500;

/// What one span of the trace must agree with; an empty search finds everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SpanSearch {
    /// `service.name` of the resource.
    pub service: Option<String>,
    /// The span's name.
    pub operation: Option<String>,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// The span's kind.
    pub kind: Option<SpanKind>,
    /// Error or not.
    pub status: Option<SpanStatus>,
    /// Least duration, in milliseconds.
    pub min_duration_ms: Option<f64>,
    /// Greatest duration, in milliseconds.
    pub max_duration_ms: Option<f64>,
    /// Attributes of that span or of its resource: all must be so.
    pub attributes: Vec<AttributeTest>,
    /// First moment at which that span may have started, Unix milliseconds.
    pub from_unix_ms: Option<u64>,
    /// Last moment at which it may have started, Unix milliseconds.
    pub to_unix_ms: Option<u64>,
    /// The most traces wanted: 1 to 500, 50 if not given.
    pub limit: Option<usize>,
}

/// One trace that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceSummary {
    /// 32 hex digits.
    pub trace_id: String,
    /// Service of the span at the root; of the earliest one if the root is not there.
    pub root_service: String,
    /// Name of that span.
    pub root_operation: String,
    /// The attribute `traffic.type` of that span.
    pub traffic_type: Option<String>,
    /// Start of the earliest span, in Unix milliseconds.
    pub start_unix_ms: f64,
    /// From the earliest start to the latest end, in milliseconds.
    pub duration_ms: f64,
    /// Spans that are kept.
    pub spans: usize,
    /// Those with an error.
    pub errors: usize,
    /// Services that took part.
    pub services: usize,
}

impl SpanSearch {
    /// How many traces are wanted.
    pub(crate) fn most(&self) -> usize {
        self.limit.unwrap_or(50).clamp(1, MOST_FOUND)
    }
}

/// A search whose words are symbols. A word that never came finds nothing.
#[derive(Debug)]
pub(crate) struct Wanted {
    service: Option<Symbol>,
    operation: Option<Symbol>,
    traffic_type: Option<Symbol>,
    kind: Option<SpanKind>,
    status: Option<SpanStatus>,
    durations_ns: (u64, u64),
    starts_ns: (u64, u64),
    attributes: Vec<Prepared>,
}

/// Milliseconds as nanoseconds, within what 64 bits hold.
fn nanos(ms: f64) -> u64 {
    (ms.max(0.0) * 1e6) as u64
}

impl Wanted {
    pub(crate) fn new(search: &SpanSearch, symbols: &Symbols) -> Option<Self> {
        let symbol = |word: &Option<String>| match word.as_deref() {
            None | Some("") => Some(None),
            Some(word) => symbols.find(word).map(Some),
        };
        let moment = |ms: Option<u64>, otherwise| ms.map_or(otherwise, |ms| ms.saturating_mul(1_000_000));
        Some(Self {
            service: symbol(&search.service)?,
            operation: symbol(&search.operation)?,
            traffic_type: symbol(&search.traffic_type)?,
            kind: search.kind,
            status: search.status,
            durations_ns: (search.min_duration_ms.map_or(0, nanos), search.max_duration_ms.map_or(u64::MAX, nanos)),
            starts_ns: (moment(search.from_unix_ms, 0), moment(search.to_unix_ms, u64::MAX)),
            attributes: search.attributes.iter().map(|test| Prepared::new(test, symbols)).collect::<Option<_>>()?,
        })
    }

    /// Whether any span of a chunk can fit.
    fn may_be_in(&self, chunk: &SpanChunk, senders: &Senders, texts: &Texts) -> bool {
        let (first, last) = chunk.started_ns.unwrap_or((0, u64::MAX));
        let by_sender = |test: &Prepared| senders.any(|sender| test.fits(sender, texts) == Some(true));
        first <= self.starts_ns.1
            && last >= self.starts_ns.0
            && self.attributes.iter().all(|test| test.may_fit(chunk.all_attributes()) || by_sender(test))
    }

    #[inline]
    fn fits(&self, chunk: &SpanChunk, place: usize) -> bool {
        let within = |value: u64, (least, most): (u64, u64)| value >= least && value <= most;
        self.service.is_none_or(|service| chunk.service[place] == service)
            && self.operation.is_none_or(|operation| chunk.name[place] == operation)
            && self.traffic_type.is_none_or(|traffic_type| chunk.traffic_type[place] == traffic_type)
            && self.status.is_none_or(|status| chunk.status(place) == status)
            && self.kind.is_none_or(|kind| chunk.kind(place) == kind)
            && within(chunk.duration_ns[place], self.durations_ns)
            && within(chunk.start_ns[place], self.starts_ns)
    }
}

/// The traces that were found so far.
#[derive(Debug)]
pub(crate) struct Found {
    seen: HashSet<u128>,
    /// By the moment at which their last fitting span came, the newest first.
    pub(crate) traces: Vec<u128>,
    most: usize,
}

impl Found {
    pub(crate) fn new(most: usize) -> Self {
        Self { seen: HashSet::new(), traces: Vec::new(), most }
    }

    pub(crate) fn is_enough(&self) -> bool {
        self.traces.len() >= self.most
    }

    /// Looks at the rows of a chunk, in this order, until there is enough.
    pub(crate) fn look(
        &mut self,
        chunk: &SpanChunk,
        places: impl Iterator<Item = usize>,
        wanted: &Wanted,
        senders: &Senders,
        texts: &Texts,
    ) {
        if self.is_enough() || !wanted.may_be_in(chunk, senders, texts) {
            return;
        }
        // A resource either has the attribute or not, whichever span asks.
        let mut by_sender: HashMap<(usize, ResourceId), Option<bool>> = HashMap::new();
        for place in places {
            let mut has = |(index, test): (usize, &Prepared)| {
                test.fits(chunk.attributes(place), texts).unwrap_or_else(|| {
                    let sender = chunk.resource[place];
                    let known = by_sender.entry((index, sender));
                    let fits = known.or_insert_with(|| test.fits(senders.attributes(sender)?, texts));
                    *fits == Some(true)
                })
            };
            if wanted.fits(chunk, place)
                && wanted.attributes.iter().enumerate().all(&mut has)
                && self.seen.insert(chunk.trace_id[place])
            {
                self.traces.push(chunk.trace_id[place]);
                if self.is_enough() {
                    return;
                }
            }
        }
    }
}

/// A trace in one line, while its spans are added up in whatever order they come.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// The earliest start and the latest end.
    stretch_ns: Option<(u64, u64)>,
    spans: usize,
    errors: usize,
    services: Vec<String>,
    root: Option<Root>,
}

/// What is told of the span at the root: the earliest without a parent, or the earliest.
#[derive(Debug)]
struct Root {
    rank: (bool, u64),
    service: String,
    operation: String,
    traffic_type: Option<String>,
}

impl Summary {
    /// Adds a span.
    pub(crate) fn add(&mut self, chunk: &SpanChunk, place: usize, texts: &Texts) {
        let (start_ns, end_ns) = (chunk.start_ns[place], chunk.end_ns(place));
        let (first, last) = self.stretch_ns.unwrap_or((start_ns, end_ns));
        self.stretch_ns = Some((first.min(start_ns), last.max(end_ns)));
        self.spans += 1;
        self.errors += usize::from(chunk.status(place) == SpanStatus::Error);
        let service = texts.text(chunk.service[place]);
        if !self.services.iter().any(|known| known == service) {
            self.services.push(service.to_owned());
        }
        let rank = (chunk.parent_span_id[place] != 0, start_ns);
        if self.root.as_ref().is_none_or(|root| rank < root.rank) {
            self.root = Some(Root {
                rank,
                service: service.to_owned(),
                operation: texts.text(chunk.name[place]).to_owned(),
                traffic_type: texts.some(chunk.traffic_type[place]),
            });
        }
    }

    /// What was added up.
    pub(crate) fn finish(self, trace_id: u128) -> TraceSummary {
        let (start_ns, end_ns) = self.stretch_ns.unwrap_or_default();
        let (root_service, root_operation, traffic_type) =
            self.root.map(|root| (root.service, root.operation, root.traffic_type)).unwrap_or_default();
        TraceSummary {
            trace_id: format!("{trace_id:032x}"),
            root_service,
            root_operation,
            traffic_type,
            start_unix_ms: start_ns as f64 / 1e6,
            duration_ms: end_ns.saturating_sub(start_ns) as f64 / 1e6,
            spans: self.spans,
            errors: self.errors,
            services: self.services.len(),
        }
    }
}
