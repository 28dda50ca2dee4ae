//! `ExportLogsServiceRequest` into columns.

use detect::UnixMs;

use crate::aggregates::{LogKey, Seconds};
use crate::ingest::Kept;
use crate::limits::LONGEST_VALUE;
use crate::logs::{LogChunk, NewLog};
use crate::resources::ResourceId;
use crate::shelf::Chunk;
use crate::store::Ingested;
use crate::symbols::{Symbol, cut};
use crate::tables::Tables;
use crate::well_known as known;
use crate::wire::{Fields, KeyValue, Malformed, Value};

impl Kept {
    /// Takes in the records of a message; none of them if it is malformed.
    pub(crate) fn log_records(&mut self, message: &[u8], now: UnixMs) -> Result<Ingested, Malformed> {
        let chunk = self.logs.open();
        let before = chunk.rows();
        let mut reader = Reader { tables: &mut self.tables, chunk, now, attributes_dropped: 0 };
        let mut read = || {
            let mut fields = Fields::outermost(message)?;
            while let Some((number, field)) = fields.next()? {
                if number == 1 {
                    let group = field.bytes()?;
                    let mut parts = Fields::new(group);
                    let mut resource: &[u8] = &[];
                    while let Some((number, part)) = parts.next()? {
                        if number == 1 {
                            resource = part.bytes()?;
                        }
                    }
                    let sender = self.resources.admit(resource, reader.tables)?;
                    reader.resource_logs(group, sender)?;
                }
            }
            Ok(())
        };
        let outcome = read();
        let dropped = reader.attributes_dropped;
        let chunk = self.logs.open_again();
        if let Err(malformed) = outcome {
            chunk.truncate(before);
            return Err(malformed);
        }
        for place in before..chunk.rows() {
            count(&mut self.seconds, chunk, place, now.0 / 1000);
        }
        let accepted = (chunk.rows() - before) as u64;
        self.counts.logs_received += accepted;
        self.counts.attributes_dropped += dropped;
        Ok(Ingested { accepted, rejected: 0 })
    }
}

/// Counts a record.
pub(crate) fn count(seconds: &mut Seconds, chunk: &LogChunk, place: usize, now_s: u64) {
    let key = LogKey {
        service: chunk.service[place],
        event: chunk.event[place],
        traffic_type: chunk.traffic_type[place],
        severity: chunk.severity[place],
    };
    seconds.record_log(key, chunk.time_ns[place] / 1_000_000_000, now_s);
}

struct Reader<'a> {
    tables: &'a mut Tables,
    chunk: &'a mut LogChunk,
    now: UnixMs,
    attributes_dropped: u64,
}

impl Reader<'_> {
    fn resource_logs(&mut self, group: &[u8], sender: (ResourceId, Symbol)) -> Result<(), Malformed> {
        let mut fields = Fields::new(group);
        while let Some((number, field)) = fields.next()? {
            if number != 2 {
                continue;
            }
            let mut scope = Fields::new(field.bytes()?);
            while let Some((number, field)) = scope.next()? {
                if number == 2 {
                    self.record(field.bytes()?, sender)?;
                }
            }
        }
        Ok(())
    }

    fn record(&mut self, message: &[u8], sender: (ResourceId, Symbol)) -> Result<(), Malformed> {
        let mut log = NewLog { resource: sender.0, service: sender.1, ..NewLog::default() };
        let (mut observed_ns, mut place, mut body) = (0, 0, Value::Empty);
        let mut event_attribute = Symbol::NONE;
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => log.time_ns = field.fixed64()?,
                // An enumeration is a signed number of 32 bits.
                2 => log.severity = (field.varint()? as i32).clamp(0, 24) as u8,
                3 => {
                    field.text()?;
                }
                5 => body = Value::read(field.bytes()?)?,
                6 => {
                    let attribute = KeyValue::read(field.bytes()?)?;
                    // Records of one service and event look alike; what tells events apart comes later in a message.
                    match self.tables.attribute(self.chunk.buffer(), sender.1, place, attribute)? {
                        Some(admitted) if admitted.key == known::TRAFFIC_TYPE => {
                            log.traffic_type = self.tables.name_of(admitted.value)?;
                        }
                        Some(admitted) if admitted.key == known::EVENT_NAME => {
                            event_attribute = self.tables.name_of(admitted.value)?;
                        }
                        Some(_) => {}
                        None => self.attributes_dropped += 1,
                    }
                    place += 1;
                }
                7 => {
                    field.varint()?;
                }
                8 => {
                    field.fixed32()?;
                }
                9 => log.trace_id = field.bytes()?.try_into().map_or(0, u128::from_be_bytes),
                10 => log.span_id = field.bytes()?.try_into().map_or(0, u64::from_be_bytes),
                11 => observed_ns = field.fixed64()?,
                12 => log.event = self.tables.symbols.name(field.bytes()?)?,
                _ => {}
            }
        }
        if log.event == Symbol::NONE {
            log.event = event_attribute;
        }
        let stamped = [log.time_ns, observed_ns].into_iter().find(|at| *at != 0);
        log.time_ns = stamped.unwrap_or(self.now.0.saturating_mul(1_000_000));
        let json;
        log.body = match body {
            Value::Text(text) => std::str::from_utf8(text).map_err(|_| Malformed::Utf8)?,
            Value::Empty => "",
            other => {
                json = other.to_json()?.to_string();
                &json
            }
        };
        log.body = cut(log.body, LONGEST_VALUE);
        self.chunk.push(log);
        Ok(())
    }
}
