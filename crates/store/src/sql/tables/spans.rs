//! The table `spans`.

use crate::pack::Attributes;
use crate::resources::ResourceId;
use crate::spans::{Rare, SpanChunk};
use crate::sql::column::{Cell, Column, Made, Read};
use crate::sql::snapshot::Snapshot;
use crate::sql::tables::{Index, Table};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::disk::{self, Words};

/// Spans.
pub(in crate::sql) struct Spans;

fn rare<'a>(chunk: &'a SpanChunk, place: usize, part: fn(&Rare) -> &str) -> Cell<'a> {
    chunk.rare(place).map_or(Cell::Null, |rare| Cell::some(part(rare)))
}

fn status(chunk: &SpanChunk, place: usize) -> &'static str {
    match chunk.status(place) {
        detect::SpanStatus::Ok => "ok",
        detect::SpanStatus::Error => "error",
    }
}

impl Table for Spans {
    type Chunk = SpanChunk;

    const NAME: &'static str = "spans";
    const ABOUT: &'static str = "One row for each span: a piece of work with a beginning and an end.";
    const COLUMNS: &'static [Column<SpanChunk>] = &[
        Column::new("trace_id", Read::Long(|chunk, place| chunk.trace_id[place]), "the trace, 32 hex digits"),
        Column::new("span_id", Read::Short(|chunk, place| chunk.span_id[place]), "the span, 16 hex digits"),
        Column::new(
            "parent_span_id",
            Read::Short(|chunk, place| chunk.parent_span_id[place]),
            "the span that caused it, 16 hex digits; NULL at a root",
        ),
        Column::new("service", Read::Symbol(|_, chunk, place| chunk.service[place]), "service.name of the sender"),
        Column::new("name", Read::Symbol(|_, chunk, place| chunk.name[place]), "the span's name: the operation"),
        Column::new(
            "kind",
            Read::Word(|_, chunk, place| chunk.kind(place).word()),
            "internal, server, client, producer or consumer",
        ),
        Column::new("status", Read::Word(|_, chunk, place| status(chunk, place)), "ok or error"),
        Column::heavy(
            "status_message",
            Read::Made(Made::Text, |_, chunk, place| rare(chunk, place, |rare| &rare.status_message)),
            "text beside the status",
        ),
        Column::new(
            "start_unix_ms",
            Read::Millis(|chunk, place| chunk.start_ns[place]),
            "start, Unix milliseconds with fractions",
        ),
        Column::new("start_time", Read::Moment(|chunk, place| chunk.start_ns[place]), "start in words, UTC"),
        Column::new(
            "duration_ms",
            Read::Millis(|chunk, place| chunk.duration_ns[place]),
            "duration, milliseconds with fractions",
        ),
        Column::new(
            "traffic_type",
            Read::Symbol(|_, chunk, place| chunk.traffic_type[place]),
            "the attribute traffic.type: baseline or demo",
        ),
        Column::heavy("scope", Read::Symbol(|_, chunk, place| chunk.scope[place]), "the instrumentation's name"),
        Column::heavy(
            "trace_state",
            Read::Made(Made::Text, |_, chunk, place| rare(chunk, place, |rare| &rare.trace_state)),
            "W3C trace state",
        ),
        Column::heavy(
            "attributes",
            Read::Made(Made::Text, |words, chunk, place| Cell::json(chunk.attributes(place).to_json(&words.texts))),
            "all attributes, JSON; one of them is quicker by its name: \"db.index_used\"",
        ),
        Column::heavy(
            "resource",
            Read::Made(Made::Text, |words, chunk, place| words.sender(chunk.resource[place])),
            "the sender's attributes, JSON",
        ),
        Column::heavy(
            "events",
            Read::Made(Made::Text, |_, chunk, place| rare(chunk, place, |rare| &rare.events)),
            "what happened during it, JSON list of {time_unix_nanos, name, attributes}",
        ),
        Column::heavy(
            "links",
            Read::Made(Made::Text, |_, chunk, place| rare(chunk, place, |rare| &rare.links)),
            "other spans it belongs to, JSON list of {trace_id, span_id, attributes}",
        ),
        Column::hidden(
            "end_unix_ms",
            Read::Millis(|chunk, place| chunk.end_ns(place)),
            "end, Unix milliseconds with fractions",
        ),
        Column::hidden(
            "start_unix_nanos",
            Read::Made(Made::Whole, |_, chunk, place| Cell::Whole(chunk.start_ns[place].cast_signed())),
            "start, Unix nanoseconds",
        ),
        Column::hidden(
            "duration_ns",
            Read::Made(Made::Whole, |_, chunk, place| Cell::Whole(chunk.duration_ns[place].cast_signed())),
            "duration, nanoseconds",
        ),
        Column::hidden(
            "second",
            Read::Stretch(|chunk, place| chunk.start_ns[place], 1),
            "the second it started in, Unix seconds",
        ),
        Column::hidden(
            "minute",
            Read::Stretch(|chunk, place| chunk.start_ns[place], 60),
            "the minute it started in, Unix seconds of its beginning",
        ),
    ];
    const TIME: usize = 8;
    const INDEX: Option<Index> = Some((0, Snapshot::trace));

    fn identity(chunk: &SpanChunk, place: usize) -> Option<i64> {
        let mut hasher = DefaultHasher::new();
        (chunk.trace_id[place], chunk.span_id[place], chunk.start_ns[place], chunk.duration_ns[place])
            .hash(&mut hasher);
        Some(hasher.finish().cast_signed())
    }

    fn held(snapshot: &Snapshot) -> &disk::Snapshot<SpanChunk> {
        &snapshot.spans
    }

    fn bounds(chunk: &SpanChunk) -> Option<(u64, u64)> {
        chunk.started_ns
    }

    fn attributes<'a>(_: &'a Words, chunk: &'a SpanChunk, place: usize) -> (Attributes<'a>, Option<ResourceId>) {
        (chunk.attributes(place), Some(chunk.resource[place]))
    }
}
