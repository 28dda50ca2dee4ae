//! What a span costs the store: messages of 512 spans as a shop would send them, into a store of the default budget.
//!
//! `cargo bench -p store --bench ingest` prints spans per second of one processor. The whole path, sockets included, is
//! measured by `consolebench` (docs/benchmarks.md).

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use detect::UnixMs;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message;
use store::{Store, StoreLimits};

const NOW_MS: u64 = 1_800_000_000_000;
const SPANS: usize = 512;
const SPANS_OF_A_TRACE: u64 = 20;

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn text(key: &str, value: impl Into<String>) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

/// A number that looks random and is the same for the same `n`.
fn mixed(n: u64) -> u64 {
    let mut x = n.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The `n`th span of all: every third asks a database, the others serve or make calls.
fn span(n: u64) -> Span {
    let (trace, place) = (n / SPANS_OF_A_TRACE, n % SPANS_OF_A_TRACE);
    let chance = mixed(n);
    let duration_ns = 200_000 + chance % 40_000_000;
    let end_ns = NOW_MS * 1_000_000 - mixed(trace) % 60_000_000_000;
    let mut attributes = vec![
        text("traffic.type", if trace.is_multiple_of(4) { "baseline" } else { "demo" }),
        text("session.id", format!("{:016x}", mixed(trace))),
        text("user.id", format!("user-{:04}", mixed(trace) % 5000)),
        text("server.address", "127.0.0.1"),
        attribute("server.port", Value::IntValue(8010 + (place % 10) as i64)),
    ];
    let (name, kind) = match place % 3 {
        0 => ("POST /api/checkout", 2),
        1 => ("GET", 3),
        _ => ("SELECT recommendable_products", 3),
    };
    if place % 3 == 2 {
        attributes.extend([
            text("db.system.name", "postgresql"),
            text("db.namespace", "doorbuster"),
            text("db.collection.name", "recommendable_products"),
            text("db.operation.name", "SELECT"),
            text("db.query.text", "SELECT id, name, price FROM recommendable_products WHERE category = $1 LIMIT 10"),
            text("db.index_used", "idx_products_recommendation"),
            attribute("db.duration_ms", Value::DoubleValue(duration_ns as f64 / 1e6)),
        ]);
    } else {
        attributes.extend([
            text("http.request.method", "POST"),
            text("http.route", "/api/checkout"),
            text("url.full", format!("http://127.0.0.1:8014/products/recommendations?user_id={}", chance % 5000)),
            text("network.protocol.version", "1.1"),
            text("user_agent.original", "doorbuster/0.1.0"),
            text("url.scheme", "http"),
            attribute("http.response.status_code", Value::IntValue(if chance.is_multiple_of(50) { 503 } else { 200 })),
        ]);
    }
    Span {
        trace_id: (u128::from(mixed(trace)) << 64 | u128::from(trace)).to_be_bytes().to_vec(),
        span_id: (n + 1).to_be_bytes().to_vec(),
        parent_span_id: if place == 0 { Vec::new() } else { n.to_be_bytes().to_vec() },
        name: name.into(),
        kind,
        start_time_unix_nano: end_ns - duration_ns,
        end_time_unix_nano: end_ns,
        attributes,
        flags: 257,
        status: Some(Status { code: if chance.is_multiple_of(50) { 2 } else { 0 }, ..Status::default() }),
        ..Span::default()
    }
}

/// Messages as ten services send them: each has the spans of one.
fn messages(count: u64) -> Vec<Vec<u8>> {
    let message = |index: u64| {
        let spans = (0..SPANS as u64).map(|n| span(index * SPANS as u64 + n)).collect();
        let scope = InstrumentationScope { name: "telemetry".into(), ..InstrumentationScope::default() };
        let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }];
        let attributes =
            vec![text("service.name", format!("service-{}", index % 10)), text("service.version", "0.1.0")];
        let resource = Some(Resource { attributes, ..Resource::default() });
        let resource_spans = vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }];
        ExportTraceServiceRequest { resource_spans }.encode_to_vec()
    };
    (0..count).map(message).collect()
}

fn ingest(criterion: &mut Criterion) {
    const MESSAGES: u64 = 400;
    let messages = messages(MESSAGES);
    let bytes: usize = messages.iter().map(Vec::len).sum();
    let mut group = criterion.benchmark_group("ingest");
    group.sample_size(10);
    group.throughput(Throughput::Elements(MESSAGES * SPANS as u64));
    let store = || Store::new(StoreLimits::default(), detect::Counted::flags(["db.connection.pool.exhausted"]));
    group.bench_function(format!("spans of {} bytes", bytes / (MESSAGES as usize * SPANS)), |bencher| {
        bencher.iter_batched(
            store,
            |store| {
                for message in &messages {
                    store.ingest_traces(message, UnixMs(NOW_MS)).expect("it is OTLP");
                }
                store
            },
            BatchSize::PerIteration,
        );
    });
    // What all of it is a multiple of: the same spans decoded into structs, and copied.
    group.bench_function("the same, decoded by prost", |bencher| {
        bencher.iter(|| {
            for message in &messages {
                black_box(ExportTraceServiceRequest::decode(message.as_slice()).expect("it is OTLP"));
            }
        });
    });
    group.bench_function("the same, copied", |bencher| {
        bencher.iter(|| {
            for message in &messages {
                black_box(message.clone());
            }
        });
    });
    group.finish();
}

criterion_group!(benches, ingest);
criterion_main!(benches);
