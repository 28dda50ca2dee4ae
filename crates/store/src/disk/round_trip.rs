//! What is written is what is read, whatever it is.

use std::collections::BTreeMap;
use std::path::Path;

use detect::SpanKind;
use proptest::prelude::*;

use crate::disk::error::StoreError;
use crate::disk::part::Part;
use crate::disk::reading::{Depth, Loaded};
use crate::disk::table::Stored;
use crate::disk::words::{Apart, Row, Words};
use crate::disk::write::Writing;
use crate::logs::{LogChunk, NewLog};
use crate::metrics::{Buckets, Detail, Instrument, InstrumentKind, NewPoint, Number, PointChunk, Temporality};
use crate::pack::{Attributes, Packed, push};
use crate::shelf::Chunk;
use crate::spans::{NewSpan, Rare, SpanChunk, SpanView};
use crate::symbols::Symbol;

/// A value and its text, from which it is packed.
#[derive(Debug, Clone)]
enum Any {
    Text(String),
    Whole(i64),
    Number(f64),
    Bool(bool),
    Json(String),
    Null,
}

fn value() -> impl Strategy<Value = Any> {
    let json = prop_oneof![
        Just("[]".to_owned()),
        Just(r#"{"a":[1,2.5,null,{"b":"\"]}"}]}"#.to_owned()),
        any::<Vec<i64>>().prop_map(|list| serde_json::to_string(&list).expect("numbers")),
    ];
    prop_oneof![
        any::<String>().prop_map(Any::Text),
        "[a-c]{0,3}".prop_map(Any::Text),
        any::<i64>().prop_map(Any::Whole),
        prop::num::f64::NORMAL.prop_map(Any::Number),
        (-100i32..100).prop_map(|whole| Any::Number(whole.into())),
        any::<bool>().prop_map(Any::Bool),
        json.prop_map(Any::Json),
        Just(Any::Null),
    ]
}

fn attributes() -> impl Strategy<Value = BTreeMap<String, Any>> {
    prop::collection::btree_map(".{0,8}", value(), 0..8)
}

fn packed(attributes: &BTreeMap<String, Any>, apart: &mut Apart, buffer: &mut Vec<u8>) {
    for (key, value) in attributes {
        let key = apart.intake().name(key).expect("UTF-8");
        let value = match value {
            Any::Text(text) if text.len() < 3 => Packed::Shared(apart.intake().name(text).expect("UTF-8")),
            Any::Text(text) => Packed::Text(text),
            Any::Whole(whole) => Packed::Whole(*whole),
            Any::Number(number) => Packed::Number(*number),
            Any::Bool(is) => Packed::Bool(*is),
            Any::Json(json) => Packed::Json(json),
            Any::Null => Packed::Null,
        };
        push(buffer, key, value);
    }
}

fn resource(attributes: &BTreeMap<String, Any>, apart: &mut Apart) -> crate::resources::ResourceId {
    let mut buffer = Vec::new();
    packed(attributes, apart, &mut buffer);
    apart.admit_resource(&buffer)
}

/// Attributes as text, exactly.
fn exactly(attributes: Attributes<'_>, words: &Words) -> String {
    let one = |(key, value)| {
        let value = match value {
            Packed::Shared(symbol) => Packed::Text(words.texts.text(symbol)),
            other => other,
        };
        format!("{}={value:?};", words.texts.text(key))
    };
    attributes.iter().map(one).collect()
}

/// Writes rows, reads them, and gives them as `describe` has them, before and after, each sorted.
fn there_and_back<C: Stored>(
    chunk: &C,
    apart: &Apart,
    describe: impl Fn(Row<'_, C>) -> String,
) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("rows.parquet");
    write(&path, chunk, apart);
    let part = Part::<C>::open(&path).expect("just written");
    assert_eq!(part.rows(), chunk.rows() as u64);
    let rows = |chunk: &C, words: &Words| -> Vec<String> {
        let mut rows: Vec<String> = (0..chunk.rows()).map(|place| describe(Row { chunk, place, words })).collect();
        rows.sort();
        rows
    };
    let mut read = Vec::new();
    for group in 0..part.groups() {
        let loaded = part.read(group, Depth::Whole).expect("just written");
        read.extend(rows(&loaded.chunk, &loaded.words));
        let mut copied = C::default();
        (0..loaded.chunk.rows()).for_each(|place| copied.copy(&loaded.chunk, place));
        assert_eq!(rows(&copied, &loaded.words), rows(&loaded.chunk, &loaded.words), "a copy is the same");
    }
    read.sort();
    (rows(chunk, &apart.words()), read)
}

fn write<C: Stored>(path: &Path, chunk: &C, apart: &Apart) {
    let words = apart.words();
    let mut rows: Vec<_> = (0..chunk.rows()).map(|place| Row { chunk, place, words: &words }).collect();
    let mut writing = Writing::begin(path).expect("a writable folder");
    writing.group(&mut rows).expect("it can be written");
    writing.finish(false).expect("it can be named");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn spans_come_back_as_they_were(
        rows in prop::collection::vec(
            ((1u128.., 1u64.., any::<u64>(), any::<u64>(), any::<u64>()), "[a-d ]{0,4}", ".{0,5}", 0usize..5, any::<bool>(),
             attributes(), attributes(), ("\\PC{0,6}", "[a-z=,]{0,6}", prop::option::of(attributes()))),
            0..40,
        )
    ) {
        let mut apart = Apart::default();
        let mut chunk = SpanChunk::default();
        for ((trace_id, span_id, parent_span_id, start_ns, duration_ns), name, scope, kind, is_error, own, sender, rare)
            in rows
        {
            let (message, trace_state, event) = rare;
            packed(&own, &mut apart, chunk.buffer());
            let resource = resource(&sender, &mut apart);
            let events = event.map(|_| r#"[{"time_unix_nanos":"18446744073709551615","name":"n","attributes":{"a":1}}]"#);
            chunk.push(NewSpan {
                trace_id, span_id, parent_span_id, start_ns, duration_ns, resource,
                service: apart.intake().name(&format!("s-{name}")).expect("UTF-8"),
                name: apart.intake().name(&name).expect("UTF-8"),
                scope: apart.intake().name(&scope).expect("UTF-8"),
                traffic_type: Symbol::NONE,
                kind: SpanKind::ALL[kind].1,
                is_error,
                rare: Rare {
                    status_message: message.into(),
                    trace_state: trace_state.into(),
                    events: events.unwrap_or_default().into(),
                    links: "".into(),
                },
            });
        }
        let (before, after) = there_and_back(&chunk, &apart, |Row { chunk, place, words }| {
            let view = SpanView::new(chunk, place, &words.texts, &words.senders);
            let view = SpanView { attributes: Default::default(), resource: Default::default(), ..view };
            let own = exactly(chunk.attributes(place), words);
            let sender = exactly(words.senders.attributes(chunk.resource[place]).expect("known"), words);
            format!("{:032x} {view:?} {} {own} {sender}", chunk.trace_id[place], chunk.duration_ns[place])
        });
        prop_assert_eq!(before, after);
    }

    #[test]
    fn log_records_come_back_as_they_were(
        rows in prop::collection::vec(
            ((any::<u64>(), any::<u128>(), any::<u64>(), 0u8..=24), "[a-d]{0,4}", "[a-d.]{0,4}", ".{0,30}",
             attributes(), attributes()),
            0..40,
        )
    ) {
        let mut apart = Apart::default();
        let mut chunk = LogChunk::default();
        for ((time_ns, trace_id, span_id, severity), service, event, body, own, sender) in rows {
            packed(&own, &mut apart, chunk.buffer());
            let resource = resource(&sender, &mut apart);
            chunk.push(NewLog {
                time_ns, trace_id, span_id, severity, resource,
                service: apart.intake().name(&service).expect("UTF-8"),
                event: apart.intake().name(&event).expect("UTF-8"),
                traffic_type: apart.intake().name("demo").expect("UTF-8"),
                body: &body,
            });
        }
        let (before, after) = there_and_back(&chunk, &apart, |Row { chunk, place, words }| {
            let own = exactly(chunk.attributes(place), words);
            let sender = exactly(words.senders.attributes(chunk.resource[place]).expect("known"), words);
            let text = |symbol| words.texts.text(symbol);
            format!(
                "{} {:x} {:x} {} {:?} {:?} {:?} {:?} {own} {sender}",
                chunk.time_ns[place], chunk.trace_id[place], chunk.span_id[place], chunk.severity[place],
                text(chunk.service[place]), text(chunk.event[place]), text(chunk.traffic_type[place]), chunk.body(place),
            )
        });
        prop_assert_eq!(before, after);
    }

    #[test]
    fn points_come_back_as_they_were(
        rows in prop::collection::vec(
            (any::<u64>(), 0usize..5, 0usize..3, any::<i64>(), prop::num::f64::ANY, any::<u64>(), attributes(),
             prop::collection::vec(prop::num::f64::NORMAL, 0..4)),
            0..40,
        )
    ) {
        let mut apart = Apart::default();
        let mut chunk = PointChunk::default();
        for (time_ns, kind, temporality, whole, number, count, own, bounds) in rows {
            let kind = InstrumentKind::ALL[kind].1;
            let temporality = [Temporality::Unspecified, Temporality::Delta, Temporality::Cumulative][temporality];
            let mut attributes = Vec::new();
            packed(&own, &mut apart, &mut attributes);
            let instrument = Instrument {
                resource: resource(&own, &mut apart),
                service: apart.intake().name("s").expect("UTF-8"),
                name: apart.intake().name(&format!("m{count}")).expect("UTF-8"),
                unit: apart.intake().name("ms").expect("UTF-8"),
                kind, temporality, attributes: attributes.into(),
            };
            let is_number = matches!(kind, InstrumentKind::Gauge | InstrumentKind::Sum);
            let detail = Detail {
                min: bounds.first().copied(),
                max: None,
                buckets: Buckets::Explicit { counts: vec![count; bounds.len() + 1], bounds },
            };
            chunk.push(&NewPoint {
                instrument: apart.intake().metrics.admit(&instrument).expect("few"),
                time_ns,
                number: match whole.rem_euclid(3) { 0 => Number::None, 1 => Number::Whole(whole), _ => Number::Double(number) },
                count: if is_number { 0 } else { count },
                detail: if is_number { Detail::default() } else { detail },
            });
        }
        let (before, after) = there_and_back(&chunk, &apart, |Row { chunk, place, words }| {
            let instrument = words.instruments.get(chunk.instrument[place]).expect("known");
            let text = |symbol| words.texts.text(symbol);
            let own = exactly(instrument.attributes(), words);
            let sender = exactly(words.senders.attributes(instrument.resource).expect("known"), words);
            format!(
                "{} {:?} {} {:?} {} {} {} {:?} {:?} {own} {sender}",
                chunk.time_ns[place], chunk.number[place], chunk.count[place], chunk.detail(place),
                text(instrument.service), text(instrument.name), text(instrument.unit), instrument.kind,
                instrument.temporality,
            )
        });
        prop_assert_eq!(before, after);
    }
}

/// `traces` traces of three spans each, none beside another.
fn three_each(traces: u64) -> (SpanChunk, Apart) {
    let (mut chunk, mut apart) = (SpanChunk::default(), Apart::default());
    let name = apart.intake().name("name").expect("UTF-8");
    for n in 0..traces * 3 {
        let trace_id = u128::from((n % traces + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64 | 7;
        chunk.push(NewSpan { trace_id, span_id: n + 1, name, start_ns: n, ..NewSpan::default() });
    }
    (chunk, apart)
}

#[test]
fn a_trace_is_read_alone_and_one_that_is_not_there_is_known_not_to_be() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("rows.parquet");
    let (chunk, apart) = three_each(20_000);
    write(&path, &chunk, &apart);
    let part = Part::<SpanChunk>::open(&path).expect("just written");
    let wanted = [chunk.trace_id[5], chunk.trace_id[19_999]];
    let found: Vec<Loaded<SpanChunk>> = part.read_traces(&wanted, Depth::Whole).expect("just written");
    let rows: usize = found.iter().map(|loaded| loaded.chunk.rows()).sum();
    assert_eq!(rows, 6);
    assert!(found.iter().all(|loaded| loaded.chunk.trace_id.iter().all(|id| wanted.contains(id))));
    let guessed = (1..=10_000u128).filter(|n| part.may_have(*n << 65 | 8)).count();
    assert!(guessed < 300, "{guessed} of 10,000 that are not there");

    let half = 1u128 << 127;
    let low = part.read_ids(0, &(0..half)).expect("just written").expect("some are");
    let high = part.read_ids(0, &(half..0)).expect("just written").expect("some are");
    assert_eq!(low.chunk.rows() + high.chunk.rows(), 60_000);
    assert!(low.chunk.trace_id.iter().all(|id| *id < half) && high.chunk.trace_id.iter().all(|id| *id >= half));
    assert!(part.read_ids(0, &(1..2)).expect("just written").is_none());
}

#[test]
fn a_file_that_is_not_ours_or_damaged_is_told_apart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("rows.parquet");
    let (chunk, apart) = three_each(100);
    write(&path, &chunk, &apart);
    let error = Part::<LogChunk>::open(&path).expect_err("they are spans");
    assert!(matches!(error, StoreError::Foreign { table: "logs", .. }), "{error}");
    let bytes = std::fs::read(&path).expect("just written");
    let version = b"doorbuster.version\x18\x011";
    let at = bytes.windows(version.len()).position(|window| window == version).expect("it says its version");
    let mut newer = bytes.clone();
    newer[at + version.len() - 1] = b'9';
    std::fs::write(&path, &newer).expect("a writable folder");
    let error = Part::<SpanChunk>::open(&path).expect_err("another version");
    assert!(error.to_string().contains("columns of version 9; this Doorbuster reads version 1"), "{error}");
    std::fs::write(&path, &bytes[..bytes.len() - 9]).expect("a writable folder");
    assert!(matches!(Part::<SpanChunk>::open(&path), Err(StoreError::Parquet { .. })));
    std::fs::remove_file(&path).expect("it is there");
    assert!(Part::<SpanChunk>::open(&path).expect_err("gone").is_missing());
}

#[test]
fn an_unfinished_file_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let writing = Writing::<SpanChunk>::begin(&folder.path().join("rows.parquet")).expect("a writable folder");
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 1);
    drop(writing);
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0);
}
