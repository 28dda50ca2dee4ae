//! The columns of some ten thousand spans.

use std::collections::BTreeMap;

use detect::{SpanKind, SpanStatus};

use crate::pack::Attributes;
use crate::resources::ResourceId;
use crate::shelf::Chunk;
use crate::symbols::Symbol;

/// Spans, column by column; all columns are of one length.
#[derive(Debug, Clone, Default)]
pub(crate) struct SpanChunk {
    pub(crate) trace_id: Vec<u128>,
    pub(crate) span_id: Vec<u64>,
    /// Zero at a root.
    pub(crate) parent_span_id: Vec<u64>,
    pub(crate) start_ns: Vec<u64>,
    pub(crate) duration_ns: Vec<u64>,
    pub(crate) resource: Vec<ResourceId>,
    /// `service.name` of the resource.
    pub(crate) service: Vec<Symbol>,
    pub(crate) name: Vec<Symbol>,
    /// The name of the instrumentation scope.
    pub(crate) scope: Vec<Symbol>,
    /// The attribute `traffic.type`.
    pub(crate) traffic_type: Vec<Symbol>,
    kind_and_status: Vec<u8>,
    /// Rows back to the one before in the same trace; zero if there is none.
    pub(crate) older: Vec<u32>,
    /// Where each row's attributes end in `attributes`.
    attributes_end: Vec<u32>,
    attributes: Vec<u8>,
    /// What few spans have, by place.
    rare: BTreeMap<u32, Rare>,
    rare_bytes: usize,
    /// The earliest and the latest start.
    pub(crate) started_ns: Option<(u64, u64)>,
}

/// What few spans have.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rare {
    /// Text beside a status.
    pub(crate) status_message: Box<str>,
    /// W3C trace state.
    pub(crate) trace_state: Box<str>,
    /// JSON list of `{time_unix_nanos, name, attributes}`.
    pub(crate) events: Box<str>,
    /// JSON list of `{trace_id, span_id, attributes}`.
    pub(crate) links: Box<str>,
}

impl Rare {
    pub(crate) fn is_empty(&self) -> bool {
        self.status_message.is_empty() && self.trace_state.is_empty() && self.events.is_empty() && self.links.is_empty()
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.status_message.len() + self.trace_state.len() + self.events.len() + self.links.len()
    }
}

/// A span on its way in, but for its attributes: they stand at the end of the buffer already.
#[derive(Debug, Default)]
pub(crate) struct NewSpan {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    pub(crate) parent_span_id: u64,
    pub(crate) start_ns: u64,
    pub(crate) duration_ns: u64,
    pub(crate) resource: ResourceId,
    pub(crate) service: Symbol,
    pub(crate) name: Symbol,
    pub(crate) scope: Symbol,
    pub(crate) traffic_type: Symbol,
    pub(crate) kind: SpanKind,
    pub(crate) is_error: bool,
    pub(crate) rare: Rare,
}

const ERROR: u8 = 0x80;

impl SpanChunk {
    /// Where the next span's attributes are packed.
    #[inline]
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.attributes
    }

    /// Takes a span whose attributes have been packed.
    #[inline]
    pub(crate) fn push(&mut self, span: NewSpan) {
        if !span.rare.is_empty() {
            self.rare_bytes += span.rare.bytes();
            self.rare.insert(self.trace_id.len() as u32, span.rare);
        }
        self.trace_id.push(span.trace_id);
        self.span_id.push(span.span_id);
        self.parent_span_id.push(span.parent_span_id);
        self.start_ns.push(span.start_ns);
        self.duration_ns.push(span.duration_ns);
        self.resource.push(span.resource);
        self.service.push(span.service);
        self.name.push(span.name);
        self.scope.push(span.scope);
        self.traffic_type.push(span.traffic_type);
        self.kind_and_status.push(span.kind as u8 | if span.is_error { ERROR } else { 0 });
        self.older.push(0);
        self.attributes_end.push(self.attributes.len() as u32);
        self.started_ns = Some(match self.started_ns {
            None => (span.start_ns, span.start_ns),
            Some((first, last)) => (first.min(span.start_ns), last.max(span.start_ns)),
        });
    }

    /// Leaves out attributes that belong to no row.
    pub(crate) fn drop_unfinished(&mut self) {
        self.attributes.truncate(self.attributes_end.last().map_or(0, |end| *end as usize));
    }

    /// Goes back to the first `rows` rows.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.trace_id.truncate(rows);
        self.span_id.truncate(rows);
        self.parent_span_id.truncate(rows);
        self.start_ns.truncate(rows);
        self.duration_ns.truncate(rows);
        self.resource.truncate(rows);
        for column in [&mut self.service, &mut self.name, &mut self.scope, &mut self.traffic_type] {
            column.truncate(rows);
        }
        self.kind_and_status.truncate(rows);
        self.older.truncate(rows);
        self.attributes_end.truncate(rows);
        self.drop_unfinished();
        let cut = self.rare.split_off(&(rows as u32));
        self.rare_bytes -= cut.values().map(Rare::bytes).sum::<usize>();
        let bounds = self.start_ns.iter().min().zip(self.start_ns.iter().max());
        self.started_ns = bounds.map(|(first, last)| (*first, *last));
    }

    /// The end of a span, Unix nanoseconds.
    #[inline]
    pub(crate) fn end_ns(&self, place: usize) -> u64 {
        self.start_ns[place].saturating_add(self.duration_ns[place])
    }

    #[inline]
    pub(crate) fn kind(&self, place: usize) -> SpanKind {
        kind(self.kind_and_status[place] & !ERROR)
    }

    #[inline]
    pub(crate) fn status(&self, place: usize) -> SpanStatus {
        if self.kind_and_status[place] & ERROR == 0 { SpanStatus::Ok } else { SpanStatus::Error }
    }

    #[inline]
    pub(crate) fn attributes(&self, place: usize) -> Attributes<'_> {
        let start = place.checked_sub(1).map_or(0, |before| self.attributes_end[before] as usize);
        Attributes(&self.attributes[start..self.attributes_end[place] as usize])
    }

    /// The attributes of all rows, one behind the other: for looking through them at once.
    pub(crate) fn all_attributes(&self) -> &[u8] {
        &self.attributes
    }

    /// What few spans have.
    pub(crate) fn rare(&self, place: usize) -> Option<&Rare> {
        self.rare.get(&(place as u32))
    }
}

fn kind(number: u8) -> SpanKind {
    const KINDS: [SpanKind; 5] =
        [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];
    KINDS.get(usize::from(number)).copied().unwrap_or_default()
}

impl Chunk for SpanChunk {
    fn with_room(rows: usize) -> Self {
        let symbols = || Vec::with_capacity(rows);
        Self {
            trace_id: Vec::with_capacity(rows),
            span_id: Vec::with_capacity(rows),
            parent_span_id: Vec::with_capacity(rows),
            start_ns: Vec::with_capacity(rows),
            duration_ns: Vec::with_capacity(rows),
            resource: Vec::with_capacity(rows),
            service: symbols(),
            name: symbols(),
            scope: symbols(),
            traffic_type: symbols(),
            kind_and_status: Vec::with_capacity(rows),
            older: Vec::with_capacity(rows),
            attributes_end: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    fn rows(&self) -> usize {
        self.trace_id.len()
    }

    fn bytes(&self) -> usize {
        let symbols =
            self.service.capacity() + self.name.capacity() + self.scope.capacity() + self.traffic_type.capacity();
        let wide = self.span_id.capacity()
            + self.parent_span_id.capacity()
            + self.start_ns.capacity()
            + self.duration_ns.capacity();
        let narrow = self.resource.capacity() + self.older.capacity() + self.attributes_end.capacity() + symbols;
        /// A node of the tree has eleven places, of which most are full.
        const NODE: usize = 16;
        self.trace_id.capacity() * 16
            + wide * 8
            + narrow * 4
            + self.kind_and_status.capacity()
            + self.attributes.capacity()
            + self.rare_bytes
            + self.rare.len() * NODE
    }

    fn shrink(&mut self) {
        // The columns were made as long as a chunk is: only a chunk that was sealed early has much to give back.
        self.attributes.shrink_to_fit();
        if self.trace_id.len() * 10 < self.trace_id.capacity() * 9 {
            self.trace_id.shrink_to_fit();
            self.span_id.shrink_to_fit();
            self.parent_span_id.shrink_to_fit();
            self.start_ns.shrink_to_fit();
            self.duration_ns.shrink_to_fit();
            self.resource.shrink_to_fit();
            for column in [&mut self.service, &mut self.name, &mut self.scope, &mut self.traffic_type] {
                column.shrink_to_fit();
            }
            self.kind_and_status.shrink_to_fit();
            self.older.shrink_to_fit();
            self.attributes_end.shrink_to_fit();
        }
    }
}
