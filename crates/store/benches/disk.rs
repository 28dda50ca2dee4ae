//! What files cost: writing and opening a run, a trace by id from files. `cargo bench -p store --bench disk -- SPANS`
//! prints one line each; criterion's many repetitions would take hours here.

#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use detect::UnixMs;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use store::{DiskLimits, IngestError, SpanSearch, Store, StoreLimits};

const NOW: UnixMs = UnixMs(1_800_000_000_000);
const SPANS_OF_A_TRACE: u64 = 20;

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn id(trace: u64) -> u128 {
    let trace = trace + 1;
    u128::from(trace.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64 | u128::from(trace.wrapping_mul(0xd6e8_feb8_6659_fd93))
}

/// The n-th of `all` spans: twelve attributes, some 480 bytes.
fn span(n: u64, all: u64) -> Span {
    let trace = n / SPANS_OF_A_TRACE;
    let end = NOW.0 * 1_000_000 - (all - n) * 300_000;
    let place = n % SPANS_OF_A_TRACE;
    Span {
        trace_id: id(trace).to_be_bytes().to_vec(),
        span_id: (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().to_vec(),
        parent_span_id: if place == 0 {
            Vec::new()
        } else {
            n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().to_vec()
        },
        name: format!("SELECT products {place}"),
        kind: 3,
        start_time_unix_nano: end - 1_000_000 - (n * 7919) % 20_000_000,
        end_time_unix_nano: end,
        attributes: vec![
            text("traffic.type", if trace.is_multiple_of(4) { "demo" } else { "baseline" }),
            text("db.system.name", "postgresql"),
            text(
                "db.query.text",
                "SELECT id, name, price FROM products WHERE category = $1 AND stock > $2 ORDER BY id",
            ),
            text("db.index_used", "idx_products_recommendation"),
            attribute("db.rows_scanned", Value::IntValue((n % 97) as i64)),
            text("server.address", "127.0.0.1"),
            attribute("server.port", Value::IntValue(5432)),
            text("session.id", &format!("{:016x}", id(trace) as u64)),
            text("user.id", &format!("user-{}", trace % 50_000)),
            text("scenario.run", "black-friday-20261127-101500"),
            attribute("db.response.returned_rows", Value::IntValue((n % 11) as i64)),
            attribute("retry", Value::BoolValue(false)),
        ],
        ..Span::default()
    }
}

fn message(first: u64, all: u64) -> Vec<u8> {
    let spans = (first..(first + 500).min(all)).map(|n| span(n, all)).collect();
    let scope = Some(InstrumentationScope { name: "sqlx".into(), ..InstrumentationScope::default() });
    let resource = Resource {
        attributes: vec![
            text("service.name", "product-catalog"),
            text("host.name", "a"),
            text("service.version", "1.2.3"),
        ],
        ..Resource::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![ScopeSpans { scope, spans, ..ScopeSpans::default() }],
            ..ResourceSpans::default()
        }],
    }
    .encode_to_vec()
}

fn timed<T>(what: &str, rows: u64, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let done = work();
    let seconds = begin.elapsed().as_secs_f64();
    println!("{what}: {seconds:.2} s, {:.0} spans/s", rows as f64 / seconds);
    done
}

fn main() {
    let spans: u64 = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_500_000);
    let wide = StoreLimits { budget_bytes: 1 << 30 };
    let store = Store::new(wide, Default::default());
    let messages: Vec<Vec<u8>> = (0..spans.min(100_000)).step_by(500).map(|first| message(first, spans)).collect();
    println!("{} bytes a span on the wire", messages[0].len() / 500);
    drop(messages);
    for first in (0..spans).step_by(500) {
        store.ingest_traces(&message(first, spans), NOW).expect("it is OTLP");
    }
    let stats = store.stats();
    println!("{} bytes a span in memory", stats.bytes_kept / stats.spans_kept);

    let folder = tempfile::tempdir().expect("a temporary folder");
    let exported = timed("export", spans, || store.export(folder.path()).expect("writable"));
    println!("{} bytes a span on disk", exported.bytes / exported.spans);
    drop(store);
    let store = timed("open", spans, || Store::open_run(folder.path(), wide, Default::default()).expect("our own"));
    drop(store);
    let tight = StoreLimits { budget_bytes: 64 << 20 };
    let store = timed("open, most of it left on disk", spans, || {
        Store::open_run(folder.path(), tight, Default::default()).expect("our own")
    });
    println!("{} of {spans} spans stay on disk", store.stats().spans_on_disk);
    traces("a trace from a run's file", &store, spans / SPANS_OF_A_TRACE);
    drop(store);

    let parent = tempfile::tempdir().expect("a temporary folder");
    let store = Store::spilling(tight, Default::default(), parent.path(), DiskLimits::default()).expect("writable");
    let mut writing = Duration::ZERO;
    for first in (0..spans).step_by(500) {
        let message = message(first, spans);
        while store.ingest_traces(&message, NOW) == Err(IngestError::Full) {
            let begin = Instant::now();
            store.maintain(NOW);
            writing += begin.elapsed();
        }
    }
    let stats = store.stats();
    println!(
        "spill: {} spans in {} files, {:.0} spans/s, {} bytes a span",
        stats.spans_on_disk,
        stats.disk_files,
        stats.spans_on_disk as f64 / writing.as_secs_f64(),
        stats.disk_bytes / stats.spans_on_disk.max(1)
    );
    traces("a trace from spilled files", &store, spans / SPANS_OF_A_TRACE);
    let rare = SpanSearch { min_duration_ms: Some(1e9), ..SpanSearch::default() };
    let begin = Instant::now();
    let searched = store.search_for(&rare, Duration::from_secs(60));
    println!("a search through everything, nothing found: {:.2} s", begin.elapsed().as_secs_f64());
    black_box(searched);
}

fn traces(what: &str, store: &Store, traces: u64) {
    let mut took: Vec<f64> = Vec::new();
    for n in 0..50 {
        let trace = (n * 7919) % (traces / 2);
        let begin = Instant::now();
        let found = store.trace(&format!("{:032x}", id(trace))).expect("it is there");
        took.push(begin.elapsed().as_secs_f64() * 1e3);
        assert_eq!(found.spans.len() as u64, SPANS_OF_A_TRACE);
    }
    took.sort_by(f64::total_cmp);
    println!("{what}: median {:.2} ms, worst {:.2} ms", took[25], took[49]);
}
