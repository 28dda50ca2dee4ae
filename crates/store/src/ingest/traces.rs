//! `ExportTraceServiceRequest` into columns.

use detect::{SpanKind, UnixMs};
use serde_json::{Value as Json, json};

use crate::ingest::{CountedKeys, Kept, Measured, Tally};
use crate::limits::{LONGEST_VALUE, MOST_EVENTS};
use crate::resources::ResourceId;
use crate::shelf::Chunk;
use crate::spans::{NewSpan, SpanChunk};
use crate::store::Ingested;
use crate::symbols::{Symbol, cut};
use crate::tables::{Admitted, Tables};
use crate::well_known as known;
use crate::wire::{Fields, KeyValue, Malformed, Value, hex};

impl Kept {
    /// Takes in the spans of a message; none of them if it is malformed.
    pub(crate) fn traces(&mut self, message: &[u8], now: UnixMs) -> Result<Ingested, Malformed> {
        let mut fields = Fields::outermost(message)?;
        self.measured.clear();
        let chunk = self.spans.shelf.open();
        let before = chunk.rows();
        let mut reader = Reader {
            tables: &mut self.tables,
            chunk,
            counted: &self.counted,
            measured: &mut self.measured,
            rejected: 0,
            attributes_dropped: 0,
        };
        let outcome = loop {
            match fields.next() {
                Ok(Some((1, field))) => {
                    let group = field.bytes().and_then(|group| {
                        let sender = self.resources.admit(first_of(group, 1)?, reader.tables)?;
                        reader.resource_spans(group, sender)
                    });
                    if let Err(malformed) = group {
                        break Err(malformed);
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => break Ok(()),
                Err(malformed) => break Err(malformed),
            }
        };
        let (rejected, attributes_dropped) = (reader.rejected, reader.attributes_dropped);
        if let Err(malformed) = outcome {
            self.spans.shelf.open_again().truncate(before);
            return Err(malformed);
        }
        let accepted = self.measured.len() as u64;
        self.counts.spans_received += accepted;
        self.counts.spans_rejected += rejected;
        self.counts.attributes_dropped += attributes_dropped;
        self.commit(before, now);
        Ok(Ingested { accepted, rejected })
    }

    /// Tells aggregates and index of the rows from `from` on.
    fn commit(&mut self, from: usize, now: UnixMs) {
        let first = self.spans.shelf.open_first();
        let chunk = self.spans.shelf.open_again();
        let mut tally = Tally {
            series: &mut self.series,
            seconds: &mut self.seconds,
            counts: &mut self.counts,
            counted: &self.counted,
            llm: &mut self.llm,
            texts: self.tables.texts().clone(),
        };
        for (place, measured) in (from..).zip(&self.measured) {
            tally.span(chunk, place, *measured, now.0 / 1000);
        }
        self.spans.index.admit(chunk, first, from);
    }
}

/// The first field with this number of a message, empty if there is none.
fn first_of(message: &[u8], wanted: u32) -> Result<&[u8], Malformed> {
    let mut fields = Fields::new(message);
    let mut found: &[u8] = &[];
    while let Some((number, field)) = fields.next()? {
        if number == wanted {
            found = field.bytes()?;
            // It stands first as everybody writes it, and what follows is long.
            break;
        }
    }
    Ok(found)
}

struct Reader<'a> {
    tables: &'a mut Tables,
    chunk: &'a mut SpanChunk,
    counted: &'a CountedKeys,
    measured: &'a mut Vec<Measured>,
    rejected: u64,
    attributes_dropped: u64,
}

impl Reader<'_> {
    fn resource_spans(&mut self, group: &[u8], sender: (ResourceId, Symbol)) -> Result<(), Malformed> {
        let mut fields = Fields::new(group);
        while let Some((number, field)) = fields.next()? {
            if number == 2 {
                self.scope_spans(field.bytes()?, sender)?;
            }
        }
        Ok(())
    }

    fn scope_spans(&mut self, group: &[u8], sender: (ResourceId, Symbol)) -> Result<(), Malformed> {
        let name = first_of(first_of(group, 1)?, 1)?;
        let scope = self.tables.symbols.name(name)?;
        let mut fields = Fields::new(group);
        while let Some((number, field)) = fields.next()? {
            if number == 2 {
                self.span(field.bytes()?, sender, scope)?;
            }
        }
        Ok(())
    }

    fn span(&mut self, message: &[u8], sender: (ResourceId, Symbol), scope: Symbol) -> Result<(), Malformed> {
        let mut span = NewSpan { resource: sender.0, service: sender.1, scope, ..NewSpan::default() };
        let mut measured = Measured::default();
        let (mut trace_id, mut span_id, mut parent): (&[u8], &[u8], &[u8]) = (&[], &[], &[]);
        let (mut end_ns, mut place) = (0, 0);
        let (mut events, mut links) = (Vec::new(), Vec::new());
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => trace_id = field.bytes()?,
                2 => span_id = field.bytes()?,
                3 => span.rare.trace_state = cut(field.text()?, LONGEST_VALUE).into(),
                4 => parent = field.bytes()?,
                5 => span.name = self.tables.symbols.name(field.bytes()?)?,
                6 => span.kind = kind(field.varint()?),
                7 => span.start_ns = field.fixed64()?,
                8 => end_ns = field.fixed64()?,
                9 => {
                    let attribute = KeyValue::read(field.bytes()?)?;
                    match self.tables.attribute(self.chunk.buffer(), span.name, place, attribute)? {
                        Some(admitted) => self.note(admitted, &mut span, &mut measured)?,
                        None => self.attributes_dropped += 1,
                    }
                    place += 1;
                }
                11 => {
                    let event = event(field.bytes()?)?;
                    if events.len() < MOST_EVENTS {
                        events.push(event);
                    }
                }
                13 => {
                    let link = link(field.bytes()?)?;
                    if links.len() < MOST_EVENTS {
                        links.push(link);
                    }
                }
                15 => status(field.bytes()?, &mut span)?,
                10 | 12 | 14 => {
                    field.varint()?;
                }
                16 => {
                    field.fixed32()?;
                }
                _ => {}
            }
        }
        span.rare.events = bounded(&events);
        span.rare.links = bounded(&links);
        let valid = identity(trace_id, span_id, parent).zip(end_ns.checked_sub(span.start_ns));
        let Some(((trace_id, span_id, parent_span_id), duration_ns)) = valid else {
            self.chunk.drop_unfinished();
            self.rejected += 1;
            return Ok(());
        };
        self.chunk.push(NewSpan { trace_id, span_id, parent_span_id, duration_ns, ..span });
        self.measured.push(measured);
        Ok(())
    }

    /// Keeps what aggregates want of an attribute.
    #[inline]
    fn note(&mut self, admitted: Admitted<'_>, span: &mut NewSpan, measured: &mut Measured) -> Result<(), Malformed> {
        if admitted.key == known::TRAFFIC_TYPE {
            span.traffic_type = self.tables.name_of(admitted.value)?;
        }
        measured.note(admitted, self.counted, self.tables)
    }
}

/// Trace, span and parent, if they are valid: 16 and 8 bytes, not all zero; no parent is zero.
fn identity(trace_id: &[u8], span_id: &[u8], parent: &[u8]) -> Option<(u128, u64, u64)> {
    let trace_id = u128::from_be_bytes(trace_id.try_into().ok()?);
    let span_id = u64::from_be_bytes(span_id.try_into().ok()?);
    let parent = if parent.is_empty() { 0 } else { u64::from_be_bytes(parent.try_into().ok()?) };
    (trace_id != 0 && span_id != 0).then_some((trace_id, span_id, parent))
}

/// An enumeration is a signed number of 32 bits.
fn kind(number: u64) -> SpanKind {
    match number as i32 {
        2 => SpanKind::Server,
        3 => SpanKind::Client,
        4 => SpanKind::Producer,
        5 => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

fn status(message: &[u8], span: &mut NewSpan) -> Result<(), Malformed> {
    let mut fields = Fields::new(message);
    while let Some((number, field)) = fields.next()? {
        match number {
            2 => span.rare.status_message = cut(field.text()?, LONGEST_VALUE).into(),
            3 => span.is_error = field.varint()? as i32 == 2,
            _ => {}
        }
    }
    Ok(())
}

fn event(message: &[u8]) -> Result<Json, Malformed> {
    let (mut time, mut name, mut attributes) = (0, "", serde_json::Map::new());
    let mut fields = Fields::new(message);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => time = field.fixed64()?,
            2 => name = cut(field.text()?, LONGEST_VALUE),
            3 => entry(field.bytes()?, &mut attributes)?,
            4 => {
                field.varint()?;
            }
            _ => {}
        }
    }
    Ok(json!({"time_unix_nanos": time.to_string(), "name": name, "attributes": attributes}))
}

fn link(message: &[u8]) -> Result<Json, Malformed> {
    let (mut trace_id, mut span_id, mut attributes) = (String::new(), String::new(), serde_json::Map::new());
    let short = |bytes: &[u8]| hex(&bytes[..bytes.len().min(16)]);
    let mut fields = Fields::new(message);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => trace_id = short(field.bytes()?),
            2 => span_id = short(field.bytes()?),
            3 => {
                field.text()?;
            }
            4 => entry(field.bytes()?, &mut attributes)?,
            5 => {
                field.varint()?;
            }
            6 => {
                field.fixed32()?;
            }
            _ => {}
        }
    }
    Ok(json!({"trace_id": trace_id, "span_id": span_id, "attributes": attributes}))
}

/// One attribute of an event or link; of keys given twice the last counts.
fn entry(message: &[u8], attributes: &mut serde_json::Map<String, Json>) -> Result<(), Malformed> {
    let KeyValue { key, value } = KeyValue::read(message)?;
    let key = std::str::from_utf8(key).map_err(|_| Malformed::Utf8)?;
    let json = match value {
        Value::Text(text) => Json::from(cut(std::str::from_utf8(text).map_err(|_| Malformed::Utf8)?, LONGEST_VALUE)),
        other => other.to_json()?,
    };
    attributes.insert(key.to_owned(), json);
    Ok(())
}

/// A JSON list as text, nothing if it is empty; entries from the end are left out until it is short enough.
fn bounded(entries: &[Json]) -> Box<str> {
    /// All events of one span together; stack traces are long.
    const LONGEST: usize = 32 * 1024;
    let mut text = String::new();
    for entry in entries {
        let entry = entry.to_string();
        // A bracket at the end, and one or a comma before.
        if text.len() + entry.len() + 2 > LONGEST {
            break;
        }
        text.push(if text.is_empty() { '[' } else { ',' });
        text.push_str(&entry);
    }
    if !text.is_empty() {
        text.push(']');
    }
    text.into()
}
