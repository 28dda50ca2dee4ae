//! The table `metrics`.

use serde_json::Map;

use crate::disk::{self, Words};
use crate::metrics::{Instrument, InstrumentKind, Number, PointChunk};
use crate::pack::Attributes;
use crate::resources::ResourceId;
use crate::sql::column::{Cell, Column, Made, Read};
use crate::sql::snapshot::Snapshot;
use crate::sql::tables::Table;
use crate::symbols::Symbol;

/// Points of metrics.
pub(in crate::sql) struct Metrics;

fn instrument<'a>(words: &'a Words, chunk: &PointChunk, place: usize) -> Option<&'a Instrument> {
    words.instruments.get(chunk.instrument[place])
}

fn symbol(words: &Words, chunk: &PointChunk, place: usize, of: fn(&Instrument) -> Symbol) -> Symbol {
    instrument(words, chunk, place).map_or(Symbol::NONE, of)
}

/// Whether a point stands for many values.
fn is_many(words: &Words, chunk: &PointChunk, place: usize) -> bool {
    let kind = instrument(words, chunk, place).map(|instrument| instrument.kind);
    !matches!(kind, None | Some(InstrumentKind::Gauge | InstrumentKind::Sum))
}

fn number(chunk: &PointChunk, place: usize) -> Cell<'static> {
    match chunk.number[place] {
        Number::None => Cell::Null,
        Number::Whole(whole) => Cell::Whole(whole),
        Number::Double(double) => Cell::Real(double),
    }
}

fn value<'a>(words: &'a Words, chunk: &'a PointChunk, place: usize) -> Cell<'a> {
    if is_many(words, chunk, place) { Cell::Null } else { number(chunk, place) }
}

fn sum<'a>(words: &'a Words, chunk: &'a PointChunk, place: usize) -> Cell<'a> {
    if is_many(words, chunk, place) { number(chunk, place) } else { Cell::Null }
}

fn count<'a>(words: &'a Words, chunk: &'a PointChunk, place: usize) -> Cell<'a> {
    let count = i64::try_from(chunk.count[place]).unwrap_or(i64::MAX);
    if is_many(words, chunk, place) { Cell::Whole(count) } else { Cell::Null }
}

fn detail<'a>(_: &'a Words, chunk: &'a PointChunk, place: usize) -> Cell<'a> {
    let mut fields = Map::new();
    chunk.detail(place).fields(&mut fields);
    if fields.is_empty() { Cell::Null } else { Cell::json(fields) }
}

fn attributes<'a>(words: &'a Words, chunk: &'a PointChunk, place: usize) -> Cell<'a> {
    instrument(words, chunk, place).map_or(Cell::Null, |instrument| words.json(instrument.attributes()))
}

fn resource<'a>(words: &'a Words, chunk: &'a PointChunk, place: usize) -> Cell<'a> {
    instrument(words, chunk, place).map_or(Cell::Null, |instrument| words.sender(instrument.resource))
}

impl Table for Metrics {
    type Chunk = PointChunk;

    const NAME: &'static str = "metrics";
    const ABOUT: &'static str = "One row for each point of a metric.";
    const COLUMNS: &'static [Column<PointChunk>] = &[
        Column::heavy(
            "time_unix_ms",
            Read::Millis(|chunk, place| chunk.time_ns[place]),
            "when, Unix milliseconds with fractions",
        ),
        Column::heavy("time", Read::Moment(|chunk, place| chunk.time_ns[place]), "when, in words, UTC"),
        Column::heavy(
            "service",
            Read::Symbol(|words, chunk, place| symbol(words, chunk, place, |one| one.service)),
            "service.name of the sender",
        ),
        Column::heavy(
            "name",
            Read::Symbol(|words, chunk, place| symbol(words, chunk, place, |one| one.name)),
            "the metric's name",
        ),
        Column::heavy(
            "unit",
            Read::Symbol(|words, chunk, place| symbol(words, chunk, place, |one| one.unit)),
            "its unit",
        ),
        Column::heavy(
            "kind",
            Read::Word(|words, chunk, place| instrument(words, chunk, place).map_or("", |one| one.kind.word())),
            "gauge, sum, histogram, exponential_histogram or summary",
        ),
        Column::heavy(
            "temporality",
            Read::Word(|words, chunk, place| {
                instrument(words, chunk, place).and_then(|one| one.temporality.word()).unwrap_or_default()
            }),
            "cumulative or delta, where that means something",
        ),
        Column::heavy("value", Read::Made(Made::Any, value), "the number of a gauge or a sum"),
        Column::heavy("count", Read::Made(Made::Whole, count), "how many values a histogram or summary stands for"),
        Column::heavy("sum", Read::Made(Made::Any, sum), "those values together"),
        Column::heavy("detail", Read::Made(Made::Text, detail), "buckets or quantiles, least and greatest, JSON"),
        Column::heavy("attributes", Read::Made(Made::Text, attributes), "what tells it apart, JSON"),
        Column::heavy("resource", Read::Made(Made::Text, resource), "the sender's attributes, JSON"),
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

    fn held(snapshot: &Snapshot) -> &disk::Snapshot<PointChunk> {
        &snapshot.points
    }

    fn bounds(chunk: &PointChunk) -> Option<(u64, u64)> {
        chunk.at_ns
    }

    fn attributes<'a>(words: &'a Words, chunk: &'a PointChunk, place: usize) -> (Attributes<'a>, Option<ResourceId>) {
        instrument(words, chunk, place).map_or((Attributes(&[]), None), |one| (one.attributes(), Some(one.resource)))
    }
}
