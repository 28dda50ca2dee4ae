//! Spans as columns of a file.

use arrow_array::builder::{ArrayBuilder, Int64Builder, StringBuilder};
use detect::{SpanKind, SpanStatus};

use crate::disk::batch::Batch;
use crate::disk::error::Unfit;
use crate::disk::json::{JsonText, pack};
use crate::disk::moments::MomentBuilder;
use crate::disk::table::{Columns, Form, Stored, Table, column, optional, some};
use crate::disk::words::{Intake, Row};
use crate::spans::{NewSpan, Rare, SpanChunk};
use crate::wire::hex_digits;

const TABLE: Table = Table {
    name: "spans",
    columns: &[
        column("trace_id", Form::Id),
        column("span_id", Form::Text),
        optional("parent_span_id", Form::Text),
        column("service", Form::Word),
        column("name", Form::Word),
        column("kind", Form::Word),
        column("status", Form::Word),
        optional("status_message", Form::Text),
        column("start_time", Form::Moment),
        column("start_unix_nanos", Form::Whole),
        column("duration_ns", Form::Whole),
        optional("traffic_type", Form::Word),
        optional("scope", Form::Word),
        column("attributes", Form::Text),
        column("resource", Form::Word),
        optional("events", Form::Text),
        optional("links", Form::Text),
        optional("trace_state", Form::Text),
    ],
    sorted_by: &["trace_id", "start_unix_nanos"],
    light: &[
        "trace_id",
        "span_id",
        "parent_span_id",
        "service",
        "name",
        "kind",
        "status",
        "start_unix_nanos",
        "duration_ns",
        "traffic_type",
    ],
};

/// The columns of a batch of spans.
#[derive(Debug, Default)]
pub(crate) struct SpanColumns {
    trace_id: StringBuilder,
    span_id: StringBuilder,
    parent_span_id: StringBuilder,
    service: StringBuilder,
    name: StringBuilder,
    kind: StringBuilder,
    status: StringBuilder,
    status_message: StringBuilder,
    start_time: MomentBuilder,
    start_unix_nanos: Int64Builder,
    duration_ns: Int64Builder,
    traffic_type: StringBuilder,
    scope: StringBuilder,
    attributes: StringBuilder,
    resource: StringBuilder,
    events: StringBuilder,
    links: StringBuilder,
    trace_state: StringBuilder,
    json: JsonText,
}

impl Columns<SpanChunk> for SpanColumns {
    fn append(&mut self, row: Row<'_, SpanChunk>) -> usize {
        let Row { chunk, place, words } = row;
        let texts = &words.texts;
        self.trace_id.append_value(hex_digits::<16, 32>(chunk.trace_id[place].to_be_bytes()).as_str());
        self.span_id.append_value(hex_digits::<8, 16>(chunk.span_id[place].to_be_bytes()).as_str());
        match chunk.parent_span_id[place] {
            0 => self.parent_span_id.append_null(),
            id => self.parent_span_id.append_value(hex_digits::<8, 16>(id.to_be_bytes()).as_str()),
        }
        self.service.append_value(texts.text(chunk.service[place]));
        self.name.append_value(texts.text(chunk.name[place]));
        self.kind.append_value(chunk.kind(place).word());
        self.status.append_value(status_word(chunk.status(place)));
        self.start_time.append_ns(chunk.start_ns[place]);
        self.start_unix_nanos.append_value(chunk.start_ns[place].cast_signed());
        self.duration_ns.append_value(chunk.duration_ns[place].cast_signed());
        some(&mut self.traffic_type, texts.text(chunk.traffic_type[place]));
        some(&mut self.scope, texts.text(chunk.scope[place]));
        let attributes = self.json.object(chunk.attributes(place), texts);
        let mut bytes = attributes.len();
        self.attributes.append_value(attributes);
        let resource = words.senders.attributes(chunk.resource[place]).unwrap_or_default();
        let resource = self.json.object(resource, texts);
        bytes += resource.len();
        self.resource.append_value(resource);
        let rare = chunk.rare(place);
        for (builder, text) in [
            (&mut self.status_message, rare.map(|rare| &rare.status_message)),
            (&mut self.events, rare.map(|rare| &rare.events)),
            (&mut self.links, rare.map(|rare| &rare.links)),
            (&mut self.trace_state, rare.map(|rare| &rare.trace_state)),
        ] {
            let text = text.map_or("", AsRef::as_ref);
            bytes += text.len();
            some(builder, text);
        }
        /// The other columns together.
        const REST: usize = 200;
        bytes + REST
    }

    fn builders(&mut self) -> Vec<&mut dyn ArrayBuilder> {
        vec![
            &mut self.trace_id,
            &mut self.span_id,
            &mut self.parent_span_id,
            &mut self.service,
            &mut self.name,
            &mut self.kind,
            &mut self.status,
            &mut self.status_message,
            &mut self.start_time.0,
            &mut self.start_unix_nanos,
            &mut self.duration_ns,
            &mut self.traffic_type,
            &mut self.scope,
            &mut self.attributes,
            &mut self.resource,
            &mut self.events,
            &mut self.links,
            &mut self.trace_state,
        ]
    }
}

impl Stored for SpanChunk {
    const TABLE: Table = TABLE;
    type Columns = SpanColumns;

    fn rank(&self, place: usize) -> (u128, u64) {
        (self.trace_id[place], self.start_ns[place])
    }

    fn at_ns(&self, place: usize) -> u64 {
        self.end_ns(place)
    }

    fn since_ns(&self, place: usize) -> u64 {
        self.start_ns[place]
    }

    fn copy(&mut self, other: &Self, place: usize) {
        self.buffer().extend_from_slice(other.attributes(place).0);
        self.push(NewSpan {
            trace_id: other.trace_id[place],
            span_id: other.span_id[place],
            parent_span_id: other.parent_span_id[place],
            start_ns: other.start_ns[place],
            duration_ns: other.duration_ns[place],
            resource: other.resource[place],
            service: other.service[place],
            name: other.name[place],
            scope: other.scope[place],
            traffic_type: other.traffic_type[place],
            kind: other.kind(place),
            is_error: other.status(place) == SpanStatus::Error,
            rare: other.rare(place).cloned().unwrap_or_default(),
        });
    }

    fn decode(&mut self, batch: &Batch<'_>, intake: &mut Intake<'_>) -> Result<(), Unfit> {
        let (trace_id, span_id, parent) =
            (batch.texts("trace_id"), batch.texts("span_id"), batch.texts("parent_span_id"));
        let (service, name) = (batch.words("service"), batch.words("name"));
        let (scope, traffic_type) = (batch.words("scope"), batch.words("traffic_type"));
        let (kind, is_error) = (batch.words("kind"), batch.words("status"));
        let (start, duration) = (batch.wholes("start_unix_nanos"), batch.wholes("duration_ns"));
        let (attributes, resource) = (batch.texts("attributes"), batch.words("resource"));
        let (message, trace_state) = (batch.texts("status_message"), batch.texts("trace_state"));
        let (events, links) = (batch.texts("events"), batch.texts("links"));
        // Rows of a trace stand together: its id is read once.
        let mut known = ("", 0);
        for place in 0..batch.rows() {
            let hex = trace_id.get(place);
            if hex != known.0 {
                known = (hex, trace_id.hex(place, 32)?);
            }
            let name = name.get(place, |text| intake.name(text))?;
            if let Some(json) = attributes.some(place) {
                pack(json, name, self.buffer(), intake.tables)?;
            }
            let span = NewSpan {
                trace_id: known.1,
                span_id: span_id.hex(place, 16)? as u64,
                parent_span_id: parent.hex(place, 16)? as u64,
                start_ns: start.unsigned(place),
                duration_ns: duration.unsigned(place),
                resource: resource.get(place, |json| intake.resource(json))?,
                service: service.get(place, |text| intake.name(text))?,
                name,
                scope: scope.get(place, |text| intake.name(text))?,
                traffic_type: traffic_type.get(place, |text| intake.name(text))?,
                kind: kind.get(place, kind_of)?,
                is_error: is_error.get(place, |text| Ok(text == status_word(SpanStatus::Error)))?,
                rare: Rare {
                    status_message: message.get(place).into(),
                    trace_state: trace_state.get(place).into(),
                    events: events.get(place).into(),
                    links: links.get(place).into(),
                },
            };
            self.push(span);
        }
        Ok(())
    }
}

fn status_word(status: SpanStatus) -> &'static str {
    if status == SpanStatus::Error { "error" } else { "ok" }
}

fn kind_of(word: &str) -> Result<SpanKind, Unfit> {
    let known = SpanKind::ALL.iter().find(|(known, _)| *known == word);
    known.map(|(_, kind)| *kind).ok_or_else(|| Unfit(format!("`kind` has the unknown word {word:?}")))
}
