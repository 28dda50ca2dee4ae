//! How long questions in SQL take.
//!
//! `cargo bench -p store --bench sql` asks about 50,000 spans; `SPANS=2000000 cargo bench -p store --bench sql` about as
//! many as a run of 33 minutes has.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use detect::UnixMs;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message;
use store::{SqlLimits, Store, StoreLimits};

const NOW_MS: u64 = 1_800_000_000_000;
/// Spans of one trace: a request, and a call and a statement of four services.
const SPANS_OF_A_TRACE: u64 = 9;
const SERVICES: [&str; 5] = ["frontend", "cart", "product-catalog", "checkout", "payment"];

const QUESTIONS: [(&str, &str); 9] = [
    ("count by service", "SELECT service, count(*) FROM spans GROUP BY service"),
    (
        "p95 by operation",
        "SELECT service, name, count(*), p95(duration_ms) FROM spans GROUP BY service, name ORDER BY 4 DESC",
    ),
    ("attribute filter", "SELECT count(*), avg(duration_ms) FROM spans WHERE \"db.index_used\" = 'NONE'"),
    ("attribute groups", "SELECT \"db.index_used\", count(*) FROM spans WHERE kind = 'client' GROUP BY 1"),
    ("attributes as JSON", "SELECT count(*) FROM spans WHERE attributes ->> 'db.index_used' = 'NONE'"),
    ("trace by id", "SELECT * FROM spans WHERE trace_id = '00000000000000000000000000000007'"),
    ("slowest 50", "SELECT * FROM spans ORDER BY duration_ms DESC LIMIT 50"),
    ("errors of a minute", "SELECT * FROM spans WHERE status = 'error' AND start_unix_ms > 1799999940000 LIMIT 100"),
    (
        "rate by minute",
        "SELECT minute, traffic_type, count(*) FROM spans WHERE kind = 'server' GROUP BY minute, traffic_type",
    ),
];

fn text(key: &str, value: String) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue { value: Some(Value::StringValue(value)) }),
        ..KeyValue::default()
    }
}

fn whole(key: &str, value: u64) -> KeyValue {
    let value = Some(Value::IntValue(value.cast_signed()));
    KeyValue { key: key.into(), value: Some(AnyValue { value }), ..KeyValue::default() }
}

/// Span `n` of all, with about twelve attributes; `of` so many that end over half an hour.
fn span(n: u64, of: u64) -> (usize, Span) {
    let (trace, place) = (n / SPANS_OF_A_TRACE + 1, n % SPANS_OF_A_TRACE);
    let is_statement = place != 0 && place.is_multiple_of(2);
    let service = place.div_ceil(2) as usize;
    let scrambled = n.wrapping_mul(2_654_435_761) % 1_000_003;
    let end = NOW_MS * 1_000_000 - (of - n) * (1_800_000_000_000 / of);
    let duration_ns = 200_000 + scrambled * 800;
    let traffic = if trace.is_multiple_of(2) { "demo" } else { "baseline" };
    let mut attributes = vec![
        text("traffic.type", traffic.into()),
        text("user_agent.original", "doorbuster-load/1".into()),
        text("server.address", "127.0.0.1".into()),
        whole("server.port", 8080 + service as u64),
        text("network.protocol.version", "1.1".into()),
        text("session.id", format!("{scrambled:016x}")),
    ];
    if is_statement {
        attributes.extend([
            text("db.system.name", "postgresql".into()),
            text("db.query.text", "SELECT * FROM orders WHERE customer = $1 AND state = $2".into()),
            text("db.index_used", if trace.is_multiple_of(20) { "NONE" } else { "orders_pkey" }.into()),
            whole("db.rows_scanned", if trace.is_multiple_of(20) { 62_500 } else { 1 }),
        ]);
    } else {
        attributes.extend([
            text("http.request.method", "POST".into()),
            text("http.route", format!("/api/step/{service}")),
            whole("http.response.status_code", 200),
            text("url.scheme", "http".into()),
        ]);
    }
    let name = if is_statement { "SELECT orders".to_owned() } else { format!("POST /api/step/{service}") };
    let span = Span {
        trace_id: u128::from(trace).to_be_bytes().to_vec(),
        span_id: (n + 1).to_be_bytes().to_vec(),
        parent_span_id: if place == 0 { Vec::new() } else { n.to_be_bytes().to_vec() },
        name,
        kind: if is_statement { 3 } else { 2 },
        start_time_unix_nano: end - duration_ns,
        end_time_unix_nano: end,
        attributes,
        status: scrambled.is_multiple_of(100).then(|| Status { message: "timeout".into(), code: 2 }),
        ..Span::default()
    };
    (service, span)
}

fn filled(spans: u64) -> Store {
    let store = Store::new(StoreLimits { budget_bytes: 2 << 30 }, Default::default());
    for first in (0..spans).step_by(900) {
        let mut by_service: [Vec<Span>; SERVICES.len()] = Default::default();
        for n in first..(first + 900).min(spans) {
            let (service, span) = span(n, spans);
            by_service[service].push(span);
        }
        let resource_spans = SERVICES.iter().zip(by_service).map(|(service, spans)| ResourceSpans {
            resource: Some(Resource {
                attributes: vec![text("service.name", (*service).into())],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
            ..ResourceSpans::default()
        });
        let message = ExportTraceServiceRequest { resource_spans: resource_spans.collect() }.encode_to_vec();
        store.ingest_traces(&message, UnixMs(NOW_MS)).expect("OTLP");
    }
    store
}

fn questions(criterion: &mut Criterion) {
    let spans = std::env::var("SPANS").ok().and_then(|spans| spans.parse().ok()).unwrap_or(50_000);
    let store = filled(spans);
    let mut group = criterion.benchmark_group(format!("sql over {spans} spans"));
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let limits = SqlLimits { time: Duration::from_secs(120), memory_bytes: 1 << 30, ..SqlLimits::default() };
    for (name, question) in QUESTIONS {
        group.bench_function(name, |bencher| {
            bencher.iter(|| store.sql(black_box(question), limits).expect("an answer"));
        });
    }
    group.finish();
}

criterion_group!(benches, questions);
criterion_main!(benches);
