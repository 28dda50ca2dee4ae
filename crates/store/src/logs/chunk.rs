//! The columns of some ten thousand log records.

use crate::pack::Attributes;
use crate::resources::ResourceId;
use crate::shelf::Chunk;
use crate::symbols::Symbol;

/// Records, column by column; all columns are of one length.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogChunk {
    pub(crate) time_ns: Vec<u64>,
    /// Zero if the record belongs to no trace.
    pub(crate) trace_id: Vec<u128>,
    /// Zero if it belongs to no span.
    pub(crate) span_id: Vec<u64>,
    pub(crate) resource: Vec<ResourceId>,
    /// `service.name` of the resource.
    pub(crate) service: Vec<Symbol>,
    /// The record's event name.
    pub(crate) event: Vec<Symbol>,
    /// The attribute `traffic.type`.
    pub(crate) traffic_type: Vec<Symbol>,
    /// OTLP's severity number, 0 to 24.
    pub(crate) severity: Vec<u8>,
    body_end: Vec<u32>,
    body: String,
    attributes_end: Vec<u32>,
    attributes: Vec<u8>,
    /// The earliest and the latest record.
    pub(crate) at_ns: Option<(u64, u64)>,
}

/// A record on its way in, but for its attributes: they stand at the end of the buffer already.
#[derive(Debug, Default)]
pub(crate) struct NewLog<'a> {
    pub(crate) time_ns: u64,
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    pub(crate) resource: ResourceId,
    pub(crate) service: Symbol,
    pub(crate) event: Symbol,
    pub(crate) traffic_type: Symbol,
    pub(crate) severity: u8,
    pub(crate) body: &'a str,
}

impl LogChunk {
    /// Where the next record's attributes are packed.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.attributes
    }

    /// Takes a record whose attributes have been packed.
    pub(crate) fn push(&mut self, log: NewLog<'_>) {
        self.time_ns.push(log.time_ns);
        self.trace_id.push(log.trace_id);
        self.span_id.push(log.span_id);
        self.resource.push(log.resource);
        self.service.push(log.service);
        self.event.push(log.event);
        self.traffic_type.push(log.traffic_type);
        self.severity.push(log.severity);
        self.body.push_str(log.body);
        self.body_end.push(self.body.len() as u32);
        self.attributes_end.push(self.attributes.len() as u32);
        self.at_ns = Some(match self.at_ns {
            None => (log.time_ns, log.time_ns),
            Some((first, last)) => (first.min(log.time_ns), last.max(log.time_ns)),
        });
    }

    /// Goes back to the first `rows` rows.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.time_ns.truncate(rows);
        self.trace_id.truncate(rows);
        self.span_id.truncate(rows);
        self.resource.truncate(rows);
        for column in [&mut self.service, &mut self.event, &mut self.traffic_type] {
            column.truncate(rows);
        }
        self.severity.truncate(rows);
        self.body_end.truncate(rows);
        self.body.truncate(self.body_end.last().map_or(0, |end| *end as usize));
        self.attributes_end.truncate(rows);
        self.attributes.truncate(self.attributes_end.last().map_or(0, |end| *end as usize));
        let bounds = self.time_ns.iter().min().zip(self.time_ns.iter().max());
        self.at_ns = bounds.map(|(first, last)| (*first, *last));
    }

    /// What a record says.
    pub(crate) fn body(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.body_end[before] as usize);
        &self.body[start..self.body_end[place] as usize]
    }

    pub(crate) fn attributes(&self, place: usize) -> Attributes<'_> {
        let start = place.checked_sub(1).map_or(0, |before| self.attributes_end[before] as usize);
        Attributes(&self.attributes[start..self.attributes_end[place] as usize])
    }

    /// The attributes of all rows, one behind the other: for looking through them at once.
    pub(crate) fn all_attributes(&self) -> &[u8] {
        &self.attributes
    }
}

impl Chunk for LogChunk {
    fn with_room(_rows: usize) -> Self {
        // Records are far fewer than spans: the columns grow as they come.
        Self::default()
    }

    fn rows(&self) -> usize {
        self.time_ns.len()
    }

    fn bytes(&self) -> usize {
        let narrow = self.resource.capacity()
            + self.service.capacity()
            + self.event.capacity()
            + self.traffic_type.capacity()
            + self.body_end.capacity()
            + self.attributes_end.capacity();
        self.trace_id.capacity() * 16
            + (self.time_ns.capacity() + self.span_id.capacity()) * 8
            + narrow * 4
            + self.severity.capacity()
            + self.body.capacity()
            + self.attributes.capacity()
    }

    fn shrink(&mut self) {
        self.time_ns.shrink_to_fit();
        self.trace_id.shrink_to_fit();
        self.span_id.shrink_to_fit();
        self.resource.shrink_to_fit();
        for column in [&mut self.service, &mut self.event, &mut self.traffic_type] {
            column.shrink_to_fit();
        }
        self.severity.shrink_to_fit();
        self.body_end.shrink_to_fit();
        self.body.shrink_to_fit();
        self.attributes_end.shrink_to_fit();
        self.attributes.shrink_to_fit();
    }
}
