//! The table `logs`.

use crate::disk::{self, Words};
use crate::logs::{LogChunk, severity_word};
use crate::pack::Attributes;
use crate::resources::ResourceId;
use crate::sql::column::{Cell, Column, Made, Read};
use crate::sql::snapshot::Snapshot;
use crate::sql::tables::Table;

/// Log records.
pub(in crate::sql) struct Logs;

impl Table for Logs {
    type Chunk = LogChunk;

    const NAME: &'static str = "logs";
    const ABOUT: &'static str = "One row for each log record.";
    const COLUMNS: &'static [Column<LogChunk>] = &[
        Column::new(
            "time_unix_ms",
            Read::Millis(|chunk, place| chunk.time_ns[place]),
            "when, Unix milliseconds with fractions",
        ),
        Column::new("time", Read::Moment(|chunk, place| chunk.time_ns[place]), "when, in words, UTC"),
        Column::new("service", Read::Symbol(|_, chunk, place| chunk.service[place]), "service.name of the sender"),
        Column::new(
            "severity",
            Read::Word(|_, chunk, place| severity_word(chunk.severity[place])),
            "trace, debug, info, warn, error or fatal",
        ),
        Column::new(
            "severity_number",
            Read::Made(Made::Whole, |_, chunk, place| Cell::Whole(chunk.severity[place].into())),
            "0 to 24: 9 info, 13 warn, 17 error",
        ),
        Column::new("event", Read::Symbol(|_, chunk, place| chunk.event[place]), "the record's event name"),
        Column::new(
            "traffic_type",
            Read::Symbol(|_, chunk, place| chunk.traffic_type[place]),
            "the attribute traffic.type: baseline or demo",
        ),
        Column::new("body", Read::Made(Made::Text, |_, chunk, place| Cell::Text(chunk.body(place).into())), "the text"),
        Column::new(
            "trace_id",
            Read::Long(|chunk, place| chunk.trace_id[place]),
            "the trace it belongs to, 32 hex digits, or NULL",
        ),
        Column::new(
            "span_id",
            Read::Short(|chunk, place| chunk.span_id[place]),
            "the span it belongs to, 16 hex digits, or NULL",
        ),
        Column::heavy(
            "attributes",
            Read::Made(Made::Text, |words, chunk, place| Cell::json(chunk.attributes(place).to_json(&words.texts))),
            "all attributes, JSON; one of them is quicker by its name in double quotes",
        ),
        Column::heavy(
            "resource",
            Read::Made(Made::Text, |words, chunk, place| words.sender(chunk.resource[place])),
            "the sender's attributes, JSON",
        ),
        Column::hidden(
            "time_unix_nanos",
            Read::Made(Made::Whole, |_, chunk, place| Cell::Whole(chunk.time_ns[place].cast_signed())),
            "when, Unix nanoseconds",
        ),
        Column::hidden("second", Read::Stretch(|chunk, place| chunk.time_ns[place], 1), "the second, Unix seconds"),
        Column::hidden(
            "minute",
            Read::Stretch(|chunk, place| chunk.time_ns[place], 60),
            "the minute, Unix seconds of its beginning",
        ),
    ];
    const TIME: usize = 0;

    fn held(snapshot: &Snapshot) -> &disk::Snapshot<LogChunk> {
        &snapshot.logs
    }

    fn bounds(chunk: &LogChunk) -> Option<(u64, u64)> {
        chunk.at_ns
    }

    fn attributes<'a>(_: &'a Words, chunk: &'a LogChunk, place: usize) -> (Attributes<'a>, Option<ResourceId>) {
        (chunk.attributes(place), Some(chunk.resource[place]))
    }
}
