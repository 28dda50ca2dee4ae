//! Log records as columns of a file.

use arrow_array::builder::{ArrayBuilder, Int64Builder, StringBuilder};

use crate::disk::batch::Batch;
use crate::disk::error::Unfit;
use crate::disk::json::{JsonText, pack};
use crate::disk::moments::MomentBuilder;
use crate::disk::table::{Columns, Form, Stored, Table, column, optional, some};
use crate::disk::words::{Intake, Row};
use crate::logs::{LogChunk, NewLog, severity_word};
use crate::wire::hex_digits;

const TABLE: Table = Table {
    name: "logs",
    columns: &[
        column("time", Form::Moment),
        column("time_unix_nanos", Form::Whole),
        column("severity_number", Form::Whole),
        column("severity", Form::Word),
        column("service", Form::Word),
        optional("event", Form::Word),
        optional("traffic_type", Form::Word),
        column("body", Form::Text),
        optional("trace_id", Form::Id),
        optional("span_id", Form::Text),
        column("attributes", Form::Text),
        column("resource", Form::Word),
    ],
    sorted_by: &["time_unix_nanos"],
    light: &["time_unix_nanos", "severity_number", "service", "event", "traffic_type", "body", "trace_id", "span_id"],
};

/// The columns of a batch of log records.
#[derive(Debug, Default)]
pub(crate) struct LogColumns {
    time: MomentBuilder,
    time_unix_nanos: Int64Builder,
    severity_number: Int64Builder,
    severity: StringBuilder,
    service: StringBuilder,
    event: StringBuilder,
    traffic_type: StringBuilder,
    body: StringBuilder,
    trace_id: StringBuilder,
    span_id: StringBuilder,
    attributes: StringBuilder,
    resource: StringBuilder,
    json: JsonText,
}

impl Columns<LogChunk> for LogColumns {
    fn append(&mut self, row: Row<'_, LogChunk>) -> usize {
        let Row { chunk, place, words } = row;
        let texts = &words.texts;
        self.time.append_ns(chunk.time_ns[place]);
        self.time_unix_nanos.append_value(chunk.time_ns[place].cast_signed());
        self.severity_number.append_value(chunk.severity[place].into());
        self.severity.append_value(severity_word(chunk.severity[place]));
        self.service.append_value(texts.text(chunk.service[place]));
        some(&mut self.event, texts.text(chunk.event[place]));
        some(&mut self.traffic_type, texts.text(chunk.traffic_type[place]));
        let body = chunk.body(place);
        let mut bytes = body.len();
        self.body.append_value(body);
        match chunk.trace_id[place] {
            0 => self.trace_id.append_null(),
            id => self.trace_id.append_value(hex_digits::<16, 32>(id.to_be_bytes()).as_str()),
        }
        match chunk.span_id[place] {
            0 => self.span_id.append_null(),
            id => self.span_id.append_value(hex_digits::<8, 16>(id.to_be_bytes()).as_str()),
        }
        let attributes = self.json.object(chunk.attributes(place), texts);
        bytes += attributes.len();
        self.attributes.append_value(attributes);
        let resource = words.senders.attributes(chunk.resource[place]).unwrap_or_default();
        let resource = self.json.object(resource, texts);
        bytes += resource.len();
        self.resource.append_value(resource);
        /// The other columns together.
        const REST: usize = 150;
        bytes + REST
    }

    fn builders(&mut self) -> Vec<&mut dyn ArrayBuilder> {
        vec![
            &mut self.time.0,
            &mut self.time_unix_nanos,
            &mut self.severity_number,
            &mut self.severity,
            &mut self.service,
            &mut self.event,
            &mut self.traffic_type,
            &mut self.body,
            &mut self.trace_id,
            &mut self.span_id,
            &mut self.attributes,
            &mut self.resource,
        ]
    }
}

impl Stored for LogChunk {
    const TABLE: Table = TABLE;
    type Columns = LogColumns;

    fn rank(&self, place: usize) -> (u128, u64) {
        (self.time_ns[place].into(), 0)
    }

    fn at_ns(&self, place: usize) -> u64 {
        self.time_ns[place]
    }

    fn copy(&mut self, other: &Self, place: usize) {
        self.buffer().extend_from_slice(other.attributes(place).0);
        self.push(NewLog {
            time_ns: other.time_ns[place],
            trace_id: other.trace_id[place],
            span_id: other.span_id[place],
            resource: other.resource[place],
            service: other.service[place],
            event: other.event[place],
            traffic_type: other.traffic_type[place],
            severity: other.severity[place],
            body: other.body(place),
        });
    }

    fn decode(&mut self, batch: &Batch<'_>, intake: &mut Intake<'_>) -> Result<(), Unfit> {
        let (time, severity) = (batch.wholes("time_unix_nanos"), batch.wholes("severity_number"));
        let (service, event, traffic_type) =
            (batch.words("service"), batch.words("event"), batch.words("traffic_type"));
        let (body, trace_id, span_id) = (batch.texts("body"), batch.texts("trace_id"), batch.texts("span_id"));
        let (attributes, resource) = (batch.texts("attributes"), batch.words("resource"));
        for place in 0..batch.rows() {
            let service = service.get(place, |text| intake.name(text))?;
            if let Some(json) = attributes.some(place) {
                pack(json, service, self.buffer(), intake.tables)?;
            }
            self.push(NewLog {
                time_ns: time.unsigned(place),
                trace_id: trace_id.hex(place, 32)?,
                span_id: span_id.hex(place, 16)? as u64,
                resource: resource.get(place, |json| intake.resource(json))?,
                service,
                event: event.get(place, |text| intake.name(text))?,
                traffic_type: traffic_type.get(place, |text| intake.name(text))?,
                severity: severity.unsigned(place).min(24) as u8,
                body: body.get(place),
            });
        }
        Ok(())
    }
}
